"""How often people answer rightly, by task, as an acceptance wrote it: what models are set against."""

from pathlib import Path

from avere.analyse.intervals import Interval
from avere.errors import AvereError
from avere.records import Record, jsonl

PEOPLE = "people.jsonl"
ALL = "all"
"""Stands for every task at once."""


class HumanAccuracy(Record):
    """How often people give the answer that a question names."""

    task: str
    asked: Interval
    """Over all questions that were decided; those that people refuted are in it."""
    accepted: Interval
    """Over the accepted ones, which were chosen by these same answers: too high."""
    questions: int
    """Accepted ones."""
    clips: int
    detectable: float | None
    """Smallest difference of two runs, in points, that is found with a power of 0.8 where a fifth of the
    answers differ."""


def read_people(folder: Path) -> list[HumanAccuracy]:
    """Read how people did from a folder that ``avere verify accept`` wrote, by task.

    Raises:
        AvereError: it is none.
        RecordError: a line of its file is wrong.
    """
    if not (folder / PEOPLE).is_file():
        raise AvereError(f"'{folder}' holds no {PEOPLE}; give a folder that `avere verify accept` wrote")
    return list(jsonl.read(folder / PEOPLE, HumanAccuracy))
