"""Benchmarks, one module each, and the parsers of replies.

What a module offers: ``Config`` (what the recipe's ``data`` section may say), ``FAMILY`` (the module of
`avere.analyse.families` that measures it), ``clips`` and ``questions`` (of a folder and a config),
``prompt``, ``template``, ``options`` and ``parse``. One with open questions has ``tallies``, which scores
their replies from the files of a run folder; ``keep`` writes there what that needs. ``published`` parses as
AVERE's script does, ``PEOPLE`` is what people reach under a condition.
"""

from avere.benchmark._data import PACKAGE, BenchmarkData, keep_first, read_data
from avere.benchmark._parsers import (
    PARSERS,
    PUBLISHED,
    Mark,
    check_parser,
    check_published,
    file_name,
    find_benchmark,
    mark_reply,
    name_benchmark,
)
from avere.benchmark._tallies import Tallies, Tally

__all__ = [
    "PACKAGE",
    "PARSERS",
    "PUBLISHED",
    "BenchmarkData",
    "Mark",
    "Tallies",
    "Tally",
    "check_parser",
    "check_published",
    "file_name",
    "find_benchmark",
    "keep_first",
    "mark_reply",
    "name_benchmark",
    "read_data",
]
