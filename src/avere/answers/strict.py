"""Parsing the answer to a closed question without guessing: what is not said exactly is not scored."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ALONE = re.compile(r"\(?([A-Za-z])[).:]?")
MARKED = re.compile(r"(?:\(([A-Za-z])\)|([A-Za-z])[).:])\s+(\S.*)", re.DOTALL)
MARK = re.compile(r"\(([A-Za-z])\)|(?<!\w)([A-Za-z])\)")
CAPITAL = re.compile(r"(?<![\w'’])([B-HJ-Z]|[AI](?!\s+\w))(?![\w'’])")
"""A letter by itself; "A" and "I" only where no word follows, for there they are words."""
SPOKEN_ABOUT = re.compile(
    r"(?:is|isn['’]t|was|are|seems?|looks?|can|cannot|can['’]t|could|may|might|must|would|do|does|doesn['’]t"
    r"|or|and|nor|not|vs|wait|actually|hmm)\b",
    re.IGNORECASE,
)
"""What follows a letter that is the subject of a sentence, one of several, or taken back."""
YES_NO = re.compile(r"(?:^|[.,;:!?\n–—][ \t]*)(yes|no)(?=\s*(?:$|[.,;:!?\n–—]))", re.IGNORECASE)
SEVERAL = "several options are named"
CONTRADICTED = "letter and text contradict each other"


class ParsedChoice(NamedTuple):
    """What a reply was parsed as: the index of a choice, or None and the reason."""

    choice: int | None
    reason: str | None


def parse(reply: str, choices: Sequence[str]) -> ParsedChoice:
    """Parse a reply that names one choice: by its letter, alone or in front, or by exactly its text.

    The article "A" of "A smile" is no letter. Words may follow a letter that stands in front; a reply in
    which they name another choice, by letter or by text, names none: a list of the options is no answer.

    >>> parse("(B) No", ["Yes", "No"])
    ParsedChoice(choice=1, reason=None)
    >>> parse("A smile.", ["Yes", "No"]).choice is None
    True
    >>> parse("A. smile B. sob. The answer is B.", ["smile", "sob"])
    ParsedChoice(choice=None, reason='several options are named')
    """
    text = reply.strip()
    if not text:
        return ParsedChoice(None, "empty reply")
    said = _text(text, choices)
    if (alone := ALONE.fullmatch(text)) is not None:
        found = _letter(alone[1].upper(), choices)
    elif (marked := MARKED.fullmatch(text)) is not None:
        found = _marked((marked[1] or marked[2]).upper(), marked[3], choices)
    else:
        return said
    if said.choice is None or said.choice == found.choice:
        return found
    return said if found.choice is None else ParsedChoice(None, CONTRADICTED)


def name_letter(index: int) -> str:
    """Name the letter of a choice; as columns of a table beyond the 26th, which no reply can name.

    >>> name_letter(1), name_letter(27)
    ('B', 'AB')
    """
    return LETTERS[index // 26 - 1] + LETTERS[index % 26] if index >= len(LETTERS) else LETTERS[index]


def find_texts(text: str, choices: Sequence[str]) -> list[tuple[int, int, frozenset[int]]]:
    """Find from where to where texts of choices stand in a text, and whose they are.

    An article at their beginning may be missing. "Yes" and "no" alone are not sought: they are common words.

    >>> find_texts("Wet tears, no smile", ["a smile", "wet tears", "no"])
    [(0, 9, frozenset({1})), (14, 19, frozenset({0}))]
    """
    known, pattern = _forms(tuple(choices))
    if not known:
        return []
    found = pattern.finditer(text)
    return [(one.start(), one.end(), known.get(_plain(one[0]), frozenset())) for one in found]


@lru_cache(maxsize=256)
def _forms(choices: tuple[str, ...]) -> tuple[dict[str, frozenset[int]], re.Pattern[str]]:
    """List the forms in which choices may be said, whose they are, and what finds the longest."""
    known: dict[str, frozenset[int]] = {}
    for index, choice in enumerate(choices):
        words = _plain(choice)
        for form in {words, re.sub(r"^(?:an?|the) ", "", words)} - {"", "yes", "no"}:
            known[form] = known.get(form, frozenset()) | {index}
    forms = sorted(known, key=len, reverse=True)
    pattern = "|".join(r"\s+".join(map(re.escape, form.split())) for form in forms)
    return known, re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE)


def find_answering(word: str, choices: Sequence[str]) -> frozenset[int]:
    """Find the choices that begin with a word, yes or no."""
    return frozenset(
        index for index, choice in enumerate(choices) if re.match(rf"{word}\b", choice, re.IGNORECASE)
    )


def _letter(letter: str, choices: Sequence[str]) -> ParsedChoice:
    """Take the choice of a letter."""
    index = LETTERS.index(letter)
    if index < len(choices):
        return ParsedChoice(index, None)
    return ParsedChoice(None, f"no option is called {letter}")


def _marked(letter: str, rest: str, choices: Sequence[str]) -> ParsedChoice:
    """Take the choice of a letter that words follow, unless the words name another choice."""
    found = _letter(letter, choices)
    if found.choice is None or _plain(rest) == _plain(choices[found.choice]):
        return found
    if _text(rest, choices).choice is not None:
        return ParsedChoice(None, CONTRADICTED)
    marks = {(one or other).upper() for one, other in MARK.findall(rest)}
    marks |= {one for one in CAPITAL.findall(rest) if one in LETTERS[: len(choices)]}
    if marks - {letter} or SPOKEN_ABOUT.match(rest):
        return ParsedChoice(None, SEVERAL if marks - {letter} else "the letter is only spoken about")
    for start, named in _named(rest, choices):
        if found.choice not in named:
            return ParsedChoice(None, SEVERAL if start else CONTRADICTED)
    return found


def _named(text: str, choices: Sequence[str]) -> Iterable[tuple[int, frozenset[int]]]:
    """Find where a text names choices in words, yes and no among them where they answer."""
    yield from ((start, named) for start, _, named in find_texts(text, choices))
    for said in YES_NO.finditer(text):
        if answering := find_answering(said[1], choices):
            yield said.start(1), answering


def _text(text: str, choices: Sequence[str]) -> ParsedChoice:
    """Take the choice whose text was said, whole and nothing else."""
    same = [index for index, choice in enumerate(choices) if _plain(choice) == _plain(text)]
    if len(same) > 1:
        return ParsedChoice(None, "several options have this text")
    if not same:
        return ParsedChoice(None, "neither a letter nor exactly the text of an option")
    return ParsedChoice(same[0], None)


def _plain(text: str) -> str:
    """Take case, superfluous blanks and the final full stop from a text."""
    return " ".join(text.casefold().split()).rstrip(".").rstrip()
