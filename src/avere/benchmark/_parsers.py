"""The parsers of a reply to a closed question, side by side under one signature."""

from typing import NamedTuple

from avere import catalogue
from avere.errors import AvereError, unknown_name
from avere.interfaces import BenchmarkModule, ClosedBenchmark, PublishedBenchmark
from avere.records import Prediction, Question

PARSERS = ("strict", "lenient", "compat-avere")
"""Exactly; in free words; as the scripts published with AVERE do."""
PUBLISHED = "compat-avere"


class Mark(NamedTuple):
    """What a parser makes of a reply."""

    right: bool | None
    """None where it reads no answer."""
    choice: int | None
    reason: str | None


def mark_reply(question: Question, prediction: Prediction, parser: str = "strict") -> Mark:
    """Return what a parser makes of the words of a prediction.

    Raises:
        AvereError: no such parser, or the published one is asked about a question without a known answer or
            of a benchmark that it does not know.
    """
    check_parser(parser)
    benchmark = benchmark_of(prediction)
    if parser == PUBLISHED:
        return check_published(benchmark).published(question, prediction.reply)
    if not isinstance(benchmark, ClosedBenchmark):
        raise AvereError(f"'{name_of(prediction)}' has no closed questions, so no reply of it is parsed")
    choice, reason = benchmark.parse(question, prediction.reply, parser)
    return Mark(None if choice is None else choice == question.answer, choice, reason)


def check_parser(parser: str) -> None:
    """Refuse a parser that there is not.

    Raises:
        AvereError: no such parser.
    """
    if parser not in PARSERS:
        raise unknown_name("parser", parser, PARSERS)


def check_published(benchmark: BenchmarkModule) -> PublishedBenchmark:
    """Refuse a benchmark that no published script reads; give it back as one that such a script does.

    Raises:
        AvereError: it has no published reading.
    """
    if not isinstance(benchmark, PublishedBenchmark):
        name = benchmark.__name__.rpartition(".")[2]
        raise AvereError(f"AVERE published no script that reads {name}; read it as strict or lenient")
    return benchmark


def file_name(name: str, parser: str) -> str:
    """Return how a file of a run is called under a parser; strict reading has the plain name.

    >>> file_name("scores.jsonl", "strict"), file_name("scores.jsonl", "lenient")
    ('scores.jsonl', 'scores.lenient.jsonl')
    """
    stem, _, suffix = name.rpartition(".")
    return name if parser == "strict" else f"{stem}.{parser}.{suffix}"


def name_of(prediction: Prediction) -> str:
    """Return the name of the benchmark that a prediction answers."""
    return (prediction.made_by.recipe or "emorealm").partition(" ")[0]


def benchmark_of(prediction: Prediction) -> BenchmarkModule:
    """Return the module of the benchmark that a prediction answers."""
    return catalogue.find("avere.benchmark", name_of(prediction), BenchmarkModule)
