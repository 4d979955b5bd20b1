"""Telling whether a word in a sentence is denied."""

import re

CLAUSE = re.compile(r"[,.;:!?\n]|\b(?:but|yet|while|whereas|although|though|however)\b")
"""Where the reach of a denial ends."""
DENIAL = re.compile(
    r"\b(?:not(?!\s+only\b)|no|nothing|never|neither|nor|none|without|cannot|hardly|"
    r"rather\s+than|instead\s+of|opposed\s+to|rules?\s+out|ruling\s+out|excludes?|lacks?|lacking|absence\s+of)\b"
    r"|n['’]t\b",
    re.IGNORECASE,
)


def is_denied(text: str, start: int, reach: int) -> bool:
    """Return whether what stands at ``start`` is denied by at most ``reach`` words before it in its clause.

    >>> is_denied("not really happy", 11, 3), is_denied("not sad, but happy", 13, 3)
    (True, False)
    """
    clause = CLAUSE.split(text[:start])[-1]
    return any(len(clause[found.end() :].split()) <= reach for found in DENIAL.finditer(clause))
