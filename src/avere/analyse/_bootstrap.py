"""A statistic at the point and in every resampling of clips at once, and its interval.

Clips are resampled, not questions: a statistic is a ratio of sums over clips, so one product of the weights
(shape [1 + draws, clips]) with the clips' sums gives it at the point (row 0) and in every draw.

>>> import numpy as np
>>> from avere.analyse.table import build_table
>>> from avere.records import Provenance, Question, Score
>>> def ask(name, clip):
...     return Question(id=name, clip=clip, task="t", text="?", choices=("a", "b"), answer=0, target="audio",
...                     made_by=Provenance(version="0"))
>>> asked = [ask("q1", "c1"), ask("q2", "c1"), ask("q3", "c2")]
>>> table = build_table(asked, [Score(key=one.id, value=float(one.id != "q2")) for one in asked])

Clip c1 has 1 of 2 right, c2 1 of 1. All clips once: 2/3; c1 twice: 2/4; c2 twice: 2/2.

>>> weights = np.array([[1.0, 1.0], [2.0, 0.0], [0.0, 2.0]])
>>> found = bootstrap_ratio(table, weights, table.right, table.closed)
>>> [round(value, 4) for value in found.values.tolist()]
[0.6667, 0.5, 1.0]
>>> bootstrap_interval(found).reason
'only 2 clips'
"""

from typing import NamedTuple

import numpy as np

from avere.analyse.intervals import (
    FEWEST_CLIPS,
    FEWEST_OF_PART,
    LEVEL,
    Interval,
    Numbers,
    count_clips,
    round_number,
)
from avere.analyse.table import Flags, Table


class BootstrapValues(NamedTuple):
    """A measure's value at the point (first) and in each draw, and what it rests on."""

    values: Numbers
    """Shape [1 + draws]."""
    n: int
    """Questions."""
    clips: Flags
    """The clips with such a question, shape [clips]."""
    thinnest: int
    """How many clips its thinnest part rests on: of a mean of recalls, the label with the fewest."""
    reason: str | None = None
    """Why it can have no interval however many clips there are; None where it can."""


def find_clips(table: Table, rows: Numbers | Flags) -> Flags:
    """Find the clips with a row that counts, shape [clips]."""
    return np.asarray(np.bincount(table.clip, weights=rows != 0, minlength=len(table.clips)) > 0)


def bootstrap_rows(table: Table, values: Numbers, rows: Numbers | Flags) -> BootstrapValues:
    """Set values beside the rows that they rest on, as one part."""
    clips = find_clips(table, rows)
    return BootstrapValues(values, int(np.count_nonzero(rows)), clips, int(clips.sum()))


def bootstrap_ratio(
    table: Table, weights: Numbers, over: Numbers | Flags, under: Numbers | Flags
) -> BootstrapValues:
    """Divide sum(over) by sum(under) for each row of clip weights; not a number where that is 0/0."""
    size = len(table.clips)
    top, bottom = (np.bincount(table.clip, weights=side, minlength=size) for side in (over, under))
    with np.errstate(invalid="ignore", divide="ignore"):
        return bootstrap_rows(table, (weights @ top) / (weights @ bottom), under)


def bootstrap_parts(values: Numbers, *parts: BootstrapValues) -> BootstrapValues:
    """Set values beside the parts that they were computed from."""
    return BootstrapValues(
        values,
        sum(part.n for part in parts),
        np.logical_or.reduce([part.clips for part in parts]),
        min(part.thinnest for part in parts),
        next((part.reason for part in parts if part.reason), None),
    )


def bootstrap_mean(*parts: BootstrapValues) -> BootstrapValues:
    """Average several measures; the mean exists where each of them does."""
    return bootstrap_parts(np.mean([part.values for part in parts], axis=0), *parts)


def to_percent(found: BootstrapValues) -> BootstrapValues:
    """Turn a share into percent."""
    return found._replace(values=100 * found.values)


def bootstrap_nothing(table: Table, weights: Numbers, n: int) -> BootstrapValues:
    """Stand for a measure that does not exist."""
    return BootstrapValues(np.full(len(weights), np.nan), n, np.zeros(len(table.clips), dtype=np.bool_), 0)


def correct_bias(found: BootstrapValues) -> BootstrapValues:
    """Take off the bias that the bootstrap estimates (Efron and Tibshirani, 1993, chapter 10).

    The bias is b = mean of the draws minus the point. The point loses b; a draw loses 2 b, once for the bias
    of the sample and once for that of resampling it, so that the mean of the draws is the corrected point. Of
    statistics that cannot be negative: what falls below zero is zero.

    >>> found = BootstrapValues(np.array([5.0, 6.0, 8.0]), 4, np.ones(4, dtype=bool), 4)  # b = 7 - 5
    >>> correct_bias(found).values.tolist()
    [3.0, 2.0, 4.0]
    """
    drawn = found.values[1:][np.isfinite(found.values[1:])]
    bias = float(drawn.mean() - found.values[0]) if drawn.size else 0.0
    shifted = found.values - 2 * bias
    shifted[0] += bias
    return found._replace(values=np.maximum(shifted, 0.0))


def bootstrap_interval(found: BootstrapValues) -> Interval:
    """Estimate a statistic with its percentile interval, or with the reason why it has none.

    Draws in which the statistic does not exist (none of its questions was drawn) are left out.
    """
    point = found.values[0]
    if not np.isfinite(point):
        return Interval(value=None, low=None, high=None, n=found.n, reason="nothing to measure")
    drawn = found.values[1:][np.isfinite(found.values[1:])]
    reason = _doubt(found, drawn)
    if reason is not None:
        return Interval(value=round_number(point), low=None, high=None, n=found.n, reason=reason)
    low, high = np.percentile(drawn, (50 - LEVEL / 2, 50 + LEVEL / 2))
    return Interval(value=round_number(point), low=round_number(low), high=round_number(high), n=found.n)


def _doubt(found: BootstrapValues, drawn: Numbers) -> str | None:
    """Say why resampling tells nothing here, in a few words; None where it does."""
    clips = int(found.clips.sum())
    if found.reason is not None:
        return found.reason
    if clips < FEWEST_CLIPS:
        return f"only {count_clips(clips)}"
    if found.thinnest < FEWEST_OF_PART:
        return f"a part of only {count_clips(found.thinnest)}"
    if not drawn.size:
        return "no draw has a value"
    if np.ptp(drawn) <= 1e-9 * max(1.0, float(np.abs(drawn).max())):
        return "the same in every draw"
    return None
