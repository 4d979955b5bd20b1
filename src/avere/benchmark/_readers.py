"""The readers of a reply to a closed question, side by side under one signature."""

from types import ModuleType
from typing import NamedTuple

from avere import catalogue
from avere.answers import lenient
from avere.answers.published import published_row
from avere.answers.strict import LETTERS
from avere.benchmark.compat import emorealm_correct
from avere.errors import unknown
from avere.records import Prediction, Question

READERS = ("strict", "lenient", "compat-avere")
"""Exactly; in free words; as the script published with AVERE matches letters."""


class Mark(NamedTuple):
    """What a reader makes of a reply."""

    right: bool | None
    """None where it reads no answer."""
    choice: int | None
    reason: str | None


def mark(question: Question, prediction: Prediction, reader: str = "strict") -> Mark:
    """Return what a reader makes of the words of a prediction.

    Raises:
        AvereError: no such reader, or the published one is asked about a question without a known answer.
    """
    check_reader(reader)
    if reader == "compat-avere":
        return _published(question, prediction.reply)
    if reader == "lenient":
        choice, reason = lenient.read(prediction.reply, question.choices)
    else:
        choice, reason = _benchmark(prediction).read(question, prediction.reply)
    return Mark(None if choice is None else choice == question.answer, choice, reason)


def check_reader(reader: str) -> None:
    """Refuse a reader that there is not.

    Raises:
        AvereError: no such reader.
    """
    if reader not in READERS:
        raise unknown("reader", reader, READERS)


def file_name(name: str, reader: str) -> str:
    """Return how a file of a run is called under a reader; strict reading has the plain name.

    >>> file_name("scores.jsonl", "strict"), file_name("scores.jsonl", "lenient")
    ('scores.jsonl', 'scores.lenient.jsonl')
    """
    stem, _, suffix = name.rpartition(".")
    return name if reader == "strict" else f"{stem}.{reader}.{suffix}"


def _benchmark(prediction: Prediction) -> ModuleType:
    """Return the module of the benchmark that a prediction answers."""
    name = (prediction.made_by.recipe or "emorealm").partition(" ")[0]
    return catalogue.find("avere.benchmark", name)


def _published(question: Question, reply: str) -> Mark:
    """Return what the published script makes of a reply: right or wrong, never unread.

    With two options it counts what is not right as the other one, whatever was said.
    """
    row = published_row(question)
    right = emorealm_correct(reply, row["answer"], row["choices"], parse=False)
    answer = LETTERS.index(row["answer"])
    other = 1 - answer if len(question.choices) == 2 else None
    return Mark(right, answer if right else other, None)
