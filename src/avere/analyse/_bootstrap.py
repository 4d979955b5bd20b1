"""A statistic at the point and in every resampling of clips at once, and how such are put together."""

from typing import NamedTuple

import numpy as np

from avere.analyse.intervals import Numbers
from avere.analyse.table import Flags, Table


class BootstrapValues(NamedTuple):
    """A measure's value at the point (first) and in each draw, and how many questions it rests on."""

    values: Numbers
    n: int


def bootstrap_ratio(
    table: Table, weights: Numbers, over: Numbers | Flags, under: Numbers | Flags
) -> BootstrapValues:
    """Return sum(over) / sum(under) for each row of clip weights; not a number where that is 0/0."""
    size = len(table.clips)
    top, bottom = (np.bincount(table.clip, weights=side, minlength=size) for side in (over, under))
    with np.errstate(invalid="ignore", divide="ignore"):
        return BootstrapValues((weights @ top) / (weights @ bottom), int(np.count_nonzero(under)))


def bootstrap_mean(*parts: BootstrapValues) -> BootstrapValues:
    """Return the mean of several measures; it exists where each of them does."""
    return BootstrapValues(np.mean([part.values for part in parts], axis=0), sum(part.n for part in parts))


def to_percent(draws: BootstrapValues) -> BootstrapValues:
    """Return a share in percent."""
    return BootstrapValues(100 * draws.values, draws.n)


def bootstrap_nothing(weights: Numbers, n: int) -> BootstrapValues:
    """Return a measure that does not exist."""
    return BootstrapValues(np.full(len(weights), np.nan), n)
