"""Metrics weighted by records: every record counts once, however it was batched."""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from accelerate.utils import gather_object
from jaxtyping import Bool
from torch import Tensor

from avere.errors import AvereError
from avere.preference.views import LogProbs, LossTerms

logger = logging.getLogger("avere.preference")

LARGE, TOO_MANY = 3.0, 0.2
"""An offset beyond LARGE moves a sigmoid's gradient by a factor of 20; warn above this share of records."""

EXACT, ROUNDED = 1e-3, 0.1
"""How far the summed log-probabilities of one model may differ between two forwards, in float32 and below."""


def values(logps: LogProbs, terms: LossTerms) -> dict[str, Tensor]:
    """Collect the metrics to log, one value a record, under the names of TRL's trainers."""
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
    return found | dict(terms.measures) | dict(terms.offsets)


class RecordMetrics:
    """Values since the last report, kept record by record so that means and quantiles are exact."""

    def __init__(self) -> None:
        self._seen: defaultdict[str, list[float]] = defaultdict(list)
        self._offsets: set[str] = set()

    def add(self, logps: LogProbs, terms: LossTerms, counts: Bool[Tensor, " batch"]) -> None:
        """Take in the records of one forward that count."""
        self._offsets |= set(terms.offsets)
        for name, value in values(logps, terms).items():
            self._seen[name] += value.detach()[counts].float().cpu().tolist()

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


class HeldOut:
    """Values of held-out records, each once over all processes."""

    def __init__(self) -> None:
        self._seen: defaultdict[str, list[float]] = defaultdict(list)

    def add(self, logps: LogProbs, terms: LossTerms, counts: Bool[Tensor, " batch"]) -> None:
        """Take in the records of one forward that count."""
        for name, value in ({"loss": terms.each} | values(logps, terms)).items():
            self._seen[name] += value[counts].tolist()

    def report(self) -> dict[str, float]:
        """Average each value over the records of all processes."""
        return {name: float(np.mean(gather_object(self._seen[name]))) for name in sorted(self._seen)}


class Start:
    """How far policy and reference differ before the first step, where both are the same model."""

    def __init__(self, *, exact: bool) -> None:
        self._limit = EXACT if exact else ROUNDED
        self._seen: list[float] = []

    def add(self, logps: LogProbs) -> None:
        """Take in the records of one forward."""
        for view in logps.policy.keys() & logps.reference.keys():
            self._seen += (logps.policy[view].detach() - logps.reference[view]).abs().tolist()

    def report(self) -> dict[str, float]:
        """Return mean and maximum of the differences, once; warn where rounding cannot explain them."""
        seen, self._seen = np.asarray(gather_object(self._seen)), []
        if not len(seen):
            return {}
        if seen.max() > self._limit:
            logger.warning(
                "before the first step the policy differs from the reference by up to %.3g in a summed "
                "log-probability, %g is expected at most: compute in a wider type, or empty run.cache if its "
                "values are of other weights",
                seen.max(),
                self._limit,
            )
        return {"start/difference_mean": float(seen.mean()), "start/difference_max": float(seen.max())}


def refuse_non_finite(terms: LossTerms, names: tuple[str, ...]) -> None:
    """Stop a run whose loss is no number any more, and name the record.

    Raises:
        AvereError: the loss of a record is not finite.
    """
    wrong = [name for name, fine in zip(names, terms.each.isfinite().tolist(), strict=True) if not fine]
    if wrong:
        raise AvereError(
            f"the loss of {len(wrong)} record(s) is not finite, first '{wrong[0]}'; lower "
            "optimiser.learning_rate, or look at that record's answers and media"
        )


def measure_drift(
    found: Mapping[str, float], history: Sequence[Mapping[str, Any]], prefix: str
) -> dict[str, float]:
    """Measure how far the mean log-probability of chosen answers moved since these pairs were first read."""
    name = f"{prefix}_logps/chosen"
    if name not in found:
        return {}
    first = next((entry[name] for entry in history if name in entry), found[name])
    return {f"{prefix}_drift/chosen": found[name] - first}


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
