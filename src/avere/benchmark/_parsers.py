"""The parsers of a reply to a closed question, side by side under one signature."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

from avere import catalogue
from avere.benchmark._data import PACKAGE
from avere.errors import AvereError, unknown_name
from avere.interfaces import BenchmarkModule, ClosedBenchmark, PublishedBenchmark
from avere.records import Prediction, Question, journal, runs

PARSERS = ("strict", "lenient", "compat-avere")
"""Exactly; in free words; as the scripts published with AVERE do."""
PUBLISHED = "compat-avere"


class Mark(NamedTuple):
    """What a parser makes of a reply."""

    right: bool | None
    """None where it finds no answer."""
    choice: int | None
    reason: str | None


def mark_reply(
    benchmark: BenchmarkModule, question: Question, prediction: Prediction, parser: str = "strict"
) -> Mark:
    """Have a parser of a benchmark mark the words of a prediction.

    Raises:
        AvereError: no such parser, or the published one is asked about a question without a known answer or
            of a benchmark that it does not know.
    """
    check_parser(parser)
    if parser == PUBLISHED:
        return check_published(benchmark).published(question, prediction.reply)
    if not isinstance(benchmark, ClosedBenchmark):
        raise AvereError(f"'{question.id}' is of a benchmark without closed questions, so no reply is parsed")
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
        AvereError: it has no published parsing.
    """
    if not isinstance(benchmark, PublishedBenchmark):
        name = benchmark.__name__.rpartition(".")[2]
        raise AvereError(f"AVERE published no script that reads {name}; read it as strict or lenient")
    return benchmark


def file_name(name: str, parser: str) -> str:
    """Name a file of a run under a parser; strict reading has the plain name.

    >>> file_name("scores.jsonl", "strict"), file_name("scores.jsonl", "lenient")
    ('scores.jsonl', 'scores.lenient.jsonl')
    """
    stem, _, suffix = name.rpartition(".")
    return name if parser == "strict" else f"{stem}.{parser}.{suffix}"


def name_benchmark(folder: Path) -> str:
    """Name the benchmark of a run folder, as its ``run.json`` does.

    A folder of version 0.1 has none, and one may be lost; then the first prediction says by which recipe it
    was made.

    Raises:
        AvereError: the folder holds no answers.
    """
    info = runs.read_info(folder)
    if info is not None and info.benchmark is not None:
        return info.benchmark
    predictions = journal.read(folder)
    if not predictions:
        raise AvereError(f"'{folder}' holds no journal.jsonl; give the folder that `avere evaluate` wrote")
    told = next(iter(predictions.values())).made_by.recipe or "emorealm"
    return told.partition(" ")[0].rpartition("/")[2]


@cache  # every question asks for its own
def find_benchmark(name: str) -> BenchmarkModule:
    """Find the module of a benchmark by its name."""
    return catalogue.find(PACKAGE, name, BenchmarkModule)
