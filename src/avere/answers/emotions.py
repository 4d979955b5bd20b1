"""Reading an emotion label in what a model said: exactly, or one label in free words; never a guess.

The published script reads "angry", "sad" and every unknown word as happiness; here, what names no label or
several of them is not read, and says why.
"""

import re
from collections.abc import Sequence
from functools import cache
from typing import Literal, NamedTuple

from avere.answers._denials import is_denied
from avere.answers._emotion_words import GROUPS

REACH = 3
"""How many words may stand between a denial and what it denies: "not really very happy"."""


class ParsedLabel(NamedTuple):
    """What a reply was read as: one of the labels, or None and the reason."""

    label: str | None
    reason: str | None


def parse(reply: str, labels: Sequence[str], how: Literal["strict", "lenient"] = "strict") -> ParsedLabel:
    """Return the label that a reply names.

    Args:
        reply: what the model said.
        labels: all labels there are, words of any kind: nouns, adjectives, several words.
        how: ``strict``, the label and nothing else; ``lenient``, also its synonyms and word forms, inside a
            sentence, unless denied.

    >>> parse("She looks angry, not sad.", ["anger", "sadness"], "lenient")
    ParsedLabel(label='anger', reason=None)
    >>> parse("angry", ["anger", "sadness"])
    ParsedLabel(label=None, reason='not exactly one of the labels')
    """
    text = _plain(reply)
    if not text:
        return ParsedLabel(None, "empty reply")
    same = [label for label in labels if _plain(label) == text]
    if len(same) == 1:
        return ParsedLabel(same[0], None)
    if how == "strict" or same:
        return ParsedLabel(None, "several labels have this text" if same else "not exactly one of the labels")
    return _only(_named(reply, labels))


def _only(named: frozenset[str]) -> ParsedLabel:
    """Return the one label that is named."""
    if len(named) > 1:
        return ParsedLabel(None, f"several labels are named: {', '.join(sorted(named))}")
    return ParsedLabel(next(iter(named)), None) if named else ParsedLabel(None, "no label is named")


def _named(reply: str, labels: Sequence[str]) -> frozenset[str]:
    """Return the labels that a reply names and does not deny."""
    words = _words(tuple(labels))
    if not words:
        return frozenset()
    text = " ".join(reply.casefold().split())
    pattern = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    spoken = re.finditer(rf"(?<!\w)(?:{pattern})(?!\w)", text)
    return frozenset(
        label for found in spoken if not is_denied(text, found.start(), REACH) for label in words[found[0]]
    )


@cache
def _words(labels: tuple[str, ...]) -> dict[str, set[str]]:
    """Return the words that name labels, and which; a label's own words are its own alone."""
    found: dict[str, set[str]] = {}
    own = {_plain(label): label for label in labels}
    for group in GROUPS:
        for word in group:
            found.setdefault(word, set()).update(label for plain, label in own.items() if plain in group)
    found |= {plain: {label} for plain, label in own.items()}
    return {word: named for word, named in found.items() if word and named}


def _plain(text: str) -> str:
    """Return a text without case, outer blanks and final full stop."""
    return " ".join(text.casefold().split()).rstrip(".").rstrip()
