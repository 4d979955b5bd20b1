"""Intervals over clips and over seeds, and when there is none: the weights of all draws, the point first."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from avere.records import Record

Numbers = NDArray[np.float64]
DRAWS, SEED = 2000, 0
LEVEL = 95.0
"""Of every interval, in percent."""
FEWEST_CLIPS = 20
"""With fewer clips a number has no interval and no p value.

A percentile interval over k clips covers P(|t(k - 1)| < 1.96 sqrt((k - 1) / k)) of a normal mean, not 95 %:
85 % with 5, 90 % with 10, 93 % with 20. Cameron and Miller, 2015, call fewer than 20 to 50 clusters few.
"""
FEWEST_OF_PART = 5
"""With fewer clips under one part of a mean, such as a label of UAR, the mean has no interval.

In a simulation of UAR over 7 labels, six with 50 clips, the interval covers 24, 60, 80, 87 and 91 % where the
seventh label has 1, 2, 3, 4 and 5 clips (the docs say how it is run).
"""
FEWEST_SEEDS = 6
"""With fewer seeds a bootstrap over seeds is too narrow, and that is said; an interval by t is beside."""


class Interval(Record):
    """A value with its 95 % interval; None where it does not exist (0/0)."""

    value: float | None
    low: float | None
    high: float | None
    n: int
    """Number of questions that it rests on, or of seeds."""
    reason: str | None = None
    """Why there is no interval; None where there is one."""


@lru_cache(maxsize=4)
def draw_weights(
    clips: int, draws: int = DRAWS, seed: int = SEED, strata: tuple[int, ...] | None = None
) -> Numbers:
    """Draw how often each clip counts: row 0 each once, the other rows a resampling with replacement.

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


def estimate_over_seeds(values: Sequence[float]) -> Interval:
    """Estimate the mean over training seeds by t: mean ± t(k - 1) s / sqrt(k), clips taken as they are.

    It tells what other seeds would have given on the same clips. No interval with one seed, nor where all
    seeds give the same.

    >>> found = estimate_over_seeds([1.0, 2.0, 3.0])  # s = 1, t(2) = 4.3027: 4.3027 / sqrt(3) = 2.4841
    >>> found.value, found.low, found.high
    (2.0, -0.4841, 4.4841)
    """
    seeds, mean = len(values), float(np.mean(values))
    spread = float(np.std(values, ddof=1)) if seeds > 1 else 0.0
    if spread < 1e-9:
        reason = "the same for every seed" if seeds > 1 else "only 1 seed"
        return Interval(value=round_number(mean), low=None, high=None, n=seeds, reason=reason)
    reach = float(stdtrit(seeds - 1, 0.5 + LEVEL / 200)) * spread / seeds**0.5
    return Interval(
        value=round_number(mean), low=round_number(mean - reach), high=round_number(mean + reach), n=seeds
    )


def count_clips(number: int) -> str:
    """Word a number of clips.

    >>> count_clips(1)
    '1 clip'
    """
    return f"{number} clip" if number == 1 else f"{number} clips"


def format_interval(one: Interval) -> str:
    """Write a value with its interval, or with the reason why there is none; a dash where there is no value.

    >>> format_interval(Interval(value=100.0, low=None, high=None, n=3, reason="only 1 clip"))
    '100.0 (only 1 clip)'
    """
    if one.value is None:
        return "-"
    if one.low is not None and one.high is not None:
        return f"{one.value:.1f} [{one.low:.1f}, {one.high:.1f}]"
    return f"{one.value:.1f} ({one.reason})" if one.reason else f"{one.value:.1f}"


def round_number(value: float) -> float:
    """Round a number so that it prints the same on every machine."""
    return round(float(value), 4)
