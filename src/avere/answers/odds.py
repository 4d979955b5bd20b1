"""How sure an answer is against the others, from the log-probabilities of all."""

from collections.abc import Sequence

import numpy as np


def measure_log_odds(log_probs: Sequence[float], place: int) -> float:
    """Compute the log-odds of one option against the others; of an open answer its log-probability.

    >>> round(measure_log_odds([-1.0, -1.0, -1.0], 0), 4), measure_log_odds([-3.0], 0)  # -log 2
    (-0.6931, -3.0)
    """
    rest = [value for other, value in enumerate(log_probs) if other != place]
    return float(log_probs[place] - (np.logaddexp.reduce(rest) if rest else 0.0))
