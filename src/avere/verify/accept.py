"""The verified benchmark and pairs: what people accepted, what they did not and why, and the card."""

import shutil
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from math import sqrt
from pathlib import Path
from typing import NamedTuple

import jinja2

from avere import files
from avere.analyse.effects import detectable_difference
from avere.analyse.intervals import FEWEST_CLIPS, LEVEL, Interval, count_clips, draw_weights, round_number
from avere.analyse.people import ALL, PEOPLE, HumanAccuracy
from avere.annotate.decisions import Decided
from avere.construct import card
from avere.errors import AvereError
from avere.records import Clip, Cue, PreferencePair, Question, Verdict, jsonl
from avere.verify.agreement_over_clips import estimate_alpha
from avere.verify.import_verdicts import read_participants, read_verdicts
from avere.verify.items import CUE_TASK, PAIR_TASK
from avere.verify.project import CUES, PAIRS, PRIVATE, Project, read_clips, read_project
from avere.verify.rule import AcceptanceRule, ItemDecision, choose_people, decide_item, group_verdicts

DECIDED, DECISIONS, SETTLE, WAITING = "decided.jsonl", "decisions.jsonl", "adjudicate", "waiting"
DIFFERING = 0.2
"""Share of the questions that two runs are taken to answer differently, in what is told of power."""


class Accepted(NamedTuple):
    """What came of an acceptance."""

    folder: Path
    decisions: list[ItemDecision]
    people: dict[str, int]
    """By why they do not count; ``counted`` for the others."""
    accuracies: list[HumanAccuracy]
    agreement: Interval


def accept_items(folder: Path, out: Path, rule: AcceptanceRule, adjudicated: Sequence[Path] = ()) -> Accepted:
    """Write what people accepted to a new folder that ``avere evaluate`` and ``avere train`` take.

    Args:
        folder: the project, after an import.
        out: for ``questions.jsonl``, ``pairs.jsonl``, ``clips.jsonl``, ``cues.jsonl``, what was decided, the
            questions to be settled or still waiting, and the card.
        rule: of acceptance.
        adjudicated: projects, after their imports, in which ties were settled.

    Raises:
        AvereError: a folder holds no project or no results, or ``out`` holds other questions.
    """
    if (out / "questions.jsonl").exists() and not (out / DECIDED).exists():
        raise AvereError(f"'{out}' holds questions that this would replace; give another --out")
    project = read_project(folder)
    items = {one.question.id: one.question for one in project.of_role("question")}
    counted, grouped = _read_verdicts(folder, rule)
    settling: defaultdict[str, list[Verdict]] = defaultdict(list)
    for place in adjudicated:
        for name, said in _read_verdicts(place, rule)[1].items():
            settling[name].extend(said)
    decisions = [
        decide_item(question, grouped.get(name, []), rule, settling.get(name, ()))
        for name, question in items.items()
    ]
    decided = {one.id: one for one in decisions}
    made = Accepted(
        folder=out,
        decisions=decisions,
        people=dict(Counter(why or "counted" for why in counted.values()).most_common()),
        accuracies=_measure_people(items, grouped, decided),
        agreement=estimate_alpha([one for said in grouped.values() for one in said], items),
    )
    _write(project, made, items, rule)
    return made


def _read_verdicts(
    folder: Path, rule: AcceptanceRule
) -> tuple[dict[str, str | None], dict[str, list[Verdict]]]:
    """Read who counts and what they said of each question."""
    verdicts = read_verdicts(folder)
    counted = choose_people(read_participants(folder).values(), rule)
    return counted, group_verdicts(verdicts, counted)


def _measure_people(
    items: dict[str, Question], grouped: dict[str, list[Verdict]], decided: dict[str, ItemDecision]
) -> list[HumanAccuracy]:
    """Measure people by task, and over all tasks."""
    tasks: defaultdict[str, list[str]] = defaultdict(list)
    for name, question in items.items():
        if decided[name].outcome != "waiting":
            tasks[question.task].append(name)
    every = [name for ids in tasks.values() for name in ids]
    rows = {**dict(sorted(tasks.items())), **({ALL: every} if len(tasks) > 1 else {})}
    return [_accuracy(task, ids, items, grouped, decided) for task, ids in rows.items()]


def _accuracy(
    task: str,
    ids: list[str],
    items: dict[str, Question],
    grouped: dict[str, list[Verdict]],
    decided: dict[str, ItemDecision],
) -> HumanAccuracy:
    kept = [name for name in ids if decided[name].outcome == "accepted"]
    clips = {items[name].clip for name in kept}
    least = detectable_difference(100 * sqrt(DIFFERING / len(kept))) if kept else None
    return HumanAccuracy(
        task=task,
        asked=estimate_accuracy([(items[name], grouped.get(name, [])) for name in ids]),
        accepted=estimate_accuracy([(items[name], grouped.get(name, [])) for name in kept]),
        questions=len(kept),
        clips=len(clips),
        detectable=None if least is None or least > 100 else round_number(least),
    )


def estimate_accuracy(said: Iterable[tuple[Question, Sequence[Verdict]]]) -> Interval:
    """Estimate the share of right answers in percent, every answer alike, with an interval over clips."""
    right: defaultdict[str, int] = defaultdict(int)
    total: defaultdict[str, int] = defaultdict(int)
    for question, verdicts in said:
        right[question.clip] += sum(one.answer == question.answer for one in verdicts)
        total[question.clip] += len(verdicts)
    clips = [clip for clip in sorted(total) if total[clip]]
    size = sum(total.values())
    if not size:
        return Interval(value=None, low=None, high=None, n=0, reason="nothing to measure")
    value = round_number(100 * sum(right.values()) / size)
    if len(clips) < FEWEST_CLIPS:
        return Interval(value=value, low=None, high=None, n=size, reason=f"only {count_clips(len(clips))}")
    weights = draw_weights(len(clips))[1:]
    drawn = 100 * (weights @ [right[clip] for clip in clips]) / (weights @ [total[clip] for clip in clips])
    low, high = _percentiles(drawn)
    return Interval(value=value, low=low, high=high, n=size)


def _percentiles(drawn: object) -> tuple[float, float]:
    import numpy as np

    low, high = np.percentile(np.asarray(drawn), (50 - LEVEL / 2, 50 + LEVEL / 2))
    return round_number(low), round_number(high)


def _write(project: Project, made: Accepted, items: dict[str, Question], rule: AcceptanceRule) -> None:
    """Write everything; the card last."""
    out, clips = made.folder, read_clips(project)
    chosen: dict[str, set[str]] = defaultdict(set)
    for one in made.decisions:
        chosen[one.outcome].add(one.id)
    _write_benchmark(project, out, items, chosen["accepted"], clips)
    for outcome, folder in (("adjudicate", SETTLE), ("waiting", WAITING)):
        rest = [items[name] for name in items if name in chosen[outcome]]
        if rest:
            jsonl.write(out / folder / "questions.jsonl", rest)
            jsonl.write(out / folder / "clips.jsonl", _of_clips(clips, rest))
        elif (out / folder).exists():
            # Of an earlier acceptance, when fewer people had answered.
            shutil.rmtree(out / folder)
    jsonl.write(out / DECIDED, made.decisions)
    cues = [one for one in made.decisions if one.task == CUE_TASK and one.outcome in ("accepted", "dropped")]
    if cues:
        lines = (
            Decided(id=one.id, verdict="keep" if one.outcome == "accepted" else "drop", by="people")
            for one in cues
        )
        jsonl.write(out / DECISIONS, lines)
    jsonl.write(out / PEOPLE, made.accuracies)
    files.write_text(out / card.FILE, card.render(card.gather(out)) + "\n" + render_card(made, rule))


def _write_benchmark(
    project: Project, out: Path, items: dict[str, Question], accepted: set[str], clips: dict[str, Clip]
) -> None:
    """Write the accepted questions and pairs with their clips and known cues."""
    private = project.folder / PRIVATE
    asked = [items[name] for name in items if name in accepted]
    questions = [one for one in asked if one.task not in (CUE_TASK, PAIR_TASK)]
    if questions or not asked:
        jsonl.write(out / "questions.jsonl", questions)
    if (private / PAIRS).exists():
        pairs = [one for one in jsonl.read(private / PAIRS, PreferencePair) if one.id in accepted]
        jsonl.write(out / "pairs.jsonl", pairs)
        named = {name for one in pairs for name in (one.corruption.audio, one.corruption.video) if name}
        replacing = {one.clip for one in named if one.clip is not None}
        asked_clips = {one.clip for one in asked} | replacing
    else:
        asked_clips = {one.clip for one in asked}
    jsonl.write(out / "clips.jsonl", (clip for name, clip in clips.items() if name in asked_clips))
    if (private / CUES).exists():
        known = (cue for cue in jsonl.read(private / CUES, Cue) if cue.clip in asked_clips)
        jsonl.write(out / "cues.jsonl", known)


def _of_clips(clips: dict[str, Clip], questions: Iterable[Question]) -> list[Clip]:
    wanted = {one.clip for one in questions}
    return [clip for name, clip in clips.items() if name in wanted]


def render_card(made: Accepted, rule: AcceptanceRule) -> str:
    """Render what the card says of the people; no word of it is markup."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=False,
        finalize=card.plain,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    groups: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for one in made.decisions:
        groups[" ".join(filter(None, (one.task, one.kind)))][one.outcome] += 1
    reasons = Counter(one.reason for one in made.decisions if one.outcome == "dropped" and one.reason)
    return environment.get_template("verified.md.j2").render(
        groups=dict(sorted(groups.items())),
        outcomes=Counter(one.outcome for one in made.decisions),
        reasons=dict(reasons.most_common()),
        settled=sum(one.settled for one in made.decisions),
        people=made.people,
        agreement=made.agreement,
        accuracies=made.accuracies,
        rule=rule,
        differing=DIFFERING,
    )
