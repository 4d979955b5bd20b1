"""Emotion-wheel F1 of open-vocabulary labels (OV-MERD; MER2024 and MER2025): sets of words compared by wheel.

How labels are taken from prose is no part of this measure: the published road asks a language model at
temperature 0.7 for them, so that its score differs from run to run; this one does not.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from avere.answers.wheels import Rule, Wheels, group_words, ring_of
from avere.errors import AvereError


class Grouped(NamedTuple):
    """Scores in percent on one wheel at one level."""

    wheel: int
    level: int
    precision: float | None
    recall: float | None
    f1: float | None
    n: int
    """Samples that have a right word on the wheel; the others are skipped, as published."""
    skipped: int
    deleted: int
    """Answered words that are not on the wheel and count for nothing, as published."""


class WheelScores(NamedTuple):
    """Mean F1 over the wheels, in percent; None where it does not exist on one of them."""

    level1: float | None
    """Words grouped by the innermost ring; S1."""
    level2: float | None
    """Outer words grouped by the middle ring; S2 under the rule of MER2025."""
    mean: float | None
    """Mean of both; the score of MER2025 under its rule."""
    parts: tuple[Grouped, ...]


def wheel_scores(
    truth: Sequence[Collection[str]],
    said: Sequence[Collection[str]],
    wheels: Wheels,
    rule: Rule = "own",
) -> WheelScores:
    """Score how well sets of emotion words were found, grouped by a rule of `avere.answers.wheels`.

    Of a sample with right groups Y and answered groups Z, precision is |Y and Z| / |Z| (0 of nothing) and
    recall |Y and Z| / |Y|. Both are averaged over samples, F1 is the harmonic mean of the averages, and the
    score is the mean of F1 over the wheels. What is answered beyond Y costs precision.

    Raises:
        AvereError: there is not one answer a sample.
    """
    if len(truth) != len(said):
        raise AvereError(f"{len(truth)} sets of right words but {len(said)} answers; give one a sample")
    parts = tuple(
        _grouped((truth, said), wheels, (number, level), rule)
        for level in (1, 2)
        for number in range(1, len(wheels.wheels) + 1)
    )
    level1, level2 = (_mean([part.f1 for part in parts if part.level == level]) for level in (1, 2))
    return WheelScores(level1, level2, _mean([level1, level2]), parts)


def _grouped(
    pairs: tuple[Sequence[Collection[str]], Sequence[Collection[str]]],
    wheels: Wheels,
    place: tuple[int, int],
    rule: Rule,
) -> Grouped:
    """Score on one wheel at one level."""
    number, level = place
    ring = ring_of(wheels.wheels[number - 1], level, rule)
    precisions, recalls, deleted = [], [], 0
    for right_words, words in zip(*pairs, strict=True):
        right, (found, strangers) = (
            group_words(right_words, wheels, ring)[0],
            group_words(words, wheels, ring),
        )
        deleted += strangers
        if right:
            hits = len(right & found)
            precisions.append(hits / len(found) if found else 0.0)
            recalls.append(hits / len(right))
    n = len(recalls)
    counts = (n, len(pairs[0]) - n, deleted)
    if not n:
        return Grouped(number, level, None, None, None, *counts)
    precision, recall = 100 * sum(precisions) / n, 100 * sum(recalls) / n
    total = precision + recall
    f1 = 2 * precision * recall / total if total else 0.0
    return Grouped(number, level, precision, recall, f1, *counts)


def _mean(values: Sequence[float | None]) -> float | None:
    """Average values, to None where one of them does not exist."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known and len(known) == len(values) else None
