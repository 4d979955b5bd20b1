"""What validation and filters are worth when annotators err: measured on EmoWorld, where the truth is known.

    python -m performance.noisy_annotators --clips 200 --seeds 3

No media are rendered: the annotators are scripted and answer from what they perceive of a clip, a tenth of it
wrongly. ``shared`` is how often the second one perceives a cue as the first one does, right or wrong.
"""

import argparse
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from tests.oracles.truth import is_true, under

from avere.annotate.run import Team, construct_from_clips
from avere.construct import lexicon
from avere.construct.facts import ClipFacts, gather_facts
from avere.construct.recipe import Annotation, ConstructionRecipe, Filters, Questions
from avere.models import scripted_annotator
from avere.models._noise import Errors
from avere.records import Clip, Cue, PreferencePair, Question, jsonl
from avere.world import plan
from avere.world.cues import ADJECTIVES

SHARED = (0.0, 0.5, 0.9)
ASKED = Questions(shares="halves", cross_modal=True)
UNCHECKED = ConstructionRecipe(
    annotation=Annotation(conflicts="keep", neither="keep"),
    questions=ASKED,
    filters=Filters(duplicates=False, leaks=False, words=9.0, blind=False, balance=False),
)
"""The annotator confirms itself, and nothing is left out."""
CHECKED = ConstructionRecipe(questions=ASKED)


class World(NamedTuple):
    clips: list[Clip]
    cues: list[Cue]


class Quality(NamedTuple):
    """What a construction is worth, held against the truth."""

    cues: int
    wrong_cues: int
    items: Counter[str]
    wrong: Counter[str]
    """Of the items, by kind."""
    warned: int

    @property
    def right(self) -> int:
        return self.items.total() - self.wrong.total()


def world(count: int, split: plan.Split, seed: int) -> World:
    plans = [plan.draw_plan(index, split=split, seed=seed, identities=20) for index in range(count)]
    return World([plan.clip_of(one) for one in plans], [cue for one in plans for cue in plan.cues_of(one)])


def quality(out: Path, truth: World, warned: int = 0) -> Quality:
    """Return the worth of what stands in a folder."""
    facts = gather_facts(truth.clips, truth.cues)
    items = [(kind(q), right(q, facts)) for q in jsonl.read(out / "questions.jsonl", Question)]
    items += [
        (f"pair {p.target}", faithful(p, facts)) for p in jsonl.read(out / "pairs.jsonl", PreferencePair)
    ]
    there = {(c.clip, c.modality, c.name): c.bearer for c in truth.cues if c.present}
    cues = list(jsonl.read(out / "cues.jsonl", Cue))
    wrong = sum(
        there.get((c.clip, c.modality, c.name)) != (c.bearer if c.present else None) for c in cues if used(c)
    )
    return Quality(
        cues=sum(map(used, cues)),
        wrong_cues=wrong,
        items=Counter(name for name, _ in items),
        wrong=Counter(name for name, true in items if not true),
        warned=warned,
    )


def used(cue: Cue) -> bool:
    """Check that a cue is said to be there; the absent ones outnumber these and are mostly easy."""
    return cue.present


def kind(question: Question) -> str:
    task = question.task.replace("reasoning_", "").replace("modality_", "")
    return f"{task} {question.kind or ''}".strip()


def right(question: Question, facts: Mapping[str, ClipFacts]) -> bool:
    """Check that the answer of a question is the true one, and its premise holds."""
    fact = facts[question.clip]
    if question.task == "modality_agreement":
        return (question.answer == 0) is fact.agree
    side = fact.video if question.target == "video" else fact.audio
    if question.cue is None and question.choices:
        return question.choices[question.answer or 0] == ADJECTIVES[side.emotion]
    if question.cue is None:
        return {lexicon.name_cue(text, side.modality) for text in question.references} == set(side.supporting)
    if question.task.startswith("reasoning_basic"):
        own = {wording for name in side.supporting for wording in side.kind(name).wordings}
        return [number for number, text in enumerate(question.choices) if text in own] == [question.answer]
    if question.kind == "plain":
        return question.cue.name in side.plain
    true = question.cue.name in side.supporting and question.cue.evidence_of == side.emotion
    premise = question.kind != "displaced" or question.cue.name in side.displaced
    return premise and (question.answer == 0) is true


def faithful(pair: PreferencePair, facts: Mapping[str, ClipFacts]) -> bool:
    """Check that the chosen answer is true and the rejected ones are not."""
    real = under(pair, (), facts)
    rejected = [text for text in (pair.spurious, pair.hallucinated) if text is not None]
    return is_true(pair.prompt, pair.chosen, real) and not any(
        is_true(pair.prompt, t, real) for t in rejected
    )


def measure(truth: World, rate: float, shared: float, seed: int, place: Path) -> tuple[Quality, Quality]:
    """Return the worth of what one annotator makes alone, and of what a second one and filters leave."""
    jsonl.write(place / "clips.jsonl", truth.clips)
    first = scripted_annotator.make(*truth, Errors(rate, 0.0, seed), "first")
    second = scripted_annotator.make(*truth, Errors(rate, shared, seed, second=True), "second")
    alone = construct_from_clips(place, place / "alone", UNCHECKED, Team(first, (first,)))
    both = construct_from_clips(place, place / "both", CHECKED, Team(first, (second,)))
    shared_errors = [len([w for w in made.warnings if "share errors" in w]) for made in (alone, both)]
    before, after = (
        quality(place / name, truth, n) for name, n in zip(("alone", "both"), shared_errors, strict=True)
    )
    return before, after


def total(qualities: Iterable[Quality]) -> Quality:
    """Return several constructions as one."""
    found = list(qualities)
    return Quality(
        cues=sum(one.cues for one in found),
        wrong_cues=sum(one.wrong_cues for one in found),
        items=sum((one.items for one in found), Counter()),
        wrong=sum((one.wrong for one in found), Counter()),
        warned=sum(one.warned for one in found),
    )


def rows(before: Quality, after: Quality) -> Iterator[str]:
    """Yield the lines of a table by kind."""
    for name in sorted(before.items):
        counts = (before.items[name], before.wrong[name], after.items[name], after.wrong[name])
        yield f"| {name} | {' | '.join(map(str, counts))} |"


def summary(before: Quality, after: Quality) -> str:
    """Return one line of a table over all kinds."""
    wrong = f"{before.wrong_cues / before.cues:.1%} | {after.wrong_cues / max(1, after.cues):.1%}"
    items = (
        f"{before.wrong.total() / before.items.total():.1%} | {after.wrong.total() / after.items.total():.1%}"
    )
    gone = 1 - after.wrong.total() / before.wrong.total()
    return f"{wrong} | {items} | {gone:.0%} | {1 - after.right / before.right:.0%}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--clips", type=int, default=200)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--errors", type=float, default=0.1)
    parser.add_argument("--split", choices=("balanced", "biased"), default="balanced")
    given = parser.parse_args()
    tables = []
    print(
        "| shared | wrong cues before | after | wrong items before | after "
        "| errors gone | right items lost | warned |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for shared in SHARED:
        pairs = []
        for seed in range(given.seeds):
            with tempfile.TemporaryDirectory() as place:
                truth = world(given.clips, given.split, 100 + seed)
                pairs.append(measure(truth, given.errors, shared, seed, Path(place)))
        before, after = (total(side) for side in zip(*pairs, strict=True))
        print(f"| {shared} | {summary(before, after)} | {after.warned} of {given.seeds} |", flush=True)
        tables.append((shared, before, after))
    for shared, before, after in tables:
        print(f"\nshared {shared}:\n\n| kind | before | wrong | after | wrong |\n|---|---|---|---|---|")
        print("\n".join(rows(before, after)))


if __name__ == "__main__":
    main()
