"""Sizes of a difference between two runs, a test by clips, and the size that would be found."""

from collections.abc import Sequence
from math import asin, sqrt
from statistics import NormalDist

import numpy as np

POWER, LEVEL = 0.8, 0.05


def flip_clips_test(gains: Sequence[int]) -> float:
    """Test "neither run is right more often" by flipping the signs of whole clips; exact and two-sided.

    Under the null the two runs can change places, clip by clip, so each clip's gain is as likely to have the
    other sign: p is the chance that flipping coins moves the sum of all gains as far from zero as it is.
    Questions of one clip are flipped together, since they are not independent. With one question a clip this
    is the exact test of McNemar, 1947. All 2^clips flips count: their sums are whole numbers, so their
    distribution is built up clip by clip (Pagano and Tritchler, 1983).

    Args:
        gains: of each clip, the questions that only the second run answers rightly less those that only the
        first
            does.

    >>> flip_clips_test([1, 1, 1, 1, 1, -1])  # 6 coins, at most 1 on one side: 2 (1 + 6) / 2^6
    0.21875
    >>> flip_clips_test([3, 2])  # 5 or -5 of 5, 1, -1, -5: two questions of a clip are one coin
    0.5
    """
    total, chances = abs(sum(gains)), np.ones(1)
    for size in (abs(gain) for gain in gains if gain):
        chances = (np.pad(chances, (0, 2 * size)) + np.pad(chances, (2 * size, 0))) / 2
    sums = np.arange(len(chances)) - len(chances) // 2
    return min(1.0, float(chances[np.abs(sums) >= total].sum()))


def odds_ratio(first_only: int, second_only: int) -> float | None:
    """Divide the questions mended by those spoilt; None where none was spoilt."""
    return round(second_only / first_only, 4) if first_only else None


def cohen_h(first: float, second: float) -> float:
    """Compute the effect size of two shares in 0..1 (Cohen, 1988): 0.2 small, 0.5 medium, 0.8 large.

    >>> round(cohen_h(0.5, 1.0), 4)
    1.5708
    """
    return 2 * asin(sqrt(second)) - 2 * asin(sqrt(first))


def detectable_difference(standard_error: float, level: float = LEVEL, power: float = POWER) -> float:
    """Compute the smallest true difference that a two-sided test finds with this power.

    (z of 1 - level / 2, plus z of power) standard errors of the paired difference; 2.8016 of them by default.

    >>> round(detectable_difference(1.0), 4)
    2.8016
    """
    normal = NormalDist()
    return (normal.inv_cdf(1 - level / 2) + normal.inv_cdf(power)) * standard_error
