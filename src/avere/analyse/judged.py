"""How faithful free descriptions are as judges read them, and how far the judges agree."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from avere import files
from avere.analyse import agreement
from avere.analyse.agreement import Coder
from avere.analyse.intervals import DRAWS, SEED, Interval, draw_weights
from avere.analyse.measures import estimate_measures
from avere.analyse.runs import Run
from avere.analyse.table import build_table
from avere.answers import claims, descriptions
from avere.errors import AvereError
from avere.records import Judgement, Question, Record, Score

SHARES = tuple(f"description/{verdict}" for verdict in descriptions.VERDICTS)
SHOWN = (*SHARES, "description/recall", "description/cues", "description/unparsed")
MISSED = "description/missed"
ALL, EXACT = "all judges", "exact parser"
NAMED, MENTIONED, DENIED = 1.0, 2.0, 3.0
"""What a description says of a cue, as nominal values; 0 where it does not speak of it."""


class Reader(Record):
    """What one reader of the descriptions found."""

    read: int
    """Descriptions times repeats that it could read."""
    unread: Mapping[str, int]
    """How many it could not, by reason; they enter no share."""
    measures: Mapping[str, Interval]


class Agreement(Record):
    """Krippendorff's alpha of some readings."""

    coders: int
    cues: float | None
    """Nominal: what a description says of each cue of the clip (evidence, mentioned, denied, nothing)."""
    faithfulness: float | None
    """Interval: the share of each description's named cues that are supporting."""


class Judged(Record):
    """What came of judging the descriptions of a run under one condition."""

    model: str
    condition: str
    descriptions: int
    repeats: int
    readers: Mapping[str, Reader]
    """By judge, then all of them together, then, on EmoWorld, the exact parser."""
    agreement: Mapping[str, Agreement]
    """Of the repeats of each judge, of the judges' first readings, and of all readings."""


class _Reading(NamedTuple):
    """One judgement with the question that it is about."""

    judgement: Judgement
    question: Question
    counts: dict[str, float] | None


def measure_judged(run: Run, judgements: Sequence[Judgement], draws: int = DRAWS, seed: int = SEED) -> Judged:
    """Measure rates with intervals over clips, reader by reader, and the agreement of the readers.

    Raises:
        AvereError: there is no judgement, or agreement is wanted and its library is missing.
    """
    if not judgements:
        raise AvereError("no description was judged; give a run with descriptions to `avere judge`")
    readings = [_reading(run, one) for one in judgements]
    by_judge = _by_judge(readings)
    groups = by_judge | ({ALL: readings} if len(by_judge) > 1 else {})
    readers = {name: _reader(group, draws, seed) for name, group in groups.items()}
    exact = _exact(run, readings)
    if exact:
        readers[EXACT] = _reader(exact, draws, seed)
    return Judged(
        model=run.model,
        condition=judgements[0].condition,
        descriptions=len({one.question for one in judgements}),
        repeats=1 + max(one.repeat for one in judgements),
        readers=readers,
        agreement=_agreements(run, by_judge),
    )


def write_judged(found: Judged, path: Path) -> None:
    """Write the numbers as JSON."""
    text = json.dumps(found.model_dump(mode="json"), indent=1, ensure_ascii=False)
    files.write_text(path, text + "\n")


def _by_judge(readings: Sequence[_Reading]) -> dict[str, list[_Reading]]:
    """Group the readings by judge; two of one name are told apart by their fingerprints."""
    names = Counter(
        name for name, _ in {(one.judgement.judge, one.judgement.fingerprint) for one in readings}
    )
    found: dict[str, list[_Reading]] = {}
    for one in readings:
        name, fingerprint = one.judgement.judge, one.judgement.fingerprint
        found.setdefault(name if names[name] == 1 else f"{name} {fingerprint[:8]}", []).append(one)
    return found


def _reading(run: Run, one: Judgement) -> _Reading:
    """Count the claims of a judgement."""
    question = run.questions[one.question]
    target: Any = question.target
    known = one.claims is not None
    counts = claims.tally(one.claims or (), run.cues[question.clip], target) if known else None
    return _Reading(one, question, counts)


def _reader(readings: Sequence[_Reading], draws: int, seed: int) -> Reader:
    """Measure some readings; several of one description are so many rows of its clip."""
    read = [one for one in readings if one.counts is not None]
    reasons = Counter(one.judgement.reason or "no reason" for one in readings if one.counts is None)
    scores = [Score(key="", value=None, parts=one.counts or {}) for one in read]
    measures: dict[str, Interval] = {}
    if read:
        rows = build_table([one.question for one in read], scores)
        by_clip = draw_weights(len(rows.clips), draws, seed)
        measures = {name: estimate_measures(name, rows, by_clip) for name in SHOWN}
        measures[MISSED] = _rest(measures["description/recall"])
    return Reader(read=len(read), unread=dict(sorted(reasons.items())), measures=measures)


def _rest(share: Interval) -> Interval:
    """Take a share from a hundred.

    >>> _rest(Interval(value=60.0, low=50.0, high=80.0, n=5)).low
    20.0
    """
    sides = (share.value, share.low, share.high)
    value, low, high = (None if side is None else round(100 - side, 4) for side in sides)
    return share.model_copy(update={"value": value, "low": high, "high": low})


def _exact(run: Run, readings: Sequence[_Reading]) -> list[_Reading]:
    """Parse the judged answers with the exact parser, where the clips are EmoWorld's."""
    once = {one.question.id: one for one in readings}.values()
    if any(run.clips[one.question.clip].source != "emoworld" for one in once):
        return []
    found = []
    for one in once:
        score = run.score(one.judgement.condition, one.question.id)
        if score is not None and score.parts:
            found.append(one._replace(counts=dict(score.parts)))
    return found


def _agreements(run: Run, by_judge: Mapping[str, Sequence[_Reading]]) -> dict[str, Agreement]:
    """Measure the agreement of every group with two readings of the same descriptions or more."""
    sittings = {name: _sittings(readings) for name, readings in by_judge.items()}
    groups = {f"repeats of {name}": own for name, own in sittings.items()}
    groups["judges, first readings"] = [own[0] for own in sittings.values()]
    if all(len(own) > 1 for own in groups.values()):
        groups["all readings"] = [one for own in sittings.values() for one in own]
    return {name: _agreement(run, group) for name, group in groups.items() if len(group) > 1}


def _sittings(readings: Sequence[_Reading]) -> list[list[_Reading]]:
    """Group a judge's readings, one list a repeat."""
    found: dict[int, list[_Reading]] = {}
    for one in readings:
        found.setdefault(one.judgement.repeat, []).append(one)
    return [found[repeat] for repeat in sorted(found)]


def _agreement(run: Run, coders: Sequence[Sequence[_Reading]]) -> Agreement:
    return Agreement(
        coders=len(coders),
        cues=agreement.alpha([_of_cues(run, readings) for readings in coders], "nominal"),
        faithfulness=agreement.alpha([_of_descriptions(readings) for readings in coders], "interval"),
    )


def _of_cues(run: Run, readings: Sequence[_Reading]) -> Coder:
    """Code the place of each cue of a clip in its description, by question and cue."""
    found: dict[str, float] = {}
    for one in readings:
        if one.judgement.claims is None:
            continue
        values = {cue.name: 0.0 for cue in claims.listed(run.cues[one.question.clip])}
        for claim in one.judgement.claims:
            if claim.cue is not None:
                value = {"mentioned": MENTIONED, "denied": DENIED}.get(claim.verdict, NAMED)
                values[claim.cue] = NAMED if NAMED in {value, values[claim.cue]} else value
        found |= {f"{one.question.id} {name}": value for name, value in values.items()}
    return found


def _of_descriptions(readings: Sequence[_Reading]) -> Coder:
    """Compute the share of named cues that are supporting, by question; none where none is named."""
    return {
        one.question.id: one.counts["supporting"] / one.counts["named"]
        for one in readings
        if one.counts and one.counts["named"]
    }
