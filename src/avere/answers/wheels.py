"""Grouping emotion words by wheels, as open-vocabulary labels are compared (OV-MERD; MER2024 and MER2025).

The tables are the user's: word forms, synonyms and wheels come with the data set, under its own agreement.
"""

from collections.abc import Collection, Mapping

from pydantic import field_validator

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
                ring_of(wheel, level, f"wheel {number}")
        return wheels


def group_words(words: Collection[str], wheels: Wheels, ring: Ring) -> tuple[frozenset[str], int]:
    """Return the groups of some words, and how many words have none."""
    bases = {wheels.forms.get(word, word) for word in map(_folded, words)}
    known = [wheels.synonyms.get(base, base) for base in sorted(bases)]
    found = [ring[word] for word in known if word in ring]
    return frozenset(found), len(known) - len(found)


def ring_of(wheel: Wheel, level: int, name: str) -> Ring:
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
