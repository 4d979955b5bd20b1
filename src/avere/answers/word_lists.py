"""Reading the emotion words that a model lists, or that a table holds: any words, no set of labels."""

import re

MARK = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+")
"""What stands before an entry of a list."""
SEPARATOR = re.compile(r"[,;\n/|]|\band\b", re.IGNORECASE)
DRESS = " \t\r\"'`[](){}.!*_“”‘’"
MOST = 4
"""Words of one entry; a longer one is a sentence and names no label."""


def parse(reply: str) -> tuple[str, ...]:
    r"""Return the entries of a list in any common form, each once, in order; sentences are left out.

    >>> parse("['Happy', 'a bit nervous', 'happy.']")
    ('happy', 'a bit nervous')
    >>> parse("1. sad\n2. angry and tired")
    ('sad', 'angry', 'tired')
    """
    entries = (part for line in reply.splitlines() for part in SEPARATOR.split(MARK.sub("", line)))
    words = (" ".join(entry.strip(DRESS).casefold().split()) for entry in entries)
    return tuple(dict.fromkeys(word for word in words if word and len(word.split()) <= MOST))
