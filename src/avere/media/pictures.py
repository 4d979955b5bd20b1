"""Frames of a video at even times: decoded once, only those asked for kept."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from avere.errors import AvereError, MediaError
from avere.media._container import ADVICE, Media, guard_decoding, open_container
from avere.media._timeline import Timeline, read_timeline
from avere.media.corruptions import CorruptionLike, corrupt_frames
from avere.media.probing import quarter_turns

if TYPE_CHECKING:
    from av import VideoFrame

FAR = 10.0
"""Seconds of video that are jumped over instead of decoded, where a keyframe allows it."""
LOST = 3
"""Frames in a row that a damaged stream may lack before that counts as an error."""


def frames(path: Path, count: int, *, corruption: CorruptionLike | None = None) -> NDArray[np.uint8]:
    """Return the frames on screen at ``count`` even times, the mid-points of equal parts of the video.

    Returns:
        uint8 [count, height, width, 3], red green blue, turned as for display. A short clip repeats frames.

    Raises:
        MediaError: no video stream, or a frame that cannot be decoded.
        AvereError: a count below one, or a corruption that cannot be applied.
    """
    path = Path(path)
    if count < 1:
        raise AvereError(f"{count} frames were asked of '{path}'; ask for at least one")
    line = read_timeline(path, "video")
    at = (np.arange(count) + 0.5) / count * line.span
    shown = np.searchsorted(line.times, at, side="right") - 1
    with open_container(path) as media:
        pictures = [frame_image(frame) for frame in at_stamps(media, line, line.stamps[shown])]
    stacked = np.stack(fitted(pictures))
    return stacked if corruption is None else corrupt_frames(stacked, corruption)


def frame_image(frame: VideoFrame) -> NDArray[np.uint8]:
    """Return one frame as uint8 [height, width, 3], turned as for display."""
    stored = np.asarray(frame.to_ndarray(format="rgb24"), dtype=np.uint8)
    return np.ascontiguousarray(np.rot90(stored, quarter_turns(frame)))


def fitted(pictures: list[NDArray[np.uint8]]) -> list[NDArray[np.uint8]]:
    """Scale pictures to the size of the first, where a stream changes its size on the way."""
    if len({picture.shape for picture in pictures}) == 1:
        return pictures
    import cv2

    height, width = pictures[0].shape[:2]
    return [
        np.asarray(cv2.resize(p, (width, height), interpolation=cv2.INTER_AREA), np.uint8) for p in pictures
    ]


def at_stamps(media: Media, line: Timeline, wanted: NDArray[np.int64]) -> Iterator[VideoFrame]:
    """Yield the frame on screen at each stamp, in order.

    Raises:
        MediaError: the stream cannot be decoded there.
    """
    stream = media.pictures()
    for key, stamps in _runs(line, wanted):
        if key is not None:
            # Some formats seek by decoding time, which is earlier: land a second before, never behind.
            media.container.seek(key - int(1 / line.tick), stream=stream)
        yield from _walk(media, line, deque(stamps))


def _runs(line: Timeline, wanted: NDArray[np.int64]) -> list[tuple[int | None, list[int]]]:
    """Split stamps into runs decoded in one go: (keyframe to jump to, or None for the beginning; stamps)."""
    runs: list[tuple[int | None, list[int]]] = [(None, [])]
    reached = int(line.stamps[0])
    for stamp in wanted.tolist():
        before = line.keys[: np.searchsorted(line.keys, stamp, side="right")]
        if len(before) and (int(before[-1]) - reached) * line.tick > FAR:
            runs.append((int(before[-1]), []))
        runs[-1][1].append(stamp)
        reached = stamp
    return [run for run in runs if run[1]]


def _walk(media: Media, line: Timeline, waiting: deque[int]) -> Iterator[VideoFrame]:
    """Decode from here until every stamp has its frame."""
    shown: VideoFrame | None = None
    for frame in guard_decoding(media.path, media.container.decode(media.pictures())):
        while waiting and frame.pts is not None and frame.pts >= waiting[0]:
            later = shown is None or frame.pts == waiting[0]
            yield _near(media, line, frame if later else shown, waiting.popleft())
        if not waiting:
            return
        shown = frame
    for stamp in waiting:
        yield _near(media, line, shown, stamp)


def _near(media: Media, line: Timeline, frame: VideoFrame | None, stamp: int) -> VideoFrame:
    """Return the frame, unless decoding lost so many that it is not the one at ``stamp``."""
    if frame is not None and frame.pts is not None:
        lost = abs(int(np.diff(np.searchsorted(line.stamps, [frame.pts, stamp]))[0]))
        if lost <= LOST:
            return frame
    seconds = float((stamp - int(line.stamps[0])) * line.tick)
    raise MediaError(f"the frame at {seconds:.2f} s of '{media.path}' cannot be decoded; {ADVICE}")
