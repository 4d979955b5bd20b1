"""What a media file holds."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, NamedTuple

from avere.errors import MediaError, printable_path
from avere.media import _limits
from avere.media._container import ADVICE, Media, guard_decoding, open_container
from avere.media._display import read_display
from avere.media._placing import placed_blocks
from avere.media._timeline import Timeline, clip_begin, read_timeline
from avere.media.pictures import at_stamps

SHORT = 0.1
"""Seconds of sound whose lack is not told; encoders add about as much of nothing."""


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
    """As displayed: points made square, rotation applied; so is ``height``."""
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
            picture = _picture(media)
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


def seconds_beyond(path: Path, seconds: float) -> float:
    """Measure how much of the sound of a file lies beyond so many seconds; 0 for none, or less than SHORT.

    Raises:
        MediaError: the file cannot be read.
    """
    beyond = (probe(path).audio_seconds or 0.0) - seconds
    return round(beyond, 3) if beyond > SHORT else 0.0


def check_decoding(path: Path, modality: Literal["video", "audio"] | None = None) -> Probe:
    """Decode all pictures and all of the sound, or one of them, to find what a header does not tell.

    Pictures before the first keyframe, with which a film that was cut out of another begins, may be missing.

    Raises:
        MediaError: the file cannot be read, lacks the modality asked for or pictures on the way, or holds
            samples that are no sound.
    """
    path = Path(path)
    about = probe(path)
    if about.has_video if modality is None else modality == "video":
        line = read_timeline(path, "video")
        first = int(line.keys[0]) if len(line.keys) else 0
        with open_container(path) as media:
            for _ in at_stamps(media, line, line.stamps[line.stamps >= first]):
                pass
    if about.has_audio if modality is None else modality == "audio":
        begin = clip_begin(path)
        with open_container(path) as media:
            for _ in placed_blocks(media, begin):
                pass
    return about


def _picture(media: Media) -> _Picture:
    """Read size and turn off the first frame: they are what the decoder says, not what the header says.

    Raises:
        MediaError: no frame can be decoded.
    """
    frame = next(guard_decoding(media.path, media.container.decode(media.pictures())), None)
    if frame is None:
        raise MediaError(f"no frame of '{printable_path(media.path)}' can be decoded; {ADVICE}")
    display = read_display(frame)
    width, height = display.stretched(frame.width, frame.height, media.point_aspect())
    _limits.check_pixels(media.path, width, height)
    sizes = (height, width) if display.turns % 2 else (width, height)
    return _Picture(*sizes, 90 * display.turns, display.mirrored)


def _seconds(line: Timeline | None) -> float | None:
    """Measure a stream that may be missing."""
    return line.seconds if line else None
