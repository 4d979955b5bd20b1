"""What came of an experiment: the rows of every seed, comparisons over seeds, JSON and a Markdown table."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from avere.analyse import HEADLINE, MEASURES, Comparison, Estimate, compare, read, read_summary, table
from avere.study.experiment import BASE, Experiment

SHOWN = (
    *HEADLINE,
    "stress_accuracy/supporting",
    "stress_accuracy/displaced",
    "stress_accuracy/hallucinated",
    "stress_yes_rate/supporting",
    "description/supporting",
)


def rows(experiment: Experiment, only: Sequence[int] | None = None) -> dict[str, Path]:
    """Return the run folder of the base, then of every arm and, where it is trained, seed."""
    recipe = experiment.recipe
    seeds = only or recipe.seeds
    found = {BASE: experiment.run(BASE)}
    for name in recipe.arms:
        for seed in seeds if name in recipe.trained else seeds[:1]:
            alone = len(seeds) == 1 or name in recipe.wrapped
            found[name if alone else f"{name}, seed {seed}"] = experiment.run(name, seed)
    return found


def numbers(run: Path, condition: str = "av") -> Mapping[str, Estimate]:
    """Return every measure of a run with its interval."""
    return read_summary(run).conditions[condition].measures


def as_json(experiment: Experiment, seconds: Mapping[str, float]) -> dict[str, object]:
    """Return ``{arm: {metric: {value, low, high, n}}, "seconds": {stage: s}}``."""
    result: dict[str, object] = {
        name: {metric: found.model_dump(mode="json") for metric, found in numbers(run).items()}
        for name, run in rows(experiment).items()
    }
    return result | {"seconds": dict(seconds)}


def differences(experiment: Experiment, name: str, other: str, measures: Sequence[str]) -> list[Comparison]:
    """Return how much better ``name`` is than ``other`` over all seeds, clips nested in seeds."""
    first, second = (
        [table(read(experiment.run(arm, seed)), "av") for seed in experiment.recipe.seeds]
        for arm in (other, name)
    )
    return [compare(first, second, measure) for measure in measures]


def markdown(experiment: Experiment) -> str:
    """Return one row a run and, below, what each arm gains over the base."""
    head = ["run", *(MEASURES[name].title for name in SHOWN)]
    lines = [_row(head), _row(["---"] * len(head))]
    for name, run in rows(experiment).items():
        found = numbers(run)
        lines.append(_row([name, *(text(found[measure]) for measure in SHOWN)]))
    lines += ["", _row(["gain over the base", *head[1:]]), _row(["---"] * len(head))]
    for arm in experiment.recipe.arms:
        gains = differences(experiment, arm, BASE, SHOWN)
        lines.append(_row([arm, *(_gain(gain) for gain in gains)]))
    return "\n".join(lines) + "\n"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def text(found: Estimate) -> str:
    """Return a value with its interval.

    >>> text(Estimate(value=61.25, low=58.0, high=64.0, n=100))
    '61.2 [58.0, 64.0]'
    """
    if found.value is None:
        return "-"
    if found.low is None or found.high is None:
        return f"{found.value:.1f}"
    return f"{found.value:.1f} [{found.low:.1f}, {found.high:.1f}]"


def _gain(found: Comparison) -> str:
    if found.difference is None or found.low is None or found.high is None:
        return "-"
    return f"{found.difference:+.1f} [{found.low:+.1f}, {found.high:+.1f}]"
