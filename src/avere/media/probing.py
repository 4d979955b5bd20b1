"""What a media file holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from avere.errors import MediaError, printable_path
from avere.media._container import ADVICE, guard_decoding, open_container
from avere.media._display import read_display
from avere.media._placing import placed_blocks
from avere.media._timeline import Timeline, clip_begin, read_timeline

if TYPE_CHECKING:
    from av import VideoFrame


class Probe(NamedTuple):
    """The streams of a media file; None where the modality is missing."""

    has_video: bool
    has_audio: bool
    seconds: float
    """Of the longer stream."""
    video_seconds: float | None
    """From the beginning of the clip, that is of its earlier stream; so is ``audio_seconds``."""
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
    mirrored: bool
    """True where left and right of the stored frames change places before that."""
    rate: int | None
    """Audio samples a second."""
    channels: int | None


class _Picture(NamedTuple):
    """Size and turn of the first frame."""

    width: int
    height: int
    rotation: int
    mirrored: bool


def probe(path: Path) -> Probe:
    """Describe the streams of a media file.

    Raises:
        MediaError: it is missing, empty, damaged or no media.
    """
    path = Path(path)
    with open_container(path) as media:
        picture = None
        if media.video is not None:
            picture = _picture(path, guard_decoding(path, media.container.decode(media.pictures())))
        heard = media.sound().codec_context if media.audio is not None else None
        rate, channels = (heard.sample_rate, heard.channels) if heard is not None else (None, None)
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
        mirrored=picture.mirrored if picture else False,
        rate=rate,
        channels=channels,
    )


def check_decoding(path: Path) -> None:
    """Decode the first picture and all of the sound, to find what a header does not tell.

    Raises:
        MediaError: the file cannot be read, or holds samples that are no sound.
    """
    path = Path(path)
    if probe(path).has_audio:
        begin = clip_begin(path)
        with open_container(path) as media:
            for _ in placed_blocks(media, begin):
                pass


def _picture(path: Path, frames: Iterator[VideoFrame]) -> _Picture:
    """Read size and turn off the first frame: they are what the decoder says, not what the header says.

    Raises:
        MediaError: no frame can be decoded.
    """
    frame = next(frames, None)
    if frame is None:
        raise MediaError(f"no frame of '{printable_path(path)}' can be decoded; {ADVICE}")
    display = read_display(frame)
    sizes = (frame.height, frame.width) if display.turns % 2 else (frame.width, frame.height)
    return _Picture(*sizes, 90 * display.turns, display.mirrored)


def _seconds(line: Timeline | None) -> float | None:
    """Measure a stream that may be missing."""
    return line.seconds if line else None
