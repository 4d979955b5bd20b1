"""Percentile intervals by resampling clips: the weights of all draws at once, the point itself first."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from avere.records import Record

Numbers = NDArray[np.float64]
DRAWS, SEED = 2000, 0


class Interval(Record):
    """A value with its 95 % interval; None where it does not exist (0/0)."""

    value: float | None
    low: float | None
    high: float | None
    n: int
    """Number of questions that it rests on."""


@lru_cache(maxsize=4)
def draw_weights(
    clips: int, draws: int = DRAWS, seed: int = SEED, strata: tuple[int, ...] | None = None
) -> Numbers:
    """Return how often each clip counts: row 0 each once, the other rows a resampling with replacement.

    Args:
        clips: how many there are.
        draws: how many resamplings.
        seed: same seed, same resamplings.
        strata: the stratum of each clip; each is resampled on its own and keeps its size. None: one for all.

    Returns:
        Shape [1 + draws, clips]; kept for the next measure and therefore read-only.
    """
    random = np.random.default_rng([seed, clips])
    stratum = np.zeros(clips, dtype=np.intp) if strata is None else np.array(strata, dtype=np.intp)
    drawn = np.ones((1 + draws, clips))
    for one in np.unique(stratum):
        place = np.flatnonzero(stratum == one)
        shares = np.full(place.size, 1 / place.size)
        drawn[1:, place] = random.multinomial(place.size, shares, size=draws)
    drawn.setflags(write=False)
    return drawn


def bootstrap_interval(values: Numbers, n: int) -> Interval:
    """Return the estimate of a statistic's values, the point first, then one a draw.

    Draws in which the statistic does not exist (none of its questions was drawn) are left out.
    """
    if not np.isfinite(values[0]):
        return Interval(value=None, low=None, high=None, n=n)
    drawn = values[1:][np.isfinite(values[1:])]
    if not drawn.size:
        return Interval(value=_rounded(values[0]), low=None, high=None, n=n)
    low, high = np.percentile(drawn, (2.5, 97.5))
    return Interval(value=_rounded(values[0]), low=_rounded(low), high=_rounded(high), n=n)


def _rounded(value: float) -> float:
    """Return a number that prints the same on every machine."""
    return round(float(value), 4)
