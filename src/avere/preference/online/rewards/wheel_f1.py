"""Reward for the right emotion words of an open vocabulary.

Range 0 to 1. Formula: F1 of the groups of words on emotion wheels, averaged over the wheels at both levels,
times min(1, most * right words / words). Source: the measure of OV-MERD (Lian et al., MER2025, arXiv
2504.19423) as a reward; the factor is ours, since a long list covers a wheel. Applies where right words are
known and on a wheel. Gamed by words that a wheel groups with everything; the tables decide.
"""

from functools import cache
from pathlib import Path

from pydantic import Field

from avere import settings
from avere.answers import word_lists
from avere.answers.wheels import Wheels, ring_of
from avere.benchmark import ov_merd
from avere.preference.online.truth import PolicyAnswer, Truth
from avere.settings import Settings


class Config(Settings):
    """What a recipe may say of this reward."""

    wheels: Path
    """A YAML file with ``forms``, ``synonyms`` and ``wheels``, as `avere.answers.wheels.Wheels` says."""
    most: float = Field(default=1.5, ge=1)
    """Words for each right one that cost nothing."""


def reward(answer: PolicyAnswer, truth: Truth, config: Config) -> float | None:
    """Compare the words of an answer with the right ones."""
    if not truth.words:
        return None
    tables, spokes = _read_tables(config.wheels)
    if ov_merd.compared(truth.words, truth.words, tables, spokes).value is None:
        return None
    words = word_lists.parse(answer.text)
    found = ov_merd.compared(truth.words, words, tables, spokes).value or 0.0
    return found * min(1.0, config.most * len(truth.words) / max(1, len(words)))


@cache
def _read_tables(file: Path) -> tuple[Wheels, list[ov_merd.Spoke]]:
    """Read the tables once."""
    tables = settings.read(file, Wheels)
    levels = [(number, level) for number in range(len(tables.wheels)) for level in (1, 2)]
    spokes = [
        ov_merd.Spoke(f"{number}/{level}", ring_of(tables.wheels[number], level)) for number, level in levels
    ]
    return tables, spokes
