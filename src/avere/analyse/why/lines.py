"""Means over a sample of clips, with intervals, and their paired change from the first run to a later one.

>>> one = ReasonPart("a", "A", "%", 1, ("c1", "c1", "c2"), np.array([1.0, 0.0, 1.0]), np.ones(3))
>>> (line,) = compare_parts({"base": [one], "after": [one._replace(over=np.ones(3))]})
>>> [cell.value for cell in line.cells], line.changes[1].difference, line.changes[1].reason
([0.6667, 1.0], 0.3333, 'only 2 clips')
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from avere.analyse._bootstrap import BootstrapValues, bootstrap_interval
from avere.analyse.intervals import Interval, Numbers, draw_weights


class ReasonPart(NamedTuple):
    """A ratio of sums over the answers of one run."""

    name: str
    title: str
    unit: str
    better: int
    """1 where more is better, -1 where less is, 0 where neither can be said."""
    clips: tuple[str, ...]
    """Of each answer."""
    over: Numbers
    under: Numbers


class ReasonChange(NamedTuple):
    """The difference of a run from the first, on the clips of both."""

    difference: float
    low: float | None
    high: float | None
    reason: str | None


class ReasonLine(NamedTuple):
    """One number of all runs."""

    name: str
    title: str
    unit: str
    better: int
    cells: tuple[Interval | None, ...]
    changes: tuple[ReasonChange | None, ...]
    """Of each run; None for the first, and where the clips are not the same."""


def compare_parts(runs: Mapping[str, Sequence[ReasonPart]]) -> list[ReasonLine]:
    """Set the parts of runs side by side; a part that a run lacks is an empty cell."""
    by_run = [{part.name: part for part in parts} for parts in runs.values()]
    about = {name: part for parts in reversed(by_run) for name, part in parts.items()}
    order = dict.fromkeys(name for parts in by_run for name in parts)
    return [_line(about[name], [parts.get(name) for parts in by_run]) for name in order]


def _line(about: ReasonPart, parts: Sequence[ReasonPart | None]) -> ReasonLine:
    """Make the line of one part."""
    found = [None if part is None else _resampled(part) for part in parts]
    cells = tuple(None if one is None else bootstrap_interval(one) for one in found)
    changes: list[ReasonChange | None] = [None]
    first = parts[0] if parts else None
    for part, one in zip(parts[1:], found[1:], strict=True):
        same = first is not None and part is not None and set(first.clips) == set(part.clips)
        changes.append(_change(found[0], one) if same else None)
    return ReasonLine(about.name, about.title, about.unit, about.better, cells, tuple(changes))


def _change(first: BootstrapValues | None, later: BootstrapValues | None) -> ReasonChange | None:
    """Subtract the first run's values from a later one's, draw by draw."""
    if first is None or later is None:
        return None
    found = bootstrap_interval(later._replace(values=later.values - first.values))
    return None if found.value is None else ReasonChange(found.value, found.low, found.high, found.reason)


def _resampled(part: ReasonPart) -> BootstrapValues:
    """Compute a part at the point and in every resampling of its clips."""
    names = sorted(set(part.clips))
    place = np.array([names.index(clip) for clip in part.clips], dtype=np.intp)
    top, bottom = (np.bincount(place, weights=side, minlength=len(names)) for side in (part.over, part.under))
    weights = draw_weights(len(names))
    with np.errstate(invalid="ignore", divide="ignore"):
        values = (weights @ top) / (weights @ bottom)
    count = len(names)
    return BootstrapValues(values, len(part.clips), np.ones(count, dtype=np.bool_), count)
