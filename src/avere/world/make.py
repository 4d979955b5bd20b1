"""Making a folder of clips: plans, real mp4 and wav files, and the records that say what is true of them."""

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from threading import Thread
from time import sleep

import cv2
from rich.progress import track

from avere import media
from avere.errors import AvereError
from avere.records import jsonl
from avere.world.picture import face
from avere.world.plan import ClipPlan, Split, clip_of, cues_of, draw_plan
from avere.world.sound import voice

FPS = 12
RATE = 16_000
WATCH = 0.5
"""Seconds between looks whether the parent of a worker still lives."""


def make_world(
    count: int, split: Split, seed: int, out: Path, identities: int = 60, workers: int | None = None
) -> Path:
    """Write ``count`` clips and their records to a folder and return the file of clips.

    A run that was stopped goes on where it was. The same arguments write the same bytes, whatever the
    number of workers (by default one a core). With several, scripts must call this under
    ``if __name__ == "__main__"``, as for every process pool.

    Raises:
        AvereError: a number that is too small, or a folder that holds clips of other settings.
    """
    for name, value in (("clips", count), ("identities", identities)):
        if value < 1:
            raise AvereError(f"{name} is {value}, but a world needs at least 1; give a larger number")
    plans = [draw_plan(index, split=split, seed=seed, identities=identities) for index in range(count)]
    _refuse_others(out, plans)
    (out / "media").mkdir(parents=True, exist_ok=True)
    jsonl.write(out / "plans.jsonl", plans)
    waiting = [plan for plan in plans if not all(path.exists() for path in files(plan, out))]
    for _ in track(_written(waiting, out, workers), description="clips", total=len(waiting)):
        pass
    jsonl.write(out / "cues.jsonl", (cue for plan in plans for cue in cues_of(plan)))
    jsonl.write(out / "clips.jsonl", (clip_of(plan).moved(lambda path: out / path) for plan in plans))
    return out / "clips.jsonl"


def files(plan: ClipPlan, out: Path) -> tuple[Path, Path]:
    """Name the files of a plan: the video with its sound, and the sound alone."""
    return out / "media" / f"{plan.id}.mp4", out / "media" / f"{plan.id}.wav"


def film(plan: ClipPlan, out: Path) -> str:
    """Write the mp4 and the wav of one plan, each whole or not at all, and return its id."""
    wave = voice.render(plan, RATE)
    video, sound = files(plan, out)
    media.write_video(video, face.render(plan, FPS), FPS, wave=wave, rate=RATE)
    media.write_sound(sound, wave, RATE)
    return plan.id


def _written(plans: list[ClipPlan], out: Path, workers: int | None) -> Iterator[str]:
    """Yield ids of clips as they are finished, in order."""
    number = min(workers or os.cpu_count() or 1, len(plans))
    write = partial(film, out=out)
    if number <= 1:
        yield from map(write, plans)
        return
    # A fresh interpreter each: forking a process that has threads (torch, cv2) may hang.
    with ProcessPoolExecutor(
        number, mp_context=get_context("spawn"), initializer=_begin, initargs=(os.getpid(),)
    ) as pool:
        yield from pool.map(write, plans, chunksize=4)


def _begin(parent: int) -> None:
    """Keep a worker to one core, for the others have workers of their own, and let it end with its parent."""
    cv2.setNumThreads(1)
    Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    """Leave at once when the parent is gone: a killed parent can tell its workers nothing."""
    while os.getppid() == parent:
        sleep(WATCH)
    os._exit(1)


def _refuse_others(out: Path, plans: Iterable[ClipPlan]) -> None:
    """Refuse a folder whose clips were planned otherwise, rather than mix two worlds."""
    if not (out / "plans.jsonl").exists():
        return
    for old, new in zip(jsonl.read(out / "plans.jsonl", ClipPlan), plans, strict=False):
        if old != new:
            raise AvereError(
                f"'{out}' holds clips of other settings (first difference: '{old.id}'); "
                "give another folder, or the same split, seed and identities"
            )
