"""Whether an answer rests on the cue that it is about: where its occlusion map peaks.

The pointing game (Zhang et al., 2018): a map hits where its highest cell touches the place of the cue. How
often a cell drawn at random would hit stands beside it, for a cue that fills half of the frame is easily hit.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from avere.analyse.intervals import Numbers
from avere.analyse.why.attention import ASKED
from avere.analyse.why.lines import ReasonPart
from avere.records import Modality, OcclusionMap, Record


class CuePlace(NamedTuple):
    """Where a cue is, by the cells of a map."""

    picture: Numbers | None = None
    """Share of each cell that it fills [rows, columns]."""
    sound: Numbers | None = None
    """Share of each part of the time [parts]."""


class Pointing(Record):
    """Whether the peak of one map lies at its cue."""

    question: str
    clip: str
    cue: str
    modality: Modality
    hit: bool
    chance: float
    """Share of all cells that would have been a hit."""
    fall: float
    """By how much the log-odds fall at the peak."""


def find_peak(cells: Numbers) -> tuple[int, ...]:
    """Find the cell of the largest fall.

    >>> find_peak(np.array([[0.0, 2.0], [1.0, -3.0]]))
    (0, 1)
    """
    return tuple(int(place) for place in np.unravel_index(int(np.argmax(cells)), cells.shape))


def point_at(one: OcclusionMap, cue: str, modality: Modality, place: CuePlace) -> Pointing | None:
    """Compare the peak of a map with the place of a cue; None where either is not known."""
    cells = np.array(one.picture if modality == "video" else one.sound_times)
    truth = place.picture if modality == "video" else place.sound
    if truth is None or not cells.size or not truth.any():
        return None
    touched = truth > 0
    peak = find_peak(cells)
    return Pointing(
        question=one.question,
        clip=one.clip,
        cue=cue,
        modality=modality,
        hit=bool(touched[peak]),
        chance=round(float(touched.mean()), 4),
        fall=round(float(cells[peak]), 4),
    )


def read_pointing(found: Sequence[Pointing]) -> Iterator[ReasonPart]:
    """Yield the share of right answers whose map peaks at the cue, and that of a cell at random."""
    for modality in ("video", "audio"):
        own = [one for one in found if one.modality == modality]
        if not own:
            continue
        clips, ones = tuple(one.clip for one in own), np.ones(len(own))
        hits = np.array([100.0 * one.hit for one in own])
        chances = np.array([100.0 * one.chance for one in own])
        what = f"Right answers about {ASKED[modality]}"
        yield ReasonPart(f"peak/{modality}", f"{what}: the map peaks at the cue", "%", 1, clips, hits, ones)
        yield ReasonPart(
            f"peak/{modality}/chance", f"{what}: a cell at random does", "%", 0, clips, chances, ones
        )


def read_parts(records: Sequence[OcclusionMap]) -> Iterator[ReasonPart]:
    """Yield the fall of the log-odds at the peaks of picture and sound, by what is asked about."""
    for target in ("audio", "video"):
        own = [one for one in records if one.target == target and one.picture and one.sound_times]
        if not own:
            continue
        clips, ones = tuple(one.clip for one in own), np.ones(len(own))
        picture = np.array([max(0.0, np.max(one.picture)) for one in own])
        sound = np.array([max(0.0, np.max(one.sound_times)) for one in own])
        say = f"Asked about {ASKED[target]}"
        yield ReasonPart(
            f"occlude/{target}/picture",
            f"{say}: fall where the picture matters most",
            "log-odds",
            0,
            clips,
            picture,
            ones,
        )
        yield ReasonPart(
            f"occlude/{target}/sound",
            f"{say}: fall where the sound matters most",
            "log-odds",
            0,
            clips,
            sound,
            ones,
        )


def share_cells(marked: Numbers, cells: int) -> Numbers:
    """Share of each of ``cells`` by ``cells`` equal parts of a picture that is marked.

    >>> share_cells(np.array([[1.0, 1.0], [0.0, 1.0]]), 1).tolist()
    [[0.75]]
    """
    rows = np.array_split(marked, cells, axis=0)
    return np.array([[part.mean() for part in np.array_split(row, cells, axis=1)] for row in rows])


def share_times(spans: Sequence[tuple[float, float]], seconds: float, parts: int) -> Numbers:
    """Share of each of ``parts`` equal parts of some seconds that stretches fill.

    >>> share_times([(0.5, 1.5)], 2.0, 2).tolist()
    [0.5, 0.5]
    """
    edges = np.linspace(0, seconds, parts + 1)
    filled = np.zeros(parts)
    for begin, end in spans:
        filled += np.clip(np.minimum(end, edges[1:]) - np.maximum(begin, edges[:-1]), 0, None)
    return filled * parts / seconds
