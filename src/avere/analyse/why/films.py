"""The films of a run's occlusion maps, and which map each belongs to."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from avere.analyse.why.overlay import largest_fall, write_overlay
from avere.analyse.why.shelf import FOLDER
from avere.records import Clip, OcclusionMap

FILMS = "films"


def write_films(run: Path, maps: Sequence[OcclusionMap], clips: Mapping[str, Clip], count: int) -> list[Path]:
    """Write films of the maps whose answer rests most on what was covered, those of right answers first.

    One film a clip, then second ones, so that many clips are seen.
    """
    chosen = choose_maps(maps, count)
    return [
        film
        for one in chosen
        if (film := write_overlay(one, clips[one.clip], film_of(run, one.question))) is not None
    ]


def choose_maps(maps: Sequence[OcclusionMap], count: int) -> list[OcclusionMap]:
    """Choose the maps that show most, turn by turn over the clips."""
    ranked = sorted(maps, key=lambda one: (one.right is not True, -largest_fall(one)))
    seen: dict[str, int] = {}
    turns: list[tuple[int, int, OcclusionMap]] = []
    for one in ranked:
        seen[one.clip] = seen.get(one.clip, 0) + 1
        turns.append((seen[one.clip], len(turns), one))
    return [one for _, _, one in sorted(turns, key=lambda turn: turn[:2])][:count]


def film_of(run: Path, question: str) -> Path:
    """Name the film of a question's map."""
    return run / FOLDER / FILMS / f"{hashlib.sha256(question.encode()).hexdigest()[:16]}.mp4"
