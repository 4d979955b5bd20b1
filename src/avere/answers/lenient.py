"""Reading the answer to a closed question from free words: one option, or none and the reason; never a guess.

What strict reading reads, this reads alike. Beyond that it takes a letter in any common form and an option's
text inside a sentence. Stated answers ("the answer is B", or a line that holds nothing else) go before
options that are merely mentioned, and the last statement counts; without one, all mentions must agree.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from avere.answers import strict
from avere.answers._denials import is_denied
from avere.answers.strict import LETTERS, ParsedChoice

DRESS = re.compile(r"\\boxed\b|\\text\b|[*_`\"“”„«»]|</?(?:s|b|i|u|em|strong)>")
"""What answers are dressed in: Markdown, HTML, TeX, quotes, special tokens."""
LETTER = re.compile(
    r"[(\[{]\s*([A-Za-z])\s*[)\]}]"
    r"|(?<![\w(])([A-Za-z])\)"
    r"|\b(?:[Oo]ption|[Cc]hoice|[Ll]etter|[Aa]nswer)\s+([A-Z]|[a-z](?=\s*(?:$|[.,;:!?\n])))(?![\w'’])"
    # Capitals anywhere; "A" and "I" only where they are no words.
    r"|(?<![\w'’])([B-HJ-Z]|[AI](?!\s+\w)|[AI](?=\s+(?:is|or|and|because)\b))(?![\w'’])"
)
YES_NO = re.compile(
    r"(?:^|[.,;:!?\n]|\b(?:so|thus|hence|therefore)\b,?)\s*(yes|no)\b"
    r"(?=\s*(?:$|[,.;:!?\n–—])|\s+-|\s+(?:it|they|there|he|she|this|that|the|both)\b)",
    re.IGNORECASE,
)
"""A yes or no that answers; not the "no" of "no smile"."""
STATED = re.compile(
    r"\b(?:answer|option|choice|conclusion)(?:\s+\w+){0,4}?\s*(?:\b(?:is|(?:would|must|should)\s+be)\b|[:=])"
    r"|\bI(?:['’]d|\s+would|\s+will|['’]ll)?\s+(?:choose|chose|pick|picked|select|selected|say|go\s+(?:for|with))\b",
    re.IGNORECASE,
)
HEDGED = re.compile(r"\b(?:if|whether)\b|(?:n['’]t|\bnot|\bnever)\s+(?:think|believe|say)\b", re.IGNORECASE)
END = r"(?:[.!?](?=\s|$)|\n|\Z)"
SENTENCE = re.compile(rf".*?{END}", re.DOTALL)
REASON = re.compile(r"\b(?:because|since|as|due\s+to|given)\b", re.IGNORECASE)
REFUSED = re.compile(
    r"\W?\s*(?:(?:is|are|was|seems?|looks?)\s+(?:not|wrong|incorrect|false|excluded)\b|(?:is|are|was|does)n['’]t\b"
    r"|(?:can|could|must)\s+be\s+(?:ruled\s+out|excluded))",
    re.IGNORECASE,
)
"""What takes back the option that stands before it."""
REACH = 3


class Statement(NamedTuple):
    """An answer that is stated, not merely mentioned."""

    start: int
    choices: frozenset[int]
    declared: bool
    """False for a line that holds nothing but an option."""


def parse(reply: str, choices: Sequence[str]) -> ParsedChoice:
    """Return the choice that a reply states, or else the only one that it mentions.

    >>> parse("I looked twice, and the answer is (B).", ["Yes", "No"])
    ParsedChoice(choice=1, reason=None)
    >>> parse("Both (A) and (B) could be right", ["Yes", "No"]).reason
    'several options are named'
    """
    text = _plain(reply)
    for form in (reply, text):
        found = strict.parse(form, choices)
        if found.choice is not None or not text:
            return found
    text = "".join(sentence for sentence in SENTENCE.findall(text) if _asserts(sentence))
    statements = sorted([*_declared(text, choices), *_bare(text, choices)])
    if any(statement.declared for statement in statements):
        return _only(statements[-1].choices, choices)
    if statements:
        return _only(frozenset().union(*(statement.choices for statement in statements)), choices)
    return _only(_mentioned(text, choices), choices)


def _plain(text: str) -> str:
    """Return a text without dress, wide letters and circles made plain ones."""
    return DRESS.sub(" ", unicodedata.normalize("NFKC", text)).strip()


def _asserts(sentence: str) -> bool:
    """Return whether a sentence says something, instead of asking or supposing it."""
    return not sentence.rstrip().endswith("?") and HEDGED.search(sentence) is None


def _only(named: Iterable[int], choices: Sequence[str]) -> ParsedChoice:
    """Return the one choice that is named."""
    indices = set(named)
    if len(indices) > 1:
        return ParsedChoice(None, "several options are named")
    if not indices:
        return ParsedChoice(None, "no option is named")
    (index,) = indices
    return (
        ParsedChoice(index, None)
        if index < len(choices)
        else ParsedChoice(None, f"no option is called {LETTERS[index]}")
    )


def _declared(text: str, choices: Sequence[str]) -> Iterator[Statement]:
    """Yield the answers that are declared in so many words."""
    for found in STATED.finditer(text):
        rest = re.split(END, text[found.end() :].lstrip(" \n\t:="), maxsplit=1)[0]
        said = REASON.split(rest)[0].strip()
        if named := _mentioned(said.upper() if len(said) == 1 else said, choices):
            yield Statement(found.start(), named, declared=True)


def _bare(text: str, choices: Sequence[str]) -> Iterator[Statement]:
    """Yield the lines that hold nothing but a letter or the text of an option."""
    for line in re.finditer(r".+", text):
        if strict.MARKED.fullmatch(line[0].strip()):
            continue
        index = strict.parse(line[0], choices).choice
        if index is not None:
            yield Statement(line.start(), frozenset({index}), declared=False)


def _mentioned(text: str, choices: Sequence[str]) -> frozenset[int]:
    """Return the choices that a text names and does not deny."""
    named = [(found, {LETTERS.index(found[found.lastindex or 0].upper())}) for found in LETTER.finditer(text)]
    # A bare capital beyond the options is an initial or a pronoun; in brackets it is a letter of no option.
    named = [(found, who) for found, who in named if found.lastindex != 4 or max(who) < len(choices)]
    texts = _texts(choices)
    if texts:
        pattern = "|".join(
            r"\s+".join(map(re.escape, words.split())) for words in sorted(texts, key=len)[::-1]
        )
        spoken = re.finditer(rf"(?<!\w)(?:{pattern})(?!\w)", text, re.IGNORECASE)
        named += [(found, texts.get(_folded(found[0]), set())) for found in spoken]
    kept = [
        who
        for found, who in named
        if not is_denied(text, found.start(), REACH) and not REFUSED.match(text, found.end())
    ]
    answered = [_answering(found[1], choices) for found in YES_NO.finditer(text)]
    return frozenset().union(*kept, *answered)


def _texts(choices: Sequence[str]) -> dict[str, set[int]]:
    """Return the words by which options are known, with and without their article, and whose they are."""
    found: dict[str, set[int]] = {}
    for index, choice in enumerate(choices):
        words = _folded(_plain(choice)).rstrip(".")
        for form in {words, re.sub(r"^(?:an?|the) ", "", words)} - {"", "yes", "no"}:
            found.setdefault(form, set()).add(index)
    return found


def _answering(word: str, choices: Sequence[str]) -> set[int]:
    """Return the options that begin with yes, or with no."""
    return {index for index, choice in enumerate(choices) if re.match(rf"{word}\b", choice, re.IGNORECASE)}


def _folded(text: str) -> str:
    """Return a text without case and superfluous blanks."""
    return " ".join(text.casefold().split())
