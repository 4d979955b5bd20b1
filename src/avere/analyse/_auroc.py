"""The area under the ROC curve for many weightings of clips at once."""

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
