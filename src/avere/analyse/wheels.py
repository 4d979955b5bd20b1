"""Emotion-wheel F1 of open-vocabulary labels (OV-MERD; MER2024 and MER2025): sets of words compared by wheel.

The tables are the user's: word forms, synonyms and wheels come with the data set, under its own agreement.
How labels are taken from prose is no part of this measure: the published road asks a language model at
temperature 0.7 for them, so that its score differs from run to run; this one does not.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from pydantic import field_validator

from avere.errors import AvereError
from avere.settings import Settings

Ring = Mapping[str, str]
"""The word of a ring that stands for each word of a wheel."""
Wheel = Mapping[str, Mapping[str, tuple[str, ...]]]
"""Inner word, then middle words, then their outer words."""


class Wheels(Settings):
    """The tables by which words are grouped, as one YAML file holds them."""

    forms: Mapping[str, str] = {}
    """Word form to base word: "happier" to "happy"."""
    synonyms: Mapping[str, str] = {}
    """Base word to a word that stands in the wheels: "glad" to "happy"."""
    wheels: tuple[Wheel, ...]

    @field_validator("forms", "synonyms")
    @classmethod
    def _any_case(cls, table: Mapping[str, str]) -> Mapping[str, str]:
        return {_folded(word): _folded(other) for word, other in table.items()}

    @field_validator("wheels")
    @classmethod
    def _unambiguous(cls, wheels: tuple[Wheel, ...]) -> tuple[Wheel, ...]:
        if not wheels:
            raise ValueError("name at least one wheel")
        for number, wheel in enumerate(wheels, start=1):
            for level in (1, 2):
                _ring(wheel, level, f"wheel {number}")
        return wheels


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
    """Outer words grouped by the middle ring; S2."""
    mean: float | None
    """Mean of both, the score of MER2025."""
    parts: tuple[Grouped, ...]


def wheel_scores(
    truth: Sequence[Collection[str]], said: Sequence[Collection[str]], wheels: Wheels
) -> WheelScores:
    """Return how well sets of emotion words were found.

    Of a sample with right groups Y and answered groups Z, precision is |Y and Z| / |Z| (0 of nothing) and
    recall |Y and Z| / |Y|. Both are averaged over samples, F1 is the harmonic mean of the averages, and the
    score is the mean of F1 over the wheels. What is answered beyond Y costs precision.

    Raises:
        AvereError: there is not one answer a sample.
    """
    if len(truth) != len(said):
        raise AvereError(f"{len(truth)} sets of right words but {len(said)} answers; give one a sample")
    parts = tuple(
        _grouped((truth, said), wheels, number, level)
        for level in (1, 2)
        for number in range(1, len(wheels.wheels) + 1)
    )
    level1, level2 = (_mean([part.f1 for part in parts if part.level == level]) for level in (1, 2))
    return WheelScores(level1, level2, _mean([level1, level2]), parts)


def _grouped(
    pairs: tuple[Sequence[Collection[str]], Sequence[Collection[str]]],
    wheels: Wheels,
    number: int,
    level: int,
) -> Grouped:
    """Return the scores on one wheel at one level."""
    ring = _ring(wheels.wheels[number - 1], level, f"wheel {number}")
    precisions, recalls, deleted = [], [], 0
    for right_words, words in zip(*pairs, strict=True):
        right, (groups, strangers) = _groups(right_words, wheels, ring)[0], _groups(words, wheels, ring)
        deleted += strangers
        if right:
            hits = len(right & groups)
            precisions.append(hits / len(groups) if groups else 0.0)
            recalls.append(hits / len(right))
    n = len(recalls)
    counts = (n, len(pairs[0]) - n, deleted)
    if not n:
        return Grouped(number, level, None, None, None, *counts)
    precision, recall = 100 * sum(precisions) / n, 100 * sum(recalls) / n
    total = precision + recall
    f1 = 2 * precision * recall / total if total else 0.0
    return Grouped(number, level, precision, recall, f1, *counts)


def _groups(words: Collection[str], wheels: Wheels, ring: Ring) -> tuple[frozenset[str], int]:
    """Return the groups of some words, and how many words have none."""
    bases = {wheels.forms.get(word, word) for word in map(_folded, words)}
    known = [wheels.synonyms.get(base, base) for base in sorted(bases)]
    found = [ring[word] for word in known if word in ring]
    return frozenset(found), len(known) - len(found)


def _ring(wheel: Wheel, level: int, name: str) -> Ring:
    """Return which word stands for each word of a wheel; at level 2 inner words stand for themselves.

    Raises:
        ValueError: a word would have two.
    """
    found: dict[str, str] = {}
    for inner, middles in wheel.items():
        pairs = [(inner, inner)]
        for middle, outers in middles.items():
            pairs += [(word, inner if level == 1 else middle) for word in (middle, *outers)]
        for word, group in pairs:
            if found.setdefault(_folded(word), group) != group:
                raise ValueError(f"{name} has '{word}' under two words of a ring; keep one place")
    return found


def _folded(word: str) -> str:
    """Return a word without case and superfluous blanks."""
    return " ".join(word.casefold().split())


def _mean(values: Sequence[float | None]) -> float | None:
    """Return the mean, or None where one of the values does not exist."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known and len(known) == len(values) else None
