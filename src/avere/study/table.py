"""What came of an experiment: the rows of every seed, gains over the base, JSON and a Markdown table."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from avere.analyse import (
    HEADLINE,
    MEASURES,
    Comparison,
    Interval,
    Table,
    compare_runs,
    read_run,
    read_summary,
    read_table,
)
from avere.analyse.compare import format_difference, format_over_seeds
from avere.analyse.intervals import format_interval
from avere.records import Record
from avere.study.experiment import Experiment
from avere.study.hypotheses import HypothesisFinding, judge_hypotheses
from avere.study.recipe import BASE

SHOWN = (
    *HEADLINE,
    "stress_accuracy/supporting",
    "stress_accuracy/displaced",
    "stress_accuracy/hallucinated",
    "stress_yes_rate/supporting",
    "description/supporting",
)
NOT_RUN = "not run"

Gains = Mapping[str, Mapping[str, Comparison]]
"""How much better than the base each arm is, by arm and measure; an arm of which no cell was run has none."""


class ArmRow(NamedTuple):
    """One run of the table."""

    arm: str
    seed: int | None
    """None: not trained, one for all seeds."""
    label: str
    run: Path
    found: bool
    """Whether it was run."""

    @property
    def measures(self) -> Mapping[str, Interval]:
        """Every measure with its interval."""
        return read_summary(self.run).conditions["av"].measures


class ArmRun(Record):
    """A finished run of a study, as one line of a file."""

    arm: str
    seed: int | None
    seconds: float | None
    """Of training and asking; None where they were stopped between the two."""
    measures: Mapping[str, Interval]


def rows(experiment: Experiment, only: Sequence[int] | None = None) -> list[ArmRow]:
    """Return the base, then every arm and, where it is trained, seed, whether run or not."""
    recipe = experiment.recipe
    found = [ArmRow(BASE, None, BASE, experiment.run(BASE), experiment.is_filled(BASE))]
    for name in recipe.arms:
        seeds = only or recipe.seeds_of(name)
        for seed in seeds if name in recipe.trained else (None,):
            label = name if seed is None or len(seeds) == 1 else f"{name}, seed {seed}"
            run, filled = experiment.run(name, seed), experiment.is_filled(name, seed)
            found.append(ArmRow(name, seed, label, run, filled))
    return found


def cells(experiment: Experiment, seconds: Mapping[str, float]) -> list[ArmRun]:
    """Return the runs that are finished, with the measures of the table."""
    return [
        ArmRun(
            arm=row.arm,
            seed=row.seed,
            seconds=seconds.get(experiment.stage(row.arm, row.seed)),
            measures={name: row.measures[name] for name in SHOWN},
        )
        for row in rows(experiment)
        if row.found
    ]


def as_json(experiment: Experiment, seconds: Mapping[str, float]) -> dict[str, object]:
    """Return ``{arm: {metric: {value, low, high, n, reason}}, "seconds": {stage: s}}`` of what was run."""
    result: dict[str, object] = {
        row.label: {metric: found.model_dump(mode="json") for metric, found in row.measures.items()}
        for row in rows(experiment)
        if row.found
    }
    return result | {"seconds": dict(seconds)}


def gains(experiment: Experiment, measures: Sequence[str] = SHOWN) -> Gains:
    """Compare every arm with the base over the seeds that were run, clips nested in seeds."""
    base = read_table(read_run(experiment.run(BASE)), "av")
    found: dict[str, dict[str, Comparison]] = {}
    for name in experiment.recipe.arms:
        runs = [row.run for row in rows(experiment) if row.arm == name and row.found]
        tables = [read_table(read_run(run), "av") for run in runs]
        compared = (compare_runs([base] * len(runs), tables, measure) for measure in measures if runs)
        found[name] = {one.measure: one for one in compared}
    return found


def findings(experiment: Experiment) -> dict[str, HypothesisFinding]:
    """Judge the hypotheses of a study by what was run."""
    tables: dict[str, dict[int, Table]] = {}
    for row in rows(experiment):
        if row.found:
            seeds = experiment.recipe.seeds if row.seed is None else (row.seed,)
            tables.setdefault(row.arm, {}).update(dict.fromkeys(seeds, read_table(read_run(row.run), "av")))
    return judge_hypotheses(experiment.recipe.hypotheses, tables)


def markdown(experiment: Experiment, gained: Gains) -> str:
    """Return one row a run and, below, what each arm gains over the base."""
    head = ["run", *(MEASURES[name].title for name in SHOWN)]
    lines = [_row(head), _row(["---"] * len(head))]
    for row in rows(experiment):
        found = row.measures if row.found else None
        lines.append(_row([row.label, *(text(found[name]) if found else NOT_RUN for name in SHOWN)]))
    lines += ["", _row(["gain over the base", "seeds", *head[1:]]), _row(["---"] * (len(head) + 1))]
    for arm, by_measure in gained.items():
        seeds = str(by_measure[SHOWN[0]].seeds) if by_measure else "0"
        values = (gain(by_measure[name]) if by_measure else NOT_RUN for name in SHOWN)
        lines.append(_row([arm, seeds, *values]))
    return "\n".join(lines) + "\n"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def text(found: Interval) -> str:
    """Return a value with its interval.

    >>> text(Interval(value=61.25, low=58.0, high=64.0, n=100))
    '61.2 [58.0, 64.0]'
    """
    return format_interval(found)


def gain(found: Comparison) -> str:
    """Write a difference with its interval over clips and seeds and, with several seeds, the one by t."""
    seeds = "" if found.over_seeds is None else f"; t {format_over_seeds(found)}"
    return format_difference(found) + seeds
