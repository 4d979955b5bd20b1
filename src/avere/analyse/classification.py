"""How well labels were recognised: UAR, WAR and F1 over a fixed set of labels, by one definition.

All numbers are in percent. What was not read (None) is wrong and stays in every denominator; a stray label
can neither add a class nor hide one, because the set is given. 0/0 decided: a share of nothing is None, and a
mean exists where each of its parts does.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from avere.errors import AvereError, unknown_name


class LabelScores(NamedTuple):
    """What came of one label."""

    n: int
    """How often it is the right one."""
    recall: float | None
    precision: float | None
    f1: float | None


class Classification(NamedTuple):
    """What came of all labels."""

    n: int
    unread: float | None
    """Share of answers that were not read."""
    uar: float | None
    """Unweighted average recall: the mean of the labels' recalls, also called balanced accuracy."""
    war: float | None
    """Weighted average recall: recalls weighted by how often each label is right, which is accuracy."""
    f1_macro: float | None
    f1_weighted: float | None
    """F1 weighted by how often each label is right, called WAF by the MER challenges."""
    by_label: Mapping[str, LabelScores]


def classify(truth: Sequence[str], said: Sequence[str | None], labels: Sequence[str]) -> Classification:
    """Return the scores of answers against the right labels.

    Args:
        truth: the right label of each item.
        said: what was read in each answer, in the same order; None where nothing was.
        labels: the label set, each once; it decides which classes the means run over.

    Raises:
        AvereError: lengths differ, a label is not in the set, or the set names one twice.

    >>> classify(["joy", "fear"], ["joy", None], ["joy", "fear"]).uar
    50.0
    """
    _check(truth, said, labels)
    by_label = {label: _scores(label, truth, said) for label in labels}
    every = list(by_label.values())
    right = sum(one == other for one, other in zip(truth, said, strict=True))
    return Classification(
        n=len(truth),
        unread=_percent(sum(one is None for one in said), len(said)),
        uar=_mean([one.recall for one in every], [1] * len(every)),
        war=_percent(right, len(truth)),
        f1_macro=_mean([one.f1 for one in every], [1] * len(every)),
        f1_weighted=_mean([one.f1 for one in every], [one.n for one in every]),
        by_label=by_label,
    )


def _scores(label: str, truth: Sequence[str], said: Sequence[str | None]) -> LabelScores:
    """Return the scores of one label; F1 is 2 hits / (times right + times said)."""
    hits = sum(one == label == other for one, other in zip(truth, said, strict=True))
    right, named = list(truth).count(label), list(said).count(label)
    return LabelScores(right, _percent(hits, right), _percent(hits, named), _percent(2 * hits, right + named))


def _percent(over: int, under: int) -> float | None:
    """Return a share in percent, or None of nothing."""
    return 100 * over / under if under else None


def _mean(values: Sequence[float | None], weights: Sequence[int]) -> float | None:
    """Return the weighted mean, or None where a value with weight does not exist, or there is no weight."""
    pairs = [(value, weight) for value, weight in zip(values, weights, strict=True) if weight]
    known = [(value, weight) for value, weight in pairs if value is not None]
    if not pairs or len(known) < len(pairs):
        return None
    return sum(value * weight for value, weight in known) / sum(weight for _, weight in known)


def _check(truth: Sequence[str], said: Sequence[str | None], labels: Sequence[str]) -> None:
    """Refuse what cannot be scored.

    Raises:
        AvereError: lengths differ, a label is not in the set, or the set names one twice.
    """
    if len(truth) != len(said):
        raise AvereError(
            f"{len(truth)} right labels but {len(said)} answers; give one an item, None where none was read"
        )
    twice = [label for label in labels if list(labels).count(label) > 1]
    if twice:
        raise AvereError(f"the label set names '{twice[0]}' twice; name each label once")
    stranger = next((one for one in (*truth, *said) if one is not None and one not in labels), None)
    if stranger is not None:
        raise unknown_name("label", stranger, labels)
