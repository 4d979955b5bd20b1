"""What lenient parsers ask of free words: which part of a reply is its answer, and what is denied there."""

import re

TAG = re.compile(r"[<◁](/?)(?:think|thinking|thoughts?|reasoning|analysis|reflection)[>▷]", re.IGNORECASE)
"""Where reasoning begins, and with a stroke where it ends."""
CLAUSE = re.compile(r"[,.;:!?\n]|\b(?:but|yet|while|whereas|although|though|however)\b")
"""Where the reach of a denial ends."""
DENIAL = re.compile(
    r"\b(?:not(?!\s+only\b)|no(?!\s+doubt\b)|nothing|never|neither|nor|none|without(?!\s+(?:a\s+|any\s+)?doubt\b)"
    r"|cannot|hardly|rather\s+than|instead\s+of|opposed\s+to|rules?\s+out|ruling\s+out|excludes?|lacks?|lacking"
    r"|absence\s+of)\b|n['’]t\b",
    re.IGNORECASE,
)
WINDOW = 100
"""Characters before a word in which its denial is sought, so that time grows with length and no faster."""


def take_answer(reply: str) -> str | None:
    """Take what a reply says after its reasoning in tags; None where it ends within its reasoning.

    A closing tag without an opening one ends reasoning that began in the prompt.

    >>> take_answer("<think>A smile, so A?</think> B"), take_answer("Sobs, so B.</think>A")
    (' B', 'A')
    >>> take_answer("<think>A smile, so A")
    """
    kept, depth, place = "", 0, 0
    for tag in TAG.finditer(reply):
        if not depth:
            kept = "" if tag[1] else kept + reply[place : tag.start()]
        depth = max(0, depth - 1) if tag[1] else depth + 1
        place = tag.end()
    return None if depth else kept + reply[place:]


def is_denied(text: str, start: int, reach: int) -> bool:
    """True where what stands at ``start`` is denied by at most ``reach`` words before it in its clause.

    >>> is_denied("not really happy", 11, 3), is_denied("not sad, but happy", 13, 3)
    (True, False)
    """
    near = text[max(0, start - WINDOW) : start]
    if DENIAL.search(near) is None:
        return False
    clause = CLAUSE.split(near)[-1]
    return any(len(clause[found.end() :].split()) <= reach for found in DENIAL.finditer(clause))
