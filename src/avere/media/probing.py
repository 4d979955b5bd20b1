"""What a media file holds, without decoding more than one frame."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from avere.errors import MediaError
from avere.media._container import ADVICE, guard_decoding, open_container
from avere.media._timeline import Timeline, read_timeline

if TYPE_CHECKING:
    from av import VideoFrame


class Probe(NamedTuple):
    """What a media file holds; None where the modality is missing."""

    has_video: bool
    has_audio: bool
    seconds: float
    """Of the longer stream."""
    video_seconds: float | None
    audio_seconds: float | None
    width: int | None
    """As displayed, rotation applied; so is ``height``."""
    height: int | None
    fps: float | None
    """Frames a second, on average where the rate varies."""
    frame_count: int | None
    variable_rate: bool
    rotation: int
    """Degrees that the stored frames are turned clockwise for display: 0, 90, 180 or 270."""
    rate: int | None
    """Audio samples a second."""
    channels: int | None


class _Picture(NamedTuple):
    """Size and turn of the first frame."""

    width: int
    height: int
    rotation: int


def probe(path: Path) -> Probe:
    """Tell what a media file holds.

    Raises:
        MediaError: it is missing, empty, damaged or no media.
    """
    path = Path(path)
    with open_container(path) as media:
        picture = None
        if media.video is not None:
            picture = _picture(path, guard_decoding(path, media.container.decode(media.video)))
        rate = media.audio.codec_context.sample_rate if media.audio is not None else None
        channels = media.audio.codec_context.channels if media.audio is not None else None
    video = read_timeline(path, "video") if picture else None
    audio = read_timeline(path, "audio") if rate else None
    return Probe(
        has_video=video is not None,
        has_audio=audio is not None,
        seconds=max(_seconds(video) or 0.0, _seconds(audio) or 0.0),
        video_seconds=_seconds(video),
        audio_seconds=_seconds(audio),
        width=picture.width if picture else None,
        height=picture.height if picture else None,
        fps=video.rate if video else None,
        frame_count=len(video.stamps) if video else None,
        variable_rate=video.variable if video else False,
        rotation=picture.rotation if picture else 0,
        rate=rate,
        channels=channels,
    )


def quarter_turns(frame: VideoFrame) -> int:
    """Return how often a stored frame is turned by 90 degrees against the clock for display."""
    return round(frame.rotation / 90) % 4


def _picture(path: Path, frames: Iterator[VideoFrame]) -> _Picture:
    """Read size and turn off the first frame: they are what the decoder says, not what the header says."""
    frame = next(frames, None)
    if frame is None:
        raise MediaError(f"no frame of '{path}' can be decoded; {ADVICE}")
    turns = quarter_turns(frame)
    width, height = (frame.height, frame.width) if turns % 2 else (frame.width, frame.height)
    return _Picture(width, height, -90 * turns % 360)


def _seconds(line: Timeline | None) -> float | None:
    """Return the length of a stream that may be missing."""
    return line.seconds if line else None
