"""Parsing an emotion label in what a model said: exactly, or one label in free words; never a guess.

The published script takes "angry", "sad" and every unknown word for happiness; here, what names no label or
several of them is not parsed, and says why.
"""

import re
from collections.abc import Sequence
from functools import cache
from typing import Literal, NamedTuple

from avere.answers._emotion_words import GROUPS
from avere.answers._sentences import is_denied, take_answer

REACH = 3
"""How many words may stand between a denial and what it denies: "not really very happy"."""
DECLINED = re.compile(
    r"(?:^|(?<=[.!?\n]))\W*(?:(?:i['’]m|i\s+am)\s+)?(?:sorry|afraid(?!\s+(?:of|for)\b)|unfortunately|apologies)\b"
    r"|\bi\s+(?:cannot|can['’]t|can\s+not|could\s+not|couldn['’]t|am\s+(?:unable|not\s+able))\b"
    r"|\bi['’]m\s+(?:unable|not\s+able)\b|\bas\s+an?\s+(?:ai|language\s+model)\b"
    r"|\b(?:happy|glad|delighted)\s+to\s+(?:help|assist|answer|try|describe|analy[sz]e|explain|provide)\b"
)
"""What a sentence says that speaks of its author's own limits or manners, not of anybody's emotion."""
SENTENCE = re.compile(r".*?(?:[.!?](?=\s|$)|\n|\Z)", re.DOTALL)
DECEIVING = re.compile(
    r"(?:\W+\w+){0,2}\s+(?:misleads?|deceives?|belies|hides?|masks?|conceals?)\b"
    r"|(?:(?<=emotion)|(?<=emotions))\s+(?:can|could|recognition|detection|analysis|labels?|words?|names?)\b"
)
"""What takes back the emotion before it: "the calm voice misleads", "no emotion can be told"."""


class ParsedLabel(NamedTuple):
    """What a reply was parsed as: one of the labels, or None and the reason."""

    label: str | None
    reason: str | None


def parse(reply: str, labels: Sequence[str], how: Literal["strict", "lenient"] = "strict") -> ParsedLabel:
    """Parse a reply that names one label.

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
    answer = take_answer(reply)
    if answer is None:
        return ParsedLabel(None, "it ends within its reasoning")
    said = "".join(one for one in SENTENCE.findall(answer.casefold()) if not DECLINED.search(one))
    return _only(_named(said, labels))


def _only(named: frozenset[str]) -> ParsedLabel:
    """Take the one label that is named."""
    if len(named) > 1:
        return ParsedLabel(None, f"several labels are named: {', '.join(sorted(named))}")
    return ParsedLabel(next(iter(named)), None) if named else ParsedLabel(None, "no label is named")


def _named(said: str, labels: Sequence[str]) -> frozenset[str]:
    """Find the labels that a text names and does not deny or take back."""
    words = _words(tuple(labels))
    if not words:
        return frozenset()
    text = " ".join(said.split())
    pattern = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    spoken = re.finditer(rf"(?<!\w)(?:{pattern})(?!\w)", text)
    return frozenset(
        label
        for found in spoken
        if not is_denied(text, found.start(), REACH) and not DECEIVING.match(text, found.end())
        for label in words[found[0]]
    )


@cache
def _words(labels: tuple[str, ...]) -> dict[str, set[str]]:
    """List the words that name labels, and which; a label's own words are its own alone."""
    found: dict[str, set[str]] = {}
    own = {_plain(label): label for label in labels}
    for group in GROUPS:
        for word in group:
            found.setdefault(word, set()).update(label for plain, label in own.items() if plain in group)
    found |= {plain: {label} for plain, label in own.items()}
    return {word: named for word, named in found.items() if word and named}


def _plain(text: str) -> str:
    """Take case, superfluous blanks and the final full stop from a text."""
    return " ".join(text.casefold().split()).rstrip(".").rstrip()
