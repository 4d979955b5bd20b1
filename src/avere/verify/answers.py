"""What an annotation program stored of one person, whatever the program: the form that its readers give.

Of addresses and browsers, which programs store beside the answers, nothing is taken along.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Literal, NamedTuple

LONGEST_NOTE = 5_000
"""Characters of a note that are taken; the program's own file keeps it whole."""
CUT = " ... (cut)"


class StoredAnswer(NamedTuple):
    """What a person answered to one item; None where that was not answered yet."""

    item: str
    choice: str | None
    """A letter on the page, or that they cannot tell."""
    keep: bool | None
    flags: tuple[str, ...] = ()
    note: str = ""
    plays: int | None = None
    seconds: float | None = None
    at: str = ""
    chosen: Mapping[str, str] = MappingProxyType({})
    """What was chosen in each other part of the form."""


class StoredPerson(NamedTuple):
    """All that a program stored of one person."""

    token: str
    answers: tuple[StoredAnswer, ...] = ()
    training: Literal["passed", "failed", "not finished"] = "not finished"
    blocked: bool = False
    overlapping: bool = False
    """Two sessions took turns under one link: two people, or one at two screens."""
    fault: str | None = None
    """Why the file cannot be read."""


def last_of(said: Mapping[str, Sequence[str]], name: str) -> str | None:
    """Give the last value of a part of a form; None where it was left empty."""
    values = said.get(name) or ()
    return values[-1] if values else None


def cut_note(text: str) -> str:
    """Cut a note to what is taken along.

    >>> len(cut_note("a" * 1_000_000))
    5000
    """
    return text if len(text) <= LONGEST_NOTE else text[: LONGEST_NOTE - len(CUT)] + CUT
