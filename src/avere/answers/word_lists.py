"""Parsing the emotion words that a model lists, or that a table holds: any words, no set of labels."""

import re
import unicodedata

from avere.answers._sentences import take_answer

MARK = re.compile(r"^\s*(?:[-*•]|\d+[.)、:]|\(\d+\))\s*")
"""What stands before an entry of a list."""
SEPARATOR = re.compile(r"[,;\n/|、。&+]|(?<!\d)\.(?=\s|$)|\s(?=\d+[.)])|\b(?:and|or)\b", re.IGNORECASE)
ASIDE = re.compile(r"(?<=[\w*\"'])\s*\([^()]*\)")
"""A remark in brackets behind a word: "happy (mildly)"."""
INTRODUCTION = re.compile(
    r"^\W*(?:[\w'’]+\s+){0,8}?(?:emotions?|feelings?|moods?|labels?|words?|answer|list)(?:\s+\w+){0,4}?\W*"
    r"(?::|\b(?:is|are|be|include|includes)\b(?!\s*:))"
    r"|^\W*(?:(?:the|this)\s+\w+|he|she|they|it)\s+(?:is|are|feels?|seems?|looks?|sounds?|appears?)\b",
    re.IGNORECASE,
)
"""What introduces a list: "Emotions:", "The person's emotions are", "She feels"."""
REMARK = re.compile(r"\s*(?::|\s[-–—]\s).*")
"""A remark behind an entry: "happy - she smiles"."""
DRESS = " \t\r\"'`[](){}.!*_“”‘’:"
MOST = 4
"""Words of one entry; a longer one is a sentence and names no label."""


def parse(reply: str) -> tuple[str, ...]:
    r"""List the entries of a list in any common form, each once, in order; sentences are left out.

    Remarks in brackets or behind a dash or a colon are no words of the list.

    >>> parse("['Happy', 'a bit nervous', 'happy.']")
    ('happy', 'a bit nervous')
    >>> parse("Emotions: 1. sad, 2. angry (mildly) and tired.")
    ('sad', 'angry', 'tired')
    """
    answer = unicodedata.normalize("NFKC", take_answer(reply) or "")
    lines = (INTRODUCTION.sub("", ASIDE.sub("", line)) for line in answer.splitlines())
    entries = (
        MARK.sub("", part.strip(DRESS)) for line in lines for part in SEPARATOR.split(MARK.sub("", line))
    )
    words = (" ".join(REMARK.sub("", entry).strip(DRESS).casefold().split()) for entry in entries)
    return tuple(dict.fromkeys(word for word in words if word and len(word.split()) <= MOST))
