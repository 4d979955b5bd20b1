"""Differences between runs on the same clips, resampled in pairs; clips nested in seeds."""

from collections.abc import Sequence

import numpy as np

from avere.analyse.intervals import DRAWS, SEED, Numbers, interval, weights
from avere.analyse.measures import MEASURES
from avere.analyse.table import Table
from avere.errors import AvereError, unknown
from avere.records import Record


class Comparison(Record):
    """How much larger a measure is for the second runs than for the first, in the measure's own unit."""

    measure: str
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    """Two-sided, by the share of draws on the other side of zero; never below 1 / (draws + 1)."""
    clips: int
    seeds: int


def compare(
    first: Sequence[Table], second: Sequence[Table], measure: str, draws: int = DRAWS, seed: int = SEED
) -> Comparison:
    """Compare the runs of two arms, pair by pair: one pair a seed, both runs of a pair on the same clips.

    With several pairs the seeds are drawn first, then clips within each drawn seed. Seeds that share one test
    set share its clip weights too, because their errors on a clip are no independent evidence.

    Raises:
        AvereError: unknown measure, no pairs, or the two runs of a pair were not asked the same questions.
    """
    if measure not in MEASURES:
        raise unknown("measure", measure, MEASURES)
    if not first or len(first) != len(second):
        raise AvereError(
            f"cannot pair {len(first)} runs with {len(second)}; give as many of each, one a seed"
        )
    for one, other in zip(first, second, strict=True):
        if one.questions != other.questions:
            raise AvereError(
                "two runs to be compared were asked different questions; use the same --data and --limit"
            )
    shared = len({one.clips for one in first}) == 1
    gaps = [
        _gap(pair, measure, weights(len(pair[0].clips), draws, seed if shared else seed + 1_000 * place))
        for place, pair in enumerate(zip(first, second, strict=True))
    ]
    values = _over_seeds(np.array(gaps), draws, seed)
    found = interval(values, 0)
    return Comparison(
        measure=measure,
        difference=found.value,
        low=found.low,
        high=found.high,
        p=_two_sided(values[1:]) if found.low is not None else None,
        clips=sum(len(clips) for clips in {one.clips for one in first}),
        seeds=len(first),
    )


def holm(values: Sequence[float]) -> list[float]:
    """Return p values corrected for their number (Holm, 1979), in the order given.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    order = sorted(range(len(values)), key=lambda index: values[index])
    corrected = [0.0] * len(values)
    largest = 0.0
    for rank, index in enumerate(order):
        largest = max(largest, min(1.0, (len(values) - rank) * values[index]))
        corrected[index] = largest
    return corrected


def _gap(pair: tuple[Table, Table], measure: str, by_clip: Numbers) -> Numbers:
    """Return second minus first, at the point and in each draw."""
    first, second = (MEASURES[measure].of(table, by_clip).values for table in pair)
    return np.asarray(second - first)


def _over_seeds(gaps: Numbers, draws: int, seed: int) -> Numbers:
    """Return the mean over seeds, at the point and in each draw of seeds."""
    count = len(gaps)
    if count == 1:
        return np.asarray(gaps[0])
    random = np.random.default_rng([seed, count, 1])
    drawn = random.multinomial(count, np.full(count, 1 / count), size=draws)
    by_seed = np.vstack([np.ones((1, count)), drawn])
    return np.asarray(np.einsum("ds,sd->d", by_seed, gaps) / count)


def _two_sided(drawn: Numbers) -> float:
    """Return the bootstrap's two-sided p value of "no difference"."""
    real = drawn[np.isfinite(drawn)]
    least = min(np.count_nonzero(real <= 0), np.count_nonzero(real >= 0))
    return round(min(1.0, 2 * (least + 1) / (real.size + 1)), 6)
