"""Metrics weighted by records: every record counts once, however it was batched."""

import logging
from collections import defaultdict
from collections.abc import Mapping

import numpy as np
from accelerate.utils import gather_object
from torch import Tensor

from avere.preference.views import LogProbs, LossTerms

logger = logging.getLogger("avere.preference")

LARGE, TOO_MANY = 3.0, 0.2
"""An offset beyond LARGE moves a sigmoid's gradient by a factor of 20; warn above this share of records."""


def values(logps: LogProbs, terms: LossTerms) -> dict[str, Tensor]:
    """Return what is worth logging, one value a record, under the names of TRL's trainers."""
    found = {f"loss/{name}": value for name, value in terms.parts.items()}
    found |= {f"rewards/{name}": value for name, value in terms.rewards.items()}
    for name, value in terms.rewards.items():
        if name != "chosen":
            ending = "" if name == "rejected" else f"_{name}"
            margin = terms.rewards["chosen"] - value
            found[f"rewards/margins{ending}"] = margin
            found[f"rewards/accuracies{ending}"] = (margin > 0).float()
    for view, value in logps.policy.items():
        ending = view.response if view.media == "real" else f"{view.response}_{view.media}"
        found[f"logps/{ending}"] = value
    return found | dict(terms.offsets)


class RecordMetrics:
    """Values since the last report, kept record by record so that means and quantiles are exact."""

    def __init__(self) -> None:
        self._seen: defaultdict[str, list[float]] = defaultdict(list)
        self._offsets: set[str] = set()

    def add(self, logps: LogProbs, terms: LossTerms) -> None:
        """Take in the records of one forward."""
        self._offsets |= set(terms.offsets)
        for name, value in values(logps, terms).items():
            self._seen[name] += value.detach().float().cpu().tolist()

    def report(self) -> dict[str, float]:
        """Return means (and quantiles of offsets) over the records of all processes, and start anew."""
        result: dict[str, float] = {}
        for name in sorted(self._seen):
            every = np.asarray(gather_object(self._seen[name]))
            result[name] = float(every.mean())
            if name in self._offsets:
                result |= _tails(name, every)
        self._seen.clear()
        return result


def _tails(name: str, every: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> Mapping[str, float]:
    """Return the 5 % and 95 % quantiles and the share of large values; warn where they are many."""
    share = float((np.abs(every) > LARGE).mean())
    if share > TOO_MANY:
        logger.warning(
            "%s exceeds ±%g on %.0f %% of the records and all but switches them on or off; lower its weights "
            "in the loss section, or average it over tokens where the loss can (loss.tpd_normalise=mean)",
            name,
            LARGE,
            100 * share,
        )
    low, high = np.quantile(every, [0.05, 0.95])
    return {f"{name}_q05": float(low), f"{name}_q95": float(high), f"{name}_large": share}
