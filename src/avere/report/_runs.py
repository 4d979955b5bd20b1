"""Reading the runs that a report compares, under names short enough for a table."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from avere.analyse import Interval, Run, Summary, read_run, read_summary
from avere.errors import AvereError, printable_path
from avere.records.runs import RunInfo, read_info


class Gathered(NamedTuple):
    """Runs and their numbers by label, the base first."""

    runs: dict[str, Run]
    summaries: dict[str, Summary]
    condition: str
    """The one that the report is about."""

    def measures(self, condition: str) -> dict[str, Mapping[str, Interval]]:
        """Return every run's numbers under one condition."""
        return {label: one.conditions[condition].measures for label, one in self.summaries.items()}


def gather_runs(runs: Sequence[Path]) -> Gathered:
    """Read run folders and their summaries.

    Raises:
        AvereError: no run given, a folder holds none, or the runs share no benchmark or no condition.
    """
    if not runs:
        raise AvereError("no run to report; give the folders that `avere evaluate` wrote")
    labels = _labels(runs)
    found = dict(zip(labels, map(read_run, runs), strict=True))
    summaries = dict(zip(labels, map(read_summary, runs), strict=True))
    benchmarks = sorted({one.benchmark for one in summaries.values()})
    if len(benchmarks) > 1:
        raise AvereError(
            f"the runs are of different benchmarks, {' and '.join(benchmarks)}; report each apart"
        )
    return Gathered(found, summaries, _condition(summaries))


def _labels(runs: Sequence[Path]) -> list[str]:
    """Return a short name for each run: its folder, with the folder above where that is not enough."""
    names = [run.resolve().name for run in runs]
    twice = {name for name, count in Counter(names).items() if count > 1}
    longer = [
        f"{run.resolve().parent.name}/{name}" if name in twice else name
        for run, name in zip(runs, names, strict=True)
    ]
    if len(set(longer)) < len(longer):
        raise AvereError(f"a run was given twice among {', '.join(map(str, runs))}; give each once")
    return longer


def _condition(summaries: Mapping[str, Summary]) -> str:
    """Return the condition that the report is about: real media, else the first that all runs share."""
    shared = set.intersection(*(set(summary.conditions) for summary in summaries.values()))
    if not shared:
        raise AvereError("the runs share no condition; evaluate them under the same --conditions")
    return "av" if "av" in shared else min(shared)


class Made(NamedTuple):
    """How a page and its runs came about."""

    command: str
    runs: dict[str, str]
    """Of each run: seed, date and version, where its folder tells them."""


def describe_runs(folders: Sequence[Path], runs: Mapping[str, Run]) -> Made:
    """Describe by which command the page is made again, and when and with what seed its runs were."""
    told = {label: _tell(read_info(run.folder)) for label, run in runs.items()}
    return Made(f"avere report {' '.join(map(printable_path, folders))}", told)


def _tell(info: RunInfo | None) -> str:
    """Tell seed, date and version of a run."""
    if info is None:
        return ""
    day = (info.ended or info.begun).partition("T")[0]
    return f"{info.verb} · seed {info.seed} · {day} · avere {info.version}"
