"""What the functions of the road give: frozen records, each of which becomes a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from avere.analyse import Contrast, Summary
from avere.asking.clips import ClipAnswer
from avere.construct.construction import Construction as ConstructionNumbers
from avere.errors import AvereError
from avere.records import MediaPath, Record

if TYPE_CHECKING:
    from pandas import DataFrame


class ClipAnswers(Record):
    """What a model answered, one answer a clip, in their order."""

    answers: tuple[ClipAnswer, ...]

    def to_pandas(self) -> DataFrame:
        """Make a table with a row a clip: its path, the reply, and its status."""
        return _table(one.model_dump(mode="json", exclude={"made_by", "key"}) for one in self.answers)


class ResponseScore(Record):
    """How likely a response is."""

    clip: MediaPath
    response: str
    log_prob: float
    """Sum over the tokens of the response, in nats."""


class ResponseScores(Record):
    """How likely responses are, clip by clip and in their order."""

    scores: tuple[ResponseScore, ...]

    def to_pandas(self) -> DataFrame:
        """Make a table with a row a clip and response."""
        return _table(one.model_dump(mode="json") for one in self.scores)


class Constructed(Record):
    """Questions and pairs that were made."""

    folder: Path
    """Holds ``questions.jsonl``, ``pairs.jsonl``, ``clips.jsonl``, ``cues.jsonl`` and a data card."""
    numbers: ConstructionNumbers

    def to_pandas(self) -> DataFrame:
        """Make a table with a row a task and kind, or a target of pairs, and how many there are."""
        asked = (
            {"what": "question", "task": task, "kind": kind, "count": count}
            for task, kinds in self.numbers.questions.items()
            for kind, count in kinds.items()
        )
        made = (
            {"what": "pair", "task": target, "kind": None, "count": count}
            for target, count in self.numbers.pairs.items()
        )
        return _table([*asked, *made])


class Trained(Record):
    """A finished training run."""

    folder: Path
    """Holds the weights, which `load` takes, with log, metrics and model card."""
    metrics: Mapping[str, float]
    log: tuple[Mapping[str, float], ...]

    def to_pandas(self) -> DataFrame:
        """Make a table with a row a report of the log."""
        return _table(self.log)


class Evaluated(Record):
    """A finished evaluation."""

    folder: Path
    """Holds every answer; `compare` and `report` take it."""
    summary: Summary

    def to_pandas(self) -> DataFrame:
        """Make a table with a row a condition and measure, with its 95 % interval."""
        return _table(
            {"condition": condition, "measure": name, **one.model_dump(mode="json")}
            for condition, numbers in self.summary.conditions.items()
            for name, one in numbers.measures.items()
        )


class Compared(Record):
    """How a second run differs from a first one."""

    contrast: Contrast

    def to_pandas(self) -> DataFrame:
        """Make a table with a row a measure."""
        return _table(one.model_dump(mode="json") for one in self.contrast.measures)


def _table(rows: Iterable[Mapping[str, Any]]) -> DataFrame:
    """Make a table of rows; what is nested in one becomes columns such as ``difference.low``.

    Raises:
        AvereError: pandas is not installed.
    """
    try:
        import pandas
    except ModuleNotFoundError as error:
        raise AvereError("tables need pandas; install it with: pip install pandas") from error
    table: DataFrame = pandas.json_normalize([dict(row) for row in rows])
    return table
