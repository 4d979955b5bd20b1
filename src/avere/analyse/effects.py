"""How large a difference between two runs is, and how large it would have to be to be found."""

from math import asin, sqrt

from scipy.stats import binomtest, norm

POWER, LEVEL = 0.8, 0.05


def mcnemar_test(first_only: int, second_only: int) -> float:
    """Return the exact two-sided p value of "neither run is right more often" (McNemar, 1947).

    Only questions that one run answers rightly and the other not speak; under the null each is a fair coin.

    >>> mcnemar_test(1, 5)
    0.21875
    """
    discordant = first_only + second_only
    return 1.0 if not discordant else float(binomtest(second_only, discordant).pvalue)


def odds_ratio(first_only: int, second_only: int) -> float | None:
    """Return how many questions were mended for each one spoilt; None where none was spoilt."""
    return round(second_only / first_only, 4) if first_only else None


def cohen_h(first: float, second: float) -> float:
    """Return the effect size of two shares in 0..1 (Cohen, 1988): 0.2 small, 0.5 medium, 0.8 large.

    >>> round(cohen_h(0.5, 1.0), 4)
    1.5708
    """
    return 2 * asin(sqrt(second)) - 2 * asin(sqrt(first))


def detectable_difference(standard_error: float, level: float = LEVEL, power: float = POWER) -> float:
    """Return the smallest true difference that a two-sided test finds with this power.

    (z of 1 - level / 2, plus z of power) standard errors of the paired difference; 2.8016 of them by default.

    >>> round(detectable_difference(1.0), 4)
    2.8016
    """
    return float(norm.ppf(1 - level / 2) + norm.ppf(power)) * standard_error


def label_bound(error: float) -> float:
    """Return how far wrong labels alone can move a difference of accuracies, in points, at worst.

    At worst all of them stand where the runs disagree and favour one run: each then takes a right answer
    from one run and gives it to the other.

    >>> label_bound(0.01)
    2.0
    """
    return 200 * error
