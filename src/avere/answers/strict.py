"""Reading the answer to a closed question without guessing: what is not said exactly is not scored."""

import re
from collections.abc import Sequence
from typing import NamedTuple

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ALONE = re.compile(r"\(?([A-Za-z])[).:]?")
MARKED = re.compile(r"(?:\(([A-Z])\)|([A-Z])[).:])\s+(\S.*)", re.DOTALL)
MARK = re.compile(r"\(([A-Z])\)|(?<!\w)([A-Z])\)")


class ParsedChoice(NamedTuple):
    """What a reply was read as: the index of a choice, or None and the reason."""

    choice: int | None
    reason: str | None


def parse(reply: str, choices: Sequence[str]) -> ParsedChoice:
    """Return the choice that a reply names: by its letter, alone or marked, or by exactly its text.

    The article "A" of "A smile" is no letter, a reply that marks two options or whose letter and text
    contradict each other is none.

    >>> parse("(B) No", ["Yes", "No"])
    ParsedChoice(choice=1, reason=None)
    >>> parse("A smile.", ["Yes", "No"]).choice is None
    True
    """
    text = reply.strip()
    if not text:
        return ParsedChoice(None, "empty reply")
    if (alone := ALONE.fullmatch(text)) is not None:
        return _letter(alone[1].upper(), choices)
    if (marked := MARKED.fullmatch(text)) is not None:
        return _marked(marked[1] or marked[2], marked[3], choices)
    return _text(text, choices)


def _letter(letter: str, choices: Sequence[str]) -> ParsedChoice:
    """Return the choice of a letter."""
    index = LETTERS.index(letter)
    return (
        ParsedChoice(index, None)
        if index < len(choices)
        else ParsedChoice(None, f"no option is called {letter}")
    )


def _marked(letter: str, rest: str, choices: Sequence[str]) -> ParsedChoice:
    """Return the choice of a letter that text follows, unless the text speaks for another choice."""
    others = {a or b for a, b in MARK.findall(rest)} - {letter}
    if others:
        return ParsedChoice(None, "several options are named")
    found = _letter(letter, choices)
    named = _text(rest, choices).choice
    if found.choice is not None and named not in (None, found.choice):
        return ParsedChoice(None, "letter and text contradict each other")
    return found


def _text(text: str, choices: Sequence[str]) -> ParsedChoice:
    """Return the choice whose text was said, whole and nothing else."""
    same = [index for index, choice in enumerate(choices) if _plain(choice) == _plain(text)]
    if len(same) > 1:
        return ParsedChoice(None, "several options have this text")
    return (
        ParsedChoice(same[0], None)
        if same
        else ParsedChoice(None, "neither a letter nor exactly the text of an option")
    )


def _plain(text: str) -> str:
    """Return a text without case, outer blanks and final full stop."""
    return " ".join(text.casefold().split()).rstrip(".").rstrip()
