"""Grouping emotion words by wheels, as open-vocabulary labels are compared (OV-MERD; MER2024 and MER2025).

The tables are the user's: word forms, synonyms and wheels come with the data set, under its own agreement.
Words are grouped by one of two rules. Both try the words that a word may stand for in the order of the
alphabet and take the first that is on the wheel; of a word at two places of a wheel the last one counts.

``own``: a word without a form or a synonym stands for itself, and at level 2 inner words stay themselves.
``mer2025``: as the scorer published with MER2025 does. A word that is neither a form nor a base word is
dropped, a word of a wheel stands for itself beside what it is a synonym of, and at level 2 an inner word
counts as the first of its middle words.
"""

from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Any, Literal, NamedTuple

from pydantic import field_validator

from avere.settings import Settings

Rule = Literal["own", "mer2025"]
Wheel = Mapping[str, Mapping[str, tuple[str, ...]]]
"""Inner word, then middle words, then their outer words."""
Words = tuple[str, ...]


class Wheels(Settings):
    """The tables by which words are grouped, as one YAML file holds them."""

    forms: Mapping[str, Words] = {}
    """Word form to base words, one or a list: "happier" to "happy"."""
    synonyms: Mapping[str, Words] = {}
    """Base word to words that stand in the wheels, one or a list: "glad" to "happy"."""
    wheels: tuple[Wheel, ...]

    @field_validator("forms", "synonyms", mode="before")
    @classmethod
    def _one_or_a_list(cls, table: Any) -> Any:
        if not isinstance(table, Mapping):
            return table
        return {word: (others,) if isinstance(others, str) else others for word, others in table.items()}

    @field_validator("forms", "synonyms")
    @classmethod
    def _any_case(cls, table: Mapping[str, Words]) -> Mapping[str, Words]:
        return {_folded(word): tuple(map(_folded, others)) for word, others in table.items()}

    @field_validator("wheels")
    @classmethod
    def _at_least_one(cls, wheels: tuple[Wheel, ...]) -> tuple[Wheel, ...]:
        if not wheels:
            raise ValueError("name at least one wheel")
        return wheels

    @cached_property
    def bases(self) -> frozenset[str]:
        """The words that forms are forms of."""
        return frozenset(word for others in self.forms.values() for word in others)

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of all wheels."""
        return frozenset(word for wheel in self.wheels for word in ring_of(wheel, 1).groups)


class Ring(NamedTuple):
    """The word of a ring that stands for each word of a wheel, and the rule by which words are grouped."""

    groups: Mapping[str, str]
    rule: Rule


def ring_of(wheel: Wheel, level: int, rule: Rule = "own") -> Ring:
    """Find which word of the inner (level 1) or the middle ring (2) stands for each word of a wheel.

    >>> joy = {"happy": {"proud": ["bold"], "joyful": []}}
    >>> ring_of(joy, 2).groups["happy"], ring_of(joy, 2, "mer2025").groups["happy"]
    ('happy', 'joyful')
    """
    groups: dict[str, str] = {}
    for inner, middles in wheel.items():
        first = min(middles, default=inner) if level == 2 and rule == "mer2025" else inner
        groups[_folded(inner)] = first
        for middle, outers in middles.items():
            for word in (middle, *outers):
                groups[_folded(word)] = inner if level == 1 else middle
    return Ring(groups, rule)


def group_words(words: Collection[str], wheels: Wheels, ring: Ring) -> tuple[frozenset[str], int]:
    """Find the groups of some words, and how many of them have none; forms of one word count once."""
    meant = {_meant(_folded(word), wheels, ring.rule) for word in words}
    found = [next((ring.groups[one] for one in others if one in ring.groups), None) for others in meant]
    return frozenset(group for group in found if group is not None), found.count(None)


def _meant(word: str, wheels: Wheels, rule: Rule) -> Words:
    """List the words that a word may stand for on a wheel, in the order of the alphabet."""
    if rule == "own":
        bases = wheels.forms.get(word, (word,))
        return tuple(sorted(other for base in bases for other in wheels.synonyms.get(base, (base,))))
    bases = (*wheels.forms.get(word, ()), *((word,) if word in wheels.bases else ()))
    synonyms = {other for base in bases for other in wheels.synonyms.get(base, ())}
    return tuple(sorted(synonyms | wheels.words.intersection(bases)))


def _folded(word: str) -> str:
    """Take case and superfluous blanks from a word."""
    return " ".join(word.casefold().split())
