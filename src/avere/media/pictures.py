"""Frames of a video at even times: decoded once, only those asked for kept."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from avere.errors import AvereError, MediaError, printable_path
from avere.media import _limits
from avere.media._container import ADVICE, Media, guard_decoding, guard_faults, open_container
from avere.media._display import read_display
from avere.media._timeline import Timeline, read_timeline
from avere.media.corruptions import CorruptionLike, corrupt_frames

if TYPE_CHECKING:
    from av import VideoFrame

FAR = 10.0
"""Seconds of video that are jumped over instead of decoded, where a keyframe allows it."""
STRETCHING = "BICUBIC"
"""How pictures whose points are no squares are scaled, as FFmpeg does it."""
LOST = 3
"""Frames in a row that a damaged stream may lack before that counts as an error."""


class _Run(NamedTuple):
    """Stamps that are decoded in one go."""

    key: int | None
    """The keyframe to jump to; None for the beginning."""
    stamps: list[int]


class _Stamped(NamedTuple):
    """A frame and the time that it bears in its timeline, in ticks."""

    stamp: int | None
    frame: VideoFrame


def frames(
    path: Path,
    count: int,
    *,
    corruption: CorruptionLike | None = None,
    spread: Literal["middles", "ends"] = "middles",
) -> NDArray[np.uint8]:
    """Read the frames on screen at ``count`` even times, the mid-points of equal parts of the clip.

    The parts reach from the beginning of the clip to the end of its pictures. Where the pictures begin after
    the sound, the first stands from the beginning. With ``spread="ends"`` the frames are chosen by their
    numbers instead, evenly from the first to the last, rounded down: so some published models were trained.

    Returns:
        uint8 [count, height, width, 3], red green blue, stretched to square points and turned as for
        display. A short clip repeats frames.

    Raises:
        MediaError: no video stream, a frame that cannot be decoded, or more pixels than are decoded here.
        AvereError: a count below one, or a corruption that cannot be applied.
    """
    path = Path(path)
    if count < 1:
        raise AvereError(f"{count} frames were asked of '{printable_path(path)}'; ask for at least one")
    line = read_timeline(path, "video")
    with open_container(path) as media:
        context = media.pictures().codec_context
        _limits.check_frames(path, count, context.width, context.height)
        if spread == "ends":
            shown = line.stamps[np.linspace(0, len(line.stamps) - 1, count).astype(np.int64)]
        else:
            shown = line.shown((np.arange(count) + 0.5) / count * line.seconds)
        stacked = stack_images(media, at_stamps(media, line, shown), count)
    return stacked if corruption is None else corrupt_frames(stacked, corruption)


def stack_images(media: Media, shown: Iterator[VideoFrame], count: int) -> NDArray[np.uint8]:
    """Gather frames, scaled to the size of the first where a stream changes its size on the way."""
    first = frame_image(media, next(shown))
    _limits.check_frames(media.path, count, first.shape[1], first.shape[0])
    stacked = np.empty((count, *first.shape), dtype=np.uint8)
    stacked[0] = first
    for place, frame in enumerate(shown, start=1):
        stacked[place] = _fitted(frame_image(media, frame), first.shape)
    return stacked


def frame_image(media: Media, frame: VideoFrame) -> NDArray[np.uint8]:
    """Convert one frame to uint8 [height, width, 3], stretched and turned as for display.

    Raises:
        MediaError: its colours have no such form, or it is stretched beyond what is decoded here.
    """
    with guard_faults(media.path):
        display = read_display(frame)
        width, height = display.stretched(frame.width, frame.height, media.point_aspect())
        _limits.check_pixels(media.path, width, height)
        filtering = None if (width, height) == (frame.width, frame.height) else STRETCHING
        stored = frame.to_ndarray(format="rgb24", width=width, height=height, interpolation=filtering)
        return display.apply(np.asarray(stored, dtype=np.uint8))


def _fitted(picture: NDArray[np.uint8], shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Scale a picture to a shape [height, width, 3]."""
    if picture.shape == shape:
        return picture
    import cv2

    size = (shape[1], shape[0])
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def at_stamps(media: Media, line: Timeline, wanted: NDArray[np.int64]) -> Iterator[VideoFrame]:
    """Yield the frame on screen at each stamp, in order.

    Raises:
        MediaError: the stream cannot be decoded there, or unfolds into far too many pixels.
    """
    stream = media.pictures()
    runs = _split_runs(line, wanted)
    steps = sum(_count_decoded(line, run) for run in runs)
    _limits.check_work(media.path, steps, stream.codec_context.width, stream.codec_context.height)
    for run in runs:
        if run.key is not None:
            # Some formats seek by decoding time, which is earlier: land a second before, never behind.
            with guard_faults(media.path):
                media.container.seek(run.key - int(1 / line.tick), stream=stream)
        yield from _walk(media, line, deque(run.stamps))


def _split_runs(line: Timeline, wanted: NDArray[np.int64]) -> list[_Run]:
    """Split stamps where a keyframe allows a jump; frames known by their order allow none."""
    if line.ordered:
        return [_Run(None, wanted.tolist())]
    runs = [_Run(None, [])]
    reached = int(line.stamps[0])
    for stamp in wanted.tolist():
        before = line.keys[: np.searchsorted(line.keys, stamp, side="right")]
        if len(before) and (int(before[-1]) - reached) * line.tick > FAR:
            runs.append(_Run(int(before[-1]), []))
        runs[-1].stamps.append(stamp)
        reached = stamp
    return [run for run in runs if run.stamps]


def _count_decoded(line: Timeline, run: _Run) -> int:
    """Count the frames from the keyframe of a run to its last stamp."""
    key = int(line.stamps[0]) if run.key is None else run.key
    return 1 + int(np.diff(np.searchsorted(line.stamps, [key, run.stamps[-1]]))[0])


def _decoded(media: Media, line: Timeline) -> Iterator[_Stamped]:
    """Decode from here; frames that bear no times of their own get those of the timeline, in order."""
    found = guard_decoding(media.path, media.container.decode(media.pictures()))
    if line.ordered:
        yield from map(_Stamped, line.stamps.tolist(), found)
    else:
        yield from (_Stamped(frame.pts, frame) for frame in found)


def _walk(media: Media, line: Timeline, waiting: deque[int]) -> Iterator[VideoFrame]:
    """Decode from here until every stamp has its frame."""
    shown: _Stamped | None = None
    for one in _decoded(media, line):
        while waiting and one.stamp is not None and one.stamp >= waiting[0]:
            later = shown is None or one.stamp == waiting[0]
            yield _near(media, line, one if later else shown, waiting.popleft())
        if not waiting:
            return
        shown = one
    for stamp in waiting:
        yield _near(media, line, shown, stamp)


def _near(media: Media, line: Timeline, found: _Stamped | None, stamp: int) -> VideoFrame:
    """Take the frame, unless decoding lost so many that it is not the one at ``stamp``.

    Raises:
        MediaError: more than LOST are missing.
    """
    if found is not None and found.stamp is not None:
        lost = abs(int(np.diff(np.searchsorted(line.stamps, [found.stamp, stamp]))[0]))
        if lost <= LOST:
            return found.frame
    seconds = float((stamp - line.begin) * line.tick)
    raise MediaError(
        f"the frame at {seconds:.2f} s of '{printable_path(media.path)}' cannot be decoded; {ADVICE}"
    )
