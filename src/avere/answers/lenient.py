"""Parsing the answer to a closed question from free words: one option, or none and the reason; never a guess.

What strict parsing takes, this takes alike. Beyond that it takes a letter in any common form and an option's
text inside a sentence. Stated answers ("the answer is B", or a line that holds nothing else) go before
options that are merely mentioned, and the last statement counts; without one, all mentions must agree.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from avere.answers import strict
from avere.answers._sentences import is_denied, take_answer
from avere.answers.strict import LETTERS, SEVERAL, ParsedChoice, find_answering, find_texts

DRESS = re.compile(r"\\text\b|[*_`\"“”„«»]|</?(?:s|b|i|u|em|strong)>")
"""What answers are dressed in: Markdown, HTML, TeX, quotes, special tokens."""
FIELD = re.compile(
    r"<answer>([^<]*)</answer>"
    r"|[\"'](?:final[ _])?(?:answer|choice|option|letter)[\"']\s*:\s*[\"']([^\"']*)[\"']",
    re.IGNORECASE,
)
"""A place that is made for the answer: a tag, or a field of JSON."""
LETTER = re.compile(
    r"[(\[{]\s*([A-Za-z])\s*[)\]}]"
    r"|(?<![\w(])([A-Za-z])\)"
    r"|\b(?:[Oo]ption|[Cc]hoice|[Ll]etter|[Aa]nswer)\s+([A-Z]|[a-z](?=\s*(?:$|[.,;:!?\n])))(?![\w'’])"
    # Capitals anywhere; "A" and "I" only where they are no words.
    r"|(?<![\w'’])([B-HJ-Z]|[AI](?!\s+\w)|[AI](?=\s+(?:is|or|and|because)\b))(?![\w'’])"
)
YES_NO = re.compile(
    r"(?:^|(?<!sorry)[.,;:!?\n)\]}–—]|\s-|(?<![\w'’])(?-i:[B-HJ-Z])(?=\s)"
    r"|\b(?:so|thus|hence|therefore)\b,?)[ \t]*(yes|no)\b"
    r"(?=\s*(?:$|[(\[{,.;:!?\n–—])|\s+-|\s+(?:it|they|there|he|she|this|that|the|both)\b)",
    re.IGNORECASE,
)
"""A yes or no that answers, also beside a letter; not the "no" of "no smile"."""
NO = re.compile(r"(?:^|[.,;:!?\n])[ \t]*no[ \t]*(?=[(\[{])", re.IGNORECASE)
STATED = re.compile(
    r"\b(?:answer|option|choice|conclusion)(?:\s+\w+){0,4}?\s*(?:\b(?:is|(?:would|must|should)\s+be)\b|[:=])"
    r"|\bI(?:['’]d|\s+would|\s+will|['’]ll)?\s+"
    r"(?:choose|chose|pick|picked|select|selected|say|meant?|go\s+(?:for|with))\b"
    r"|\bit(?:['’]s|\s+is|\s+(?:should|must|has\s+to)\s+be)\s+(?=(?:option\s+)?[(\[]?(?-i:[A-Z])(?![\w'’]))",
    re.IGNORECASE,
)
AFFIRMED = re.compile(
    r"\s+(?:is|fits)\s+(?:the\s+)?(?:(?:most|only|one)\s+)?(?:correct|right|best|likely|accurate|answer)\b"
)
"""What makes a statement of the letter before it."""
HEDGED = re.compile(
    r"\b(?:if|whether|unlikely)\b|\bI\s+doubt\b|(?:n['’]t|\bnot|\bnever)\s+(?:think|believe|say)\b",
    re.IGNORECASE,
)
FOREIGN = re.compile(
    r"\b(?:ist|nicht|oder|antwort|weil|richtig|falsch|sondern|réponse|est|respuesta|porque|risposta|resposta)\b"
    r"|[\u0400-\u04ff\u0600-\u06ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]",
    re.IGNORECASE,
)
"""Signs of languages whose denials are not known here."""
END = r"(?:[.!?](?=\s|$)|\n|\Z)"
SENTENCE = re.compile(rf".*?{END}", re.DOTALL)
REASON = re.compile(r"\b(?:because|since|as|due\s+to|given)\b", re.IGNORECASE)
REFUSED = re.compile(
    r"\W?\s*(?:(?:is|are|was|seems?|looks?)\s+(?:not|wrong|incorrect|false|excluded)\b|(?:is|are|was|does)n['’]t\b"
    r"|(?:can|could|must)\s+be\s+(?:ruled\s+out|excluded))",
    re.IGNORECASE,
)
"""What takes back the option that stands before it."""
SECOND_THOUGHT = re.compile(
    r"\W*(?:(?:but|hmm|oh|well|and)\b\W*)?(?:wait|actually|correction|no|sorry|scratch|on\s+second\s+thoughts?"
    r"|let\s+me\s+(?:reconsider|correct|think\s+again)|I\s+(?:mean|take)|that['’]s|that\s+is)\b",
    re.IGNORECASE,
)
TAKEN_BACK = re.compile(
    r"\b(?:wrong|incorrect|mistaken|not\s+(?:right|correct)|scratch|back)\b", re.IGNORECASE
)
REACH = 3


class Statement(NamedTuple):
    """An answer that is stated, not merely mentioned."""

    start: int
    choices: frozenset[int]
    declared: bool
    """False for a line that holds nothing but an option."""


def parse(reply: str, choices: Sequence[str]) -> ParsedChoice:
    r"""Parse a reply that states one choice, or else mentions one only.

    >>> parse("I looked twice, and the answer is (B).", ["Yes", "No"])
    ParsedChoice(choice=1, reason=None)
    >>> parse("A. smile\nB. sob\n\nThe answer is B.", ["smile", "sob"])
    ParsedChoice(choice=1, reason=None)
    >>> parse("Both (A) and (B) could be right", ["Yes", "No"]).reason
    'several options are named'
    """
    found = strict.parse(reply, choices)
    if found.choice is not None or not reply.strip():
        return found
    answer = take_answer(reply)
    if answer is None:
        return ParsedChoice(None, "it ends within its reasoning")
    fields = [tag or field for tag, field in FIELD.findall(answer)]
    text, choices = _plain(fields[-1] if fields else answer), tuple(map(_plain, choices))
    unlisted = _drop_listing(text, choices)
    found = strict.parse(unlisted, choices)
    if found.choice is not None:
        return found
    if not unlisted:
        return ParsedChoice(None, SEVERAL if text else "no answer follows its reasoning")
    return _weigh(_asserted(unlisted), choices)


def _weigh(text: str, choices: Sequence[str]) -> ParsedChoice:
    """Take the last statement, or without one what all mentions agree on."""
    ours = _english(text, choices)
    statements = sorted([*_declared(text, choices), *_bare(ours, choices)])
    if any(statement.declared for statement in statements):
        last = statements[-1]
        return _second_thought(text, last, choices) or _only(last.choices, choices)
    if statements:
        named = frozenset().union(*(statement.choices for statement in statements))
        return _second_thought(text, statements[-1], choices) or _only(named, choices)
    return _only(_mentioned(ours, choices), choices)


def _plain(text: str) -> str:
    """Take dress from a text, and make plain letters of wide ones and of circles."""
    return DRESS.sub(" ", unicodedata.normalize("NFKC", text).replace("\\boxed", " Answer: ")).strip()


def _drop_listing(text: str, choices: Sequence[str]) -> str:
    """Drop what repeats all options, each with its letter and in order: that is the question, no answer.

    >>> _drop_listing("Which? (A) a smile (B) a sob. B", ["a smile", "a sob"])
    'Which?   B'
    """
    if len(choices) < 2 or not all(choice.strip() for choice in choices):
        return text
    entries = (
        rf"[(\[]?{letter}[)\].:]*\s*(?:[-–—]\s*)?" + r"\s+".join(map(re.escape, choice.split()))
        for letter, choice in zip(LETTERS, choices, strict=False)
    )
    pattern = r"(?<!\w)" + r"[\s,;.|/•–—-]*(?:\b(?:or|and)\s+)?".join(entries) + r"(?!\w)\.?"
    return re.sub(pattern, " ", text, flags=re.IGNORECASE).strip()


def _asserted(text: str) -> str:
    """Keep the sentences that say something, instead of asking or supposing it."""
    return "".join(
        one for one in SENTENCE.findall(text) if not one.rstrip().endswith("?") and not HEDGED.search(one)
    )


def _english(text: str, choices: Sequence[str]) -> str:
    """Keep the sentences in whose language a denial would be seen."""
    if any(FOREIGN.search(choice) for choice in choices):
        return text
    return "".join(one for one in SENTENCE.findall(text) if not FOREIGN.search(one))


def _only(named: Iterable[int], choices: Sequence[str]) -> ParsedChoice:
    """Take the one choice that is named."""
    indices = set(named)
    if len(indices) > 1:
        return ParsedChoice(None, SEVERAL)
    if not indices:
        return ParsedChoice(None, "no option is named")
    (index,) = indices
    if index < len(choices):
        return ParsedChoice(index, None)
    return ParsedChoice(None, f"no option is called {LETTERS[index]}")


def _second_thought(text: str, last: Statement, choices: Sequence[str]) -> ParsedChoice | None:
    """Refuse a statement that is taken back after it; None where it stands."""
    sentences = (one for one in SENTENCE.finditer(text, last.start) if one.start() > last.start)
    doubts = [one for one in sentences if SECOND_THOUGHT.match(one[0])]
    if doubts and _mentioned(text[doubts[0].start() :], choices) - last.choices:
        return ParsedChoice(None, SEVERAL)
    if any(TAKEN_BACK.search(one[0]) for one in doubts):
        return ParsedChoice(None, "it takes its answer back")
    return None


def _declared(text: str, choices: Sequence[str]) -> Iterator[Statement]:
    """Yield the last answers that are declared in so many words, one of each kind."""
    end = len(text)
    for found in reversed(list(STATED.finditer(text))):
        rest = re.split(END, text[found.end() : end].lstrip(" \n\t:="), maxsplit=1)[0]
        end = found.start()
        said = REASON.split(rest)[0].strip()
        if named := _mentioned(said.upper() if len(said) == 1 else said, choices):
            yield Statement(found.start(), named, declared=True)
            break
    for found in reversed(list(LETTER.finditer(text))):
        index = LETTERS.index(found[found.lastindex or 0].upper())
        if AFFIRMED.match(text, found.end()) and not is_denied(text, found.start(), REACH):
            yield Statement(found.start(), frozenset({index}), declared=True)
            break


def _bare(text: str, choices: Sequence[str]) -> Iterator[Statement]:
    """Yield the lines that hold nothing but a letter or the text of an option.

    A line with both is one where it stands first and no other has such a mark: others are entries of a list.
    """
    lines = list(re.finditer(r".*\S.*", text))
    marked = {line.start() for line in lines if strict.MARKED.fullmatch(line[0].strip())}
    entries = set() if len(marked) == 1 and lines[0].start() in marked else marked
    for line in lines:
        if line.start() in entries:
            continue
        index = strict.parse(line[0], choices).choice
        if index is not None:
            yield Statement(line.start(), frozenset({index}), declared=False)


def _mentioned(text: str, choices: Sequence[str]) -> frozenset[int]:
    """Find the choices that a text names and does not deny."""
    named: list[tuple[int, int, frozenset[int]]] = []
    for found in LETTER.finditer(text):
        index = LETTERS.index(found[found.lastindex or 0].upper())
        # A bare capital beyond the options is an initial or a pronoun; in brackets it names no option.
        if found.lastindex != 4 or index < len(choices):
            named.append((found.start(), found.end(), frozenset({index})))
    # The "no" of "No (A)" denies no letter where it is an option itself.
    beside = {found.end() for found in NO.finditer(text)} if find_answering("no", choices) else set()
    named += find_texts(text, choices)
    kept = [
        who
        for start, end, who in named
        if not REFUSED.match(text, end) and (start in beside or not is_denied(text, start, REACH))
    ]
    answered = [find_answering(found[1], choices) for found in YES_NO.finditer(text)]
    return frozenset().union(*kept, *answered)
