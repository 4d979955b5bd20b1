"""What no shift of the threshold between yes and no can change, for many weightings of clips at once.

The area under the ROC curve, and one point of it: how much is denied where so much is affirmed.
"""

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]


def compute_auroc(
    values: Numbers, clip: NDArray[np.intp], sides: tuple[Flags, Flags], weights: Numbers
) -> Numbers:
    """Return P(positive > negative) + P(tie) / 2 over weighted pairs; not a number without a pair.

    A value that is not a number ties with every other. The pairs are counted once for each pair of clips
    (the Mann-Whitney statistic split by clips), after which a draw costs one quadratic form.

    Args:
        values: one a row.
        clip: the clip of each row.
        sides: which rows are positive and which negative.
        weights: shape [draws, clips].

    Returns:
        Shape [draws].
    """
    positive, negative = sides
    clips = weights.shape[1]
    high, low = values[positive][:, None], values[negative][None, :]
    wins = np.where(high > low, 1.0, np.where(high < low, 0.0, 0.5))
    by_positive = np.zeros((clips, wins.shape[1]))
    np.add.at(by_positive, clip[positive], wins)
    by_both = np.zeros((clips, clips))
    np.add.at(by_both, clip[negative], by_positive.T)
    won = np.einsum("dc,dc->d", weights @ by_both, weights)
    total = weights @ np.bincount(clip[positive], minlength=clips)
    total = total * (weights @ np.bincount(clip[negative], minlength=clips))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(won / total, dtype=np.float64)


def compute_denied(
    values: Numbers,
    clip: NDArray[np.intp],
    sides: tuple[Flags, Flags],
    weights: Numbers,
    affirmed: float,
) -> Numbers:
    """Compute the share of negatives below the threshold that affirms a share of the positives.

    The threshold is the largest value that at least that share of the positives reaches, anew in every draw.
    A positive without a value is never affirmed, a negative without one never denied.

    >>> values = np.array([4.0, 3.0, 2.0, 1.0, 2.5, 1.5])
    >>> positive = np.array([True] * 4 + [False] * 2)
    >>> compute_denied(values, np.arange(6), (positive, ~positive), np.ones((1, 6)), 0.75)
    array([0.5])

    Args:
        values: one a row.
        clip: the clip of each row.
        sides: which rows are positive and which negative.
        weights: shape [draws, clips].
        affirmed: from 0 to 1.

    Returns:
        Shape [draws]; not a number without a positive or a negative.
    """
    positive, negative = sides
    high = np.nan_to_num(values[positive], nan=-np.inf)
    order = np.argsort(-high)
    reached = np.cumsum(weights[:, clip[positive][order]], axis=1)
    low = np.nan_to_num(values[negative], nan=np.inf)
    upwards = np.argsort(low)
    below = np.cumsum(weights[:, clip[negative][upwards]], axis=1)
    found = np.full(len(weights), np.nan)
    for draw, (up, down) in enumerate(zip(reached, below, strict=True)):
        if up.size and down.size and up[-1] > 0 and down[-1] > 0:
            threshold = high[order][np.searchsorted(up, affirmed * up[-1])]
            count = np.searchsorted(low[upwards], threshold)
            found[draw] = (down[count - 1] if count else 0.0) / down[-1]
    return found
