"""What the plots of a study show: gains over the base, of all arms and along each hyper-parameter."""

from collections.abc import Sequence
from functools import reduce
from typing import Any

from avere.analyse import MEASURES, Comparison
from avere.errors import AvereError
from avere.records import jsonl
from avere.report.arms import Dot
from avere.study.experiment import Experiment
from avere.study.round_results import ROUNDS, RoundResult, as_curves
from avere.study.table import Gains

DRAWN = ("stress_score", "stress_auroc", "description/supporting")
DISEASES = (
    *("stress_auroc", "stress_accuracy/supporting", "stress_accuracy/displaced", "stress_accuracy/beside"),
    *("stress_accuracy/hallucinated", "stress_accuracy/hallucinated/stereotyped"),
    *("description/supporting", "description/hallucinated", "description/displaced"),
    *("description/wrong_modality", "basic_accuracy", "agreement_balanced_accuracy"),
)
"""What may be cured or harmed: yes/no questions by kind of cue, descriptions, and what was right before."""


def panels(gains: Gains, names: Sequence[str] = DRAWN) -> dict[str, dict[str, Dot | None]]:
    """Return the gain of every arm by the title of each measure; None: not run."""
    return {
        MEASURES[name].title: {arm: _dot(found.get(name)) for arm, found in gains.items()} for name in names
    }


def curves(experiment: Experiment, gains: Gains) -> dict[str, dict[str, list[tuple[float, Dot]]]]:
    """Return the gains along each hyper-parameter, by its dotted key and the title of each measure."""
    found: dict[str, dict[str, list[tuple[float, Dot]]]] = {}
    for key in experiment.recipe.curves:
        found[key] = {
            MEASURES[name].title: sorted(
                (
                    (place, dot)
                    for arm, place in places(experiment, key).items()
                    if (dot := _dot(gains[arm].get(name)))
                ),
                key=lambda one: one[0],
            )
            for name in DRAWN
        }
    return found


def rounds(experiment: Experiment) -> dict[str, dict[str, list[dict[int, float]]]]:
    """Return the curves of the arms that learnt in rounds, by measure and arm, one a seed."""
    found: dict[str, dict[str, list[dict[int, float]]]] = {}
    for name, arm in experiment.recipe.arms.items():
        for seed in experiment.recipe.seeds_of(name) if arm.online else ():
            file = experiment.weights(name, seed) / ROUNDS
            results = list(jsonl.read(file, RoundResult)) if file.is_file() else []
            for title, points in as_curves(results).items():
                found.setdefault(title, {}).setdefault(name, []).append(points)
    return found


def value(experiment: Experiment, name: str, key: str) -> float:
    """Look up a dotted key in the training recipe of an arm.

    Raises:
        AvereError: nothing, or no number.
    """
    recipe = experiment.recipe
    said: Any = experiment.training(recipe.arms[name], recipe.seeds[0], None).model_dump()
    try:
        return float(reduce(lambda section, part: section[part], key.split("."), said))
    except (KeyError, TypeError, ValueError) as error:
        raise AvereError(
            f"curves: arm '{name}' has no number under '{key}'; set one, or leave it out"
        ) from error


def places(experiment: Experiment, key: str) -> dict[str, float]:
    """Place each arm of a curve."""
    return {arm: value(experiment, arm, key) for arm in experiment.recipe.curves[key]}


def _dot(found: Comparison | None) -> Dot | None:
    if found is None or found.difference is None:
        return None
    wide = found.over_seeds
    seeds = (wide.low, wide.high) if wide and wide.low is not None and wide.high is not None else None
    return Dot(found.difference, found.low, found.high, seeds)
