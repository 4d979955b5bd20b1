"""The table that sets people beside models, task by task."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from avere.analyse import Interval
from avere.analyse.people import HumanAccuracy
from avere.report._tables import ABSENT, Measures


class PeopleLine(NamedTuple):
    """One task."""

    people: HumanAccuracy
    models: tuple[Interval, ...]
    """The accuracy of each run."""


def make_lines(people: Sequence[HumanAccuracy], measures: Mapping[str, Measures]) -> list[PeopleLine]:
    """Make a line of each task that people and any run answered; cues and pairs are asked of people alone."""
    lines = (
        PeopleLine(one, tuple(known.get(f"accuracy/{one.task}", ABSENT) for known in measures.values()))
        for one in people
    )
    return [line for line in lines if any(cell.value is not None for cell in line.models)]
