"""The readers of a reply to a closed question, side by side under one signature."""

from types import ModuleType
from typing import NamedTuple

from avere import catalogue
from avere.errors import AvereError, unknown_name
from avere.records import Prediction, Question

READERS = ("strict", "lenient", "compat-avere")
"""Exactly; in free words; as the scripts published with AVERE do."""
PUBLISHED = "compat-avere"


class Mark(NamedTuple):
    """What a reader makes of a reply."""

    right: bool | None
    """None where it reads no answer."""
    choice: int | None
    reason: str | None


def mark_reply(question: Question, prediction: Prediction, reader: str = "strict") -> Mark:
    """Return what a reader makes of the words of a prediction.

    Raises:
        AvereError: no such reader, or the published one is asked about a question without a known answer or
            of a benchmark that it does not know.
    """
    check_reader(reader)
    benchmark = benchmark_of(prediction)
    if reader == PUBLISHED:
        check_published(benchmark)
        found: Mark = benchmark.published(question, prediction.reply)
        return found
    choice, reason = benchmark.read(question, prediction.reply, reader)
    return Mark(None if choice is None else choice == question.answer, choice, reason)


def check_reader(reader: str) -> None:
    """Refuse a reader that there is not.

    Raises:
        AvereError: no such reader.
    """
    if reader not in READERS:
        raise unknown_name("reader", reader, READERS)


def check_published(benchmark: ModuleType) -> None:
    """Refuse a benchmark that no published script reads.

    Raises:
        AvereError: it has no published reading.
    """
    if not hasattr(benchmark, "published"):
        name = benchmark.__name__.rpartition(".")[2]
        raise AvereError(f"AVERE published no script that reads {name}; read it as strict or lenient")


def file_name(name: str, reader: str) -> str:
    """Return how a file of a run is called under a reader; strict reading has the plain name.

    >>> file_name("scores.jsonl", "strict"), file_name("scores.jsonl", "lenient")
    ('scores.jsonl', 'scores.lenient.jsonl')
    """
    stem, _, suffix = name.rpartition(".")
    return name if reader == "strict" else f"{stem}.{reader}.{suffix}"


def name_of(prediction: Prediction) -> str:
    """Return the name of the benchmark that a prediction answers."""
    return (prediction.made_by.recipe or "emorealm").partition(" ")[0]


def benchmark_of(prediction: Prediction) -> ModuleType:
    """Return the module of the benchmark that a prediction answers."""
    return catalogue.find("avere.benchmark", name_of(prediction))
