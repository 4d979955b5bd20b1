"""How far wrong labels alone can move a difference of two runs, at worst.

A measure of accuracy is a weighted mean over groups of questions, sum of w * mean of the group, so a
difference of two runs is the same of gains: 1 where only the second run is right, -1 where only the first is,
else 0. Let a share of the labels be wrong, m questions in all, wherever they do most.

Groups that labels do not decide, such as tasks: a wrong label turns a gain at most from 1 to -1, so it moves
the difference by at most 2 w / n, and a group by no more than w * (1 + |its mean gain|). The m questions
stand where w / n is largest. For plain accuracy that is 2 m / n.

Groups that labels decide, such as "yes is right" or the labels of UAR: a question with a wrong label left one
group and entered another. If m questions leave or enter a group of n, its mean moves by at most m (1 + |its
mean gain|) / (n - m), and never by more than 1 + |its mean gain|. Every question touches two groups, so the
two that move most bound the whole.
"""

from typing import NamedTuple

import numpy as np

from avere.analyse.measures import AGREEMENT, BASIC, NEGATIVES, OFFICIAL
from avere.analyse.table import Flags, Table

STRESS_WEIGHTS = {"supporting": 0.5, **dict.fromkeys(NEGATIVES, 0.25)}


class LabelGroup(NamedTuple):
    """One group of questions of a weighted mean."""

    weight: float
    questions: int
    gap: float
    """Mean gain of the second run over the first, -1 to 1."""


def bound_fixed(error: float, groups: list[LabelGroup]) -> float:
    """Bound a difference in points where labels do not decide the groups.

    >>> bound_fixed(0.01, [LabelGroup(1.0, 200, 0.0)])  # 2 of 200 labels, 2 / 200 each
    2.0
    >>> bound_fixed(0.01, [LabelGroup(0.5, 180, 0.0), LabelGroup(0.5, 20, 0.0)])  # both in the small group
    10.0
    """
    left, moved = error * sum(group.questions for group in groups), 0.0
    for group in sorted(groups, key=lambda one: one.weight / one.questions, reverse=True):
        enough = group.questions * (1 + abs(group.gap)) / 2
        moved += 2 * group.weight * min(left, enough) / group.questions
        left -= min(left, enough)
    return round(100 * moved, 4)


def bound_decided(error: float, groups: list[LabelGroup]) -> float:
    """Bound a difference in points where labels decide the groups.

    >>> bound_decided(0.01, [LabelGroup(0.5, 180, 0.0), LabelGroup(0.5, 20, 0.0)])  # 2/18, 2/178; halved
    6.1174
    """
    wrong = error * sum(group.questions for group in groups)
    moves = [
        group.weight * (1 + abs(group.gap)) * min(1.0, wrong / max(group.questions - wrong, 1e-9))
        for group in groups
    ]
    return round(100 * sum(sorted(moves)[-2:]), 4)


def bound_by_labels(error: float, measure: str, first: Table, second: Table) -> float | None:
    """Bound the difference of a measure in points; None for a measure that is no such mean.

    Args:
        error: share of wrong labels among the questions of the measure's groups, 0 to 1.
        measure: its name.
        first: the table of the first run.
        second: that of the second run, of the same questions.
    """
    found = _find_groups(measure, first)
    if found is None:
        return None
    weights, decided = found
    gains = second.right.astype(np.float64) - first.right
    groups = [
        LabelGroup(weight, int(np.count_nonzero(rows)), float(gains[rows].mean()))
        for weight, rows in weights
        if rows.any()
    ]
    return bound_decided(error, groups) if decided else bound_fixed(error, groups)


def _find_groups(measure: str, table: Table) -> tuple[list[tuple[float, Flags]], bool] | None:
    """Find the groups of a measure with their weights, and whether labels decide them."""
    head, _, part = measure.partition("/")
    asked = table.closed & (table.kind != "plain")
    if head in ("accuracy", "war", "basic_accuracy"):
        tasks = BASIC if head == "basic_accuracy" else (part,) if part else tuple(set(table.task.tolist()))
        return [(1.0, asked & np.isin(table.task, tasks))], False
    if measure == "mean_accuracy":
        tasks = OFFICIAL if table.benchmark == "emorealm" else tuple(sorted(set(table.task[asked].tolist())))
        tasks = tuple(task for task in tasks if not task.endswith("_only"))
        return [(1 / len(tasks), asked & (table.task == task)) for task in tasks], False
    if measure == "agreement_balanced_accuracy":
        here = asked & np.isin(table.task, AGREEMENT)
        return [(0.5, here & table.is_yes), (0.5, here & table.is_no)], True
    if measure == "stress_score" or head == "stress_accuracy":
        weights = {kind: float(kind == part) for kind in STRESS_WEIGHTS} if part else STRESS_WEIGHTS
        return [(weight, table.closed & (table.kind == kind)) for kind, weight in weights.items()], True
    if measure == "uar":
        return [(1 / len(table.labels), asked & (table.truth == label)) for label in table.labels], True
    return None
