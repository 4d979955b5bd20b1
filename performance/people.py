"""Scripted people before questions of EmoWorld: what the rule of acceptance keeps and what it loses.

``python performance/people.py`` prints two tables. Of 4,000 questions, a share names a wrong answer; the
truth is known. Each row is one crowd, judged by the shipped rule: how many wrong labels are among the
accepted questions, how many good questions were lost, and how many people did not count. The second table
says how many people a question are needed for 1 % wrong labels, and how many questions are then accepted.
``--scale`` instead times export and import of 4,000 questions with 471 people.

A scripted person gives the true answer with a known accuracy; else, half of the times each, another answer
or "cannot tell". Lazy people answer at random, colluding ones agree on one wrong answer a question, absent
ones answer nothing.
"""

import argparse
import json
import resource
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, NamedTuple, get_args

import numpy as np

from avere.answers.strict import name_letter
from avere.construct.questions import questions
from avere.construct.recipe import Questions
from avere.recipes import locate_recipe
from avere.records import Clip, Question, Target, Verdict, jsonl
from avere.settings import read
from avere.verify.import_verdicts import Participant, import_verdicts
from avere.verify.items import Items
from avere.verify.potato_project import export_potato
from avere.verify.potato_settings import ProjectPlan
from avere.verify.project import CANNOT_TELL, SERVED, Project, ShownItem, read_project
from avere.verify.rule import AcceptanceRule, choose_people, decide_item, group_verdicts
from avere.verify.showing import Showcase
from avere.verify.status import read_status
from avere.world.make import make_world
from avere.world.plan import clip_of, cues_of, draw_plan

Kind = Literal["honest", "lazy", "colluding", "absent"]
SECONDS, FAST = 12.0, 1.0
GOLD = 4
EACH, BEFORE, WANTED_SHARE = (1, 2, 3, 5, 7), (0.05, 0.1, 0.2), 1.0
"""People a question, shares of wrong labels before anybody looks, and the percentage that may be left."""


class Scripted(NamedTuple):
    """One scripted person."""

    kind: Kind
    accuracy: float


class Crowd(NamedTuple):
    """A crowd by the shares of its kinds, honest people of one mean accuracy and spread."""

    name: str
    accuracy: tuple[float, float]
    lazy: float = 0.0
    colluding: float = 0.0
    absent: float = 0.0

    def draw(self, size: int, random: np.random.Generator) -> list[Scripted]:
        """Draw so many people."""
        counts = [round(size * share) for share in (self.lazy, self.colluding, self.absent)]
        names: tuple[Kind, ...] = ("lazy", "colluding", "absent")
        kinds = [kind for kind, count in zip(names, counts, strict=True) for _ in range(count)]
        kinds += ["honest"] * (size - len(kinds))
        return [Scripted(kind, float(random.uniform(*self.accuracy))) for kind in kinds]


class Outcome(NamedTuple):
    """What a rule made of a crowd."""

    accepted: int
    wrong: int
    """Accepted questions that name a wrong answer."""
    lost: int
    """Good questions that were dropped."""
    open: int
    """Questions without a majority or with too few answers."""
    excluded: int


CROWDS = (
    Crowd("all 100 %", (1.0, 1.0)),
    Crowd("all 90 %", (0.9, 0.9)),
    Crowd("all 80 %", (0.8, 0.8)),
    Crowd("all 70 %", (0.7, 0.7)),
    Crowd("70 to 100 %", (0.7, 1.0)),
    Crowd("70 to 100 %, 20 % lazy", (0.7, 1.0), lazy=0.2),
    Crowd("70 to 100 %, 20 % colluding", (0.7, 1.0), colluding=0.2),
    Crowd("70 to 100 %, 30 % absent", (0.7, 1.0), absent=0.3),
    Crowd("70 to 100 %, 10 % of each", (0.7, 1.0), lazy=0.1, colluding=0.1, absent=0.1),
)


@cache
def draw_questions(count: int, seed: int) -> tuple[list[Question], list[Clip]]:
    """Draw closed questions of EmoWorld, balanced, without rendering anything."""
    plans = [draw_plan(index, split="balanced", seed=seed, identities=60) for index in range(count // 6 + 8)]
    clips, cues = [clip_of(plan) for plan in plans], [cue for plan in plans for cue in cues_of(plan)]
    asked = questions(clips, cues, Questions(plain=0, descriptions=False, words=False), seed)
    return asked[:count], clips


def spoil_answers(asked: Sequence[Question], share: float, random: np.random.Generator) -> list[Question]:
    """Let a share of the questions name a wrong answer."""
    wrong = set(random.choice(len(asked), round(share * len(asked)), replace=False).tolist())
    return [
        one.model_copy(update={"answer": other_answer(one, random)}) if place in wrong else one
        for place, one in enumerate(asked)
    ]


def other_answer(question: Question, random: np.random.Generator) -> int:
    """Draw an answer that is not the one that a question names."""
    others = [index for index in range(len(question.choices)) if index != question.answer]
    return int(random.choice(others))


def answer_question(person: Scripted, truth: Question, random: np.random.Generator) -> int | None:
    """Answer as a scripted person does; None: cannot tell."""
    if person.kind == "lazy":
        return int(random.integers(len(truth.choices)))
    if person.kind == "colluding":
        return (int(truth.answer or 0) + 1) % len(truth.choices)
    if random.random() < person.accuracy:
        return truth.answer
    return other_answer(truth, random) if random.random() < 0.5 else None


def ask_crowd(
    truth: Sequence[Question], people: Sequence[Scripted], each: int, random: np.random.Generator
) -> tuple[list[Verdict], list[Participant]]:
    """Ask a crowd: so many people, drawn at random, are asked each question; the absent say nothing."""
    present = [place for place, one in enumerate(people) if one.kind != "absent"]
    verdicts = []
    for question in truth:
        for place in random.choice(len(people), min(each, len(people)), replace=False):
            if people[place].kind != "absent":
                answer = answer_question(people[place], question, random)
                verdicts.append(
                    Verdict(question=question.id, person=f"p{place}", keep=True, answer=answer, at="")
                )
    told = Counter(one.person for one in verdicts)
    return verdicts, [
        Participant(
            person=f"p{place}",
            answered=told[f"p{place}"],
            unfinished=0,
            gold_answered=GOLD,
            gold_right=sum(
                answer_question(people[place], truth[n], random) == truth[n].answer for n in range(GOLD)
            ),
            seconds=SECONDS,
        )
        for place in present
    ]


def judge_crowd(
    crowd: Crowd, each: int, rule: AcceptanceRule, *, size: int = 471, count: int = 4000, wrong: float = 0.05
) -> Outcome:
    """Judge the questions that a crowd answered and compare with the truth."""
    random = np.random.default_rng([19, each])
    truth, _ = draw_questions(count, 1)
    labelled = spoil_answers(truth, wrong, random)
    verdicts, reports = ask_crowd(truth, crowd.draw(size, random), each, random)
    counted = choose_people(reports, rule)
    grouped = group_verdicts(verdicts, counted)
    outcomes = [decide_item(one, grouped.get(one.id, []), rule).outcome for one in labelled]
    good = [one.answer == true.answer for one, true in zip(labelled, truth, strict=True)]
    pairs = list(zip(outcomes, good, strict=True))
    return Outcome(
        accepted=outcomes.count("accepted"),
        wrong=pairs.count(("accepted", False)),
        lost=pairs.count(("dropped", True)),
        open=outcomes.count("adjudicate") + outcomes.count("waiting"),
        excluded=sum(why is not None for why in counted.values()),
    )


def shipped_rule(**changes: Any) -> AcceptanceRule:
    """Read the shipped rule, with changes."""
    given = [f"{name}={value}" for name, value in changes.items()]
    return read(locate_recipe("acceptance"), AcceptanceRule, given)


def write_states(
    project: Project, answer: Callable[[str, ShownItem], tuple[int | None, float]], each: int, seed: int
) -> int:
    """Write what Potato would have stored; count the answers.

    Args:
        project: an export.
        answer: from a token and an item to the index of a choice, or None, and the seconds that it took.
        each: people an item, drawn at random.
        seed: of the draw.
    """
    random = np.random.default_rng(seed)
    tokens = list(project.people)
    lots: dict[str, list[ShownItem]] = {token: [] for token in tokens}
    for item in project.items.values():
        if item.role != "training":
            for place in random.choice(len(tokens), min(each, len(tokens)), replace=False):
                lots[tokens[place]].append(item)
    output = project.folder / SERVED / "annotation_output"
    for number, (token, items) in enumerate(lots.items()):
        said = {item.id: answer(token, item) for item in items}
        file = output / token / "user_state.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        state = make_state(token, {item.id: item for item in items}, said, 1.7e9 + 1000 * number)
        file.write_text(json.dumps(state), encoding="utf-8")
    return sum(map(len, lots.values()))


def make_state(
    token: str, items: Mapping[str, ShownItem], said: Mapping[str, tuple[int | None, float]], begun: float
) -> dict[str, Any]:
    """Make the state of one person, in the form of Potato 2.12.1."""
    labels, behaviour = {}, {}
    for number, (name, (choice, seconds)) in enumerate(said.items()):
        letter = CANNOT_TELL if choice is None else name_letter(items[name].order.index(choice))
        labels[name] = [
            [{"schema": "plays", "name": "text_box"}, "1"],
            [{"schema": "answer", "name": letter}, letter],
            [{"schema": "keep", "name": "keep"}, "keep"],
        ]
        changes = [{"timestamp": begun + number, "schema_name": "answer"}]
        behaviour[name] = {"total_time_ms": round(1000 * seconds), "annotation_changes": changes}
    return {
        "user_id": token,
        "instance_id_to_label_to_value": labels,
        "instance_id_to_behavioral_data": behaviour,
        "training_state": {"passed": True, "failed": False},
    }


def show_crowds() -> None:
    """Print both tables."""
    rule = shipped_rule()
    print("| crowd | asked | accepted | wrong among them | good ones dropped | open | people left out |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for crowd, each in product(CROWDS, (3, 5)):
        one = judge_crowd(crowd, each, rule)
        share = 100 * one.wrong / max(1, one.accepted)
        print(
            f"| {crowd.name} | {each} | {one.accepted} | {share:.2f} % | {one.lost} | {one.open} "
            f"| {one.excluded} |"
        )
    print("\n| crowd | " + " | ".join(f"{100 * wrong:.0f} % wrong before" for wrong in BEFORE) + " |")
    print("|---|" + "---|" * len(BEFORE))
    for crowd in CROWDS:
        print(f"| {crowd.name} | " + " | ".join(find_needed(crowd, wrong) for wrong in BEFORE) + " |")


def find_needed(crowd: Crowd, wrong: float) -> str:
    """Find how many people a question leave at most 1 % wrong labels."""
    for each in EACH:
        one = judge_crowd(crowd, each, shipped_rule(min_people=min(each, 3)), wrong=wrong)
        share = 100 * one.wrong / max(1, one.accepted)
        if share <= WANTED_SHARE:
            return f"{each}: {share:.2f} % of {one.accepted}"
    return f"more than {EACH[-1]}"


def time_scale(count: int, people: int) -> None:
    """Print time and memory of export, import and status at size; the clips are 40, so media take little."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        few = list(jsonl.read(make_world(40, "balanced", 1, folder / "world", 20, workers=1), Clip))
        asked, _ = draw_questions(count, 1)
        asked = [one.model_copy(update={"clip": few[place % len(few)].id}) for place, one in enumerate(asked)]
        items = Items({one.id: one for one in asked}, {clip.id: clip for clip in few}, [], [], Counter())
        out = folder / "people"
        showcase = Showcase(folder / "media")
        pairs = [(clip, target) for clip in few for target in get_args(Target)]
        told(f"{len(pairs)} media", lambda: [showcase.place(clip, target) for clip, target in pairs])
        told("export", lambda: export_potato(items, out, ProjectPlan(people=people)))
        project = read_project(out)
        total = write_states(project, lambda _, item: (item.question.answer, SECONDS), 3, 0)
        size = sum(file.stat().st_size for file in (out / SERVED).rglob("*") if file.is_file())
        print(f"{len(project.items)} items, {total} answers, {size / 1e6:.0f} MB")
        told("import", lambda: import_verdicts(out))
        told("import again", lambda: import_verdicts(out))
        told("status", lambda: read_status(out))
        shutil.rmtree(out)


def told(name: str, work: Callable[[], Any]) -> None:
    """Print the time of some work and the largest memory so far."""
    begun = time.perf_counter()
    work()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{name}: {time.perf_counter() - begun:.1f} s, {memory:.0f} MB at most so far")


def main() -> int:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", nargs=2, type=int, metavar=("QUESTIONS", "PEOPLE"))
    chosen = parser.parse_args()
    if chosen.scale:
        time_scale(*chosen.scale)
    else:
        show_crowds()
    return 0


if __name__ == "__main__":
    sys.exit(main())
