"""How sure a model is beside how often it is right.

Confidence is the chosen option's share of the probability of all options. Guo et al., 2017 (expected
calibration error), here over bins of equal mass; Brier, 1950, over all options; Geifman and El-Yaniv, 2017
(risk and coverage). Plain questions and answers without log-probabilities are left out.

A gap counts as error on either side, so chance alone makes the expected calibration error positive: it is too
large, the more so the fewer questions there are, and a resampling is larger once more, so that percentiles
miss even the value itself (Kumar, Liang and Ma, 2019; Roelofs et al., 2022). It therefore has no interval.
The bias of squared gaps can be estimated without error on average: their mean is debiased, and its root has
an interval.
"""

from collections.abc import Callable

import numpy as np

from avere.analyse._auroc import compute_auroc
from avere.analyse._bootstrap import (
    BootstrapValues,
    bootstrap_nothing,
    bootstrap_parts,
    bootstrap_ratio,
    bootstrap_rows,
    correct_bias,
    to_percent,
)
from avere.analyse.intervals import Numbers
from avere.analyse.table import Flags, Table

BINS = 10
"""Of the calibration error; each holds the same number of questions, up to one."""


def known(table: Table) -> Flags:
    """Mark the questions that have a confidence."""
    return np.asarray(table.closed & (table.kind != "plain") & np.isfinite(table.confidence))


def ece(table: Table, weights: Numbers) -> BootstrapValues:
    """Compute the expected calibration error in percent: mean gap of confidence and accuracy over bins."""
    point = to_percent(_resampled(table, weights[:1], calibration_error))
    values = np.full(len(weights), point.values[0])
    return point._replace(values=values, reason="biased upward")


def rms_error(table: Table, weights: Numbers) -> BootstrapValues:
    """Compute the root mean square of the gaps over the bins in percent, squares corrected for bias."""
    squared = correct_bias(_resampled(table, weights, squared_error))
    return to_percent(squared._replace(values=np.sqrt(squared.values)))


def aurc(table: Table, weights: Numbers) -> BootstrapValues:
    """Compute the area under the risk-coverage curve in percent: the mean risk over all coverages."""
    return to_percent(_resampled(table, weights, lambda sure, wrong: float(np.mean(risks(sure, wrong)))))


def brier(table: Table, weights: Numbers) -> BootstrapValues:
    """Compute 100 times the Brier score: squared distance of the options' shares from the truth, 0 to 200."""
    rows = known(table) & np.isfinite(table.brier)
    return to_percent(bootstrap_ratio(table, weights, np.where(rows, table.brier, 0.0), rows))


def confidence_auroc(table: Table, weights: Numbers) -> BootstrapValues:
    """Count pairs in which the right answer is surer than the wrong one, in percent; ties count half."""
    rows = known(table)
    sides = rows & table.right, rows & ~table.right
    if not rows.any():
        return bootstrap_nothing(table, weights, 0)
    area = compute_auroc(table.confidence, table.clip, sides, weights)
    return to_percent(bootstrap_parts(area, *(bootstrap_rows(table, area, side) for side in sides)))


def curve(table: Table) -> tuple[Numbers, Numbers]:
    """Trace coverage and risk in percent, the surest answers first; empty without confidences."""
    rows = known(table)
    sure, wrong = _sorted(table.confidence[rows], ~table.right[rows])
    return 100 * np.arange(1, sure.size + 1) / max(1, sure.size), 100 * risks(sure, wrong)


def calibration_error(sure: Numbers, wrong: Numbers, bins: int = BINS) -> float:
    """Average the gap of confidence and accuracy over bins of equal mass; ``sure`` falls.

    Answers of the same confidence are exchangeable: each counts as wrong as they are on average, so that no
    border of bins between them changes the result.
    """
    sums, _ = _gaps(sure, wrong, bins)
    return float(np.abs(sums).sum() / sure.size)


def squared_error(sure: Numbers, wrong: Numbers, bins: int = BINS) -> float:
    """Average the squared gap over bins of equal mass; ``sure`` falls."""
    sums, sizes = _gaps(sure, wrong, bins)
    return float((sums**2 / sizes).sum() / sure.size)


def _gaps(sure: Numbers, wrong: Numbers, bins: int) -> tuple[Numbers, Numbers]:
    """Sum confidence less accuracy in each bin, and count its answers."""
    borders = np.unique(np.round(np.linspace(0, sure.size, bins + 1)).astype(np.intp))
    sums = np.add.reduceat(sure - (1 - _shared(sure, wrong)), borders[:-1])
    return sums, np.diff(borders).astype(np.float64)


def risks(sure: Numbers, wrong: Numbers) -> Numbers:
    """Compute the share of wrong answers among the surest 1, 2, ... all; ``sure`` falls, ties are shared."""
    errors = np.cumsum(_shared(sure, wrong))
    return np.asarray(errors / np.arange(1, sure.size + 1))


def _shared(sure: Numbers, wrong: Numbers) -> Numbers:
    """Average the errors of answers of the same confidence."""
    if not sure.size:
        return wrong
    starts = np.flatnonzero(np.append(True, sure[1:] != sure[:-1]))
    sizes = np.diff(np.append(starts, sure.size))
    return np.repeat(np.add.reduceat(wrong, starts) / sizes, sizes)


def _sorted(sure: Numbers, wrong: Flags) -> tuple[Numbers, Numbers]:
    """Sort both, the surest first."""
    order = np.argsort(-sure, kind="stable")
    return sure[order], wrong[order].astype(np.float64)


def _resampled(
    table: Table, weights: Numbers, statistic: Callable[[Numbers, Numbers], float]
) -> BootstrapValues:
    """Compute a statistic of sorted confidences and errors at the point and in each draw."""
    rows = np.flatnonzero(known(table))
    if not rows.size:
        return bootstrap_nothing(table, weights, 0)
    rows = rows[np.argsort(-table.confidence[rows], kind="stable")]
    sure, wrong = table.confidence[rows], (~table.right[rows]).astype(np.float64)
    values = np.full(len(weights), np.nan)
    for draw, times in enumerate(weights[:, table.clip[rows]].astype(np.intp)):
        if times.any():
            values[draw] = statistic(np.repeat(sure, times), np.repeat(wrong, times))
    return bootstrap_rows(table, values, known(table))
