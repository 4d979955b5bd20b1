"""An occlusion map laid over its clip, as a film that plays with the sound."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avere import media
from avere.records import Clip, OcclusionMap

Frames = NDArray[np.uint8]
HEAT = (255, 94, 0)
"""Colour of what an answer rests on; of nothing else."""
PAPER, INK = (24, 24, 24), (245, 245, 245)
STRONGEST = 0.75
"""Of the colour, where the fall is largest."""
WIDTH, BAR, GAP, MARGIN = 384, 18, 6, 72
"""Pixels: of a film, of a bar of time, between them, and left of them for their names."""
FPS, LONGEST = 12, 30.0
RATE = 16_000


def write_overlay(one: OcclusionMap, clip: Clip, out: Path) -> Path | None:
    """Write the clip with the map over its frames and two bars of time below; None without a picture.

    One scale holds for the cells of the frame and the parts of the sound: full colour is the largest fall of
    both. The bar of the picture tells when covering the whole frame takes most.

    Raises:
        MediaError: the media cannot be read, or the film cannot be written.
    """
    if clip.video is None or not one.picture:
        return None
    seconds = min(media.probe(clip.video).video_seconds or 1.0, LONGEST)
    count = max(1, round(seconds * FPS))
    frames = media.frames(clip.video, count)
    out.parent.mkdir(parents=True, exist_ok=True)
    wave = None if clip.audio is None else media.sound(clip.audio, RATE, seconds=seconds)
    media.write_video(out, lay_over(one, frames, seconds), FPS, wave=wave, rate=RATE)
    return out


def lay_over(one: OcclusionMap, frames: Frames, seconds: float) -> Frames:
    """Draw a map over frames [count, height, width, 3] that last so many seconds; bars stand below."""
    import cv2

    high = max(2, round(frames.shape[1] * WIDTH / frames.shape[2] / 2) * 2)
    scale = largest_fall(one) or 1.0
    cells = np.clip(np.array(one.picture, dtype=np.float32) / scale, 0, 1)
    heat = cv2.resize(cells, (WIDTH, high), interpolation=cv2.INTER_CUBIC)
    alpha = STRONGEST * np.clip(heat, 0, 1)[:, :, None]
    below = _bars(one, seconds, scale)
    drawn = np.empty((len(frames), high + len(below), WIDTH, 3), dtype=np.uint8)
    for place, frame in enumerate(frames):
        large = cv2.resize(frame, (WIDTH, high), interpolation=cv2.INTER_CUBIC).astype(np.float32)
        mixed = (1 - alpha) * large + alpha * np.array(HEAT, dtype=np.float32)
        drawn[place, :high] = np.clip(np.rint(mixed), 0, 255)
        drawn[place, high:] = below
        now = MARGIN + round((place + 0.5) / len(frames) * (WIDTH - MARGIN - 1))
        drawn[place, high:, now - 1 : now + 1] = INK
    return drawn


def largest_fall(one: OcclusionMap) -> float:
    """Find the largest fall of the cells of the frame and the parts of the sound; 0 where nothing falls."""
    return max([0.0, *(value for row in one.picture for value in row), *one.sound_times])


def _bars(one: OcclusionMap, seconds: float, scale: float) -> Frames:
    """Draw the bars of time: of the picture on its own scale, of the sound on that of the frame."""
    import cv2

    rows = 2 * BAR + 3 * GAP
    bars = np.empty((rows, WIDTH, 3), dtype=np.uint8)
    bars[:] = PAPER
    shown = [("picture", one.picture_times, max([0.0, *one.picture_times]) or 1.0, seconds)]
    shown.append(("sound", one.sound_times, scale, one.sound_seconds or seconds))
    for place, (name, values, full, lasts) in enumerate(shown):
        top = GAP + place * (BAR + GAP)
        at = (4, top + BAR - 5)
        cv2.putText(bars, name, at, cv2.FONT_HERSHEY_SIMPLEX, 0.42, INK, 1, cv2.LINE_AA)
        bars[top : top + BAR, MARGIN:] = (64, 64, 64)
        for part, value in enumerate(values):
            share = lasts / seconds / len(values)
            left, right = (MARGIN + round(share * edge * (WIDTH - MARGIN)) for edge in (part, part + 1))
            heat = min(1.0, max(0.0, value) / full)
            bars[top : top + BAR, left : min(right, WIDTH)] = np.rint(np.array(HEAT) * heat + 64 * (1 - heat))
    return bars
