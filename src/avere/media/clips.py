"""New clips made of old ones, file to file; a stream that is not meant is copied, so it decodes the same.

In a target of another container than the source, what an encoder added to its last block of sound (below
0.1 s) may become audible, or fall away.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from avere.errors import AvereError, MediaError
from avere.media import probing
from avere.media._container import Media, create_container, open_container
from avere.media._encoding import (
    Canvas,
    Picture,
    add_audio,
    add_video,
    encoded_audio,
    encoded_video,
    mux_streams,
    pixel_format,
)
from avere.media._timeline import Timeline, clip_begin, read_starts, read_timeline
from avere.media.pictures import at_stamps, frame_image
from avere.media.probing import Probe
from avere.media.sounds import StoredSound, read_stored

if TYPE_CHECKING:
    from av import AudioStream, Packet, VideoStream
    from av.container import OutputContainer


def mute(source: Path, target: Path) -> None:
    """Write the clip without its sound.

    Raises:
        MediaError: the source has no video, or the target cannot hold it.
    """
    with open_container(Path(source)) as media, create_container(Path(target)) as output:
        mux_streams(output, _copied(output, media, media.pictures()))


def blind(source: Path, target: Path) -> None:
    """Write the clip with black frames of the same size at the same times.

    Raises:
        MediaError: the source has no video, or the target cannot hold it.
    """
    source, target = Path(source), Path(target)
    line, about = read_timeline(source, "video"), probing.probe(source)
    with open_container(source) as media, create_container(target) as output:
        canvas = _canvas(about, line)
        video = add_video(output, target, canvas)
        sound = _copied(output, media, media.audio) if media.audio else ()
        mux_streams(output, sound, encoded_video(video, _black(canvas, line), canvas))


def swap(video_source: Path, audio_source: Path, target: Path) -> None:
    """Write the pictures of one clip with the sound of another; neither is cut to the other's length.

    Raises:
        MediaError: a modality is missing, or the target cannot hold both.
    """
    with ExitStack() as files:
        pictures = files.enter_context(open_container(Path(video_source)))
        sound = files.enter_context(open_container(Path(audio_source)))
        streams = pictures.pictures(), sound.sound()
        output = files.enter_context(create_container(Path(target)))
        # Either clip counts from its own beginning.
        begins = read_starts(pictures.path).clip, read_starts(sound.path).clip
        mux_streams(
            output,
            _copied(output, pictures, streams[0], begins[0]),
            _copied(output, sound, streams[1], begins[1]),
        )


def cut(source: Path, target: Path, start: float, end: float) -> None:
    """Write the part of a clip from ``start`` to ``end`` seconds, exact to the frame and the sample.

    Seconds count from the beginning of the clip, as in ``frames`` and ``sound``. Both streams are encoded
    anew; one that ends before ``start`` is left out.

    Raises:
        AvereError: the part is empty or begins before the clip.
        MediaError: nothing of the clip lies in it, or the target cannot hold it.
    """
    source, target = Path(source), Path(target)
    if not 0 <= start < end:
        raise AvereError(f"cannot cut '{source}' from {start} to {end} s; give 0 <= start < end")
    about = probing.probe(source)
    line = read_timeline(source, "video") if about.has_video and start < (about.video_seconds or 0) else None
    sound = _part(source, start, end) if about.has_audio and start < (about.audio_seconds or 0) else None
    if line is None and sound is None:
        raise MediaError(
            f"'{source}' is {about.seconds:.2f} s long; nothing lies between {start} and {end} s"
        )
    with open_container(source) as media, create_container(target) as output:
        canvas = _canvas(about, line) if line else None
        video = add_video(output, target, canvas) if canvas else None
        audio = add_audio(output, target, sound) if sound else None
        shots = (
            encoded_video(video, _shots(media, line, start, end), canvas) if video and line and canvas else ()
        )
        mux_streams(output, shots, encoded_audio(audio, sound) if audio and sound else ())


def _canvas(about: Probe, line: Timeline) -> Canvas:
    """Choose the encoder's settings for frames like those of a video."""
    pace = Fraction(line.rate).limit_denominator(1001)
    return Canvas(about.width or 0, about.height or 0, pace, line.tick)


def _part(source: Path, start: float, end: float) -> StoredSound | None:
    """Decode a stretch of a sound, with all its channels."""
    begin = clip_begin(source)
    with open_container(source) as media:
        return read_stored(media, begin, start, end)


def _shots(media: Media, line: Timeline, start: float, end: float) -> Iterator[Picture]:
    """Yield the frames on screen between two times, stamped from the first on."""
    first = max(0, int(np.searchsorted(line.times, start + 1e-6, side="right")) - 1)
    after = max(first + 1, int(np.searchsorted(line.times, end - 1e-6, side="left")))
    stamps = line.stamps[first:after]
    begin = line.begin + round(start / line.tick)
    finish = min(line.begin + round(end / line.tick), int(line.stamps[-1]) + line.last)
    bounds = [0, *(int(stamp) - begin for stamp in stamps[1:]), finish - begin]
    for frame, stamp, following in zip(at_stamps(media, line, stamps), bounds, bounds[1:], strict=False):
        yield Picture(frame_image(media, frame), stamp, following - stamp)


def _black(canvas: Canvas, line: Timeline) -> Iterator[Picture]:
    """Yield a black frame for each stamp."""
    from av import VideoFrame

    empty = np.zeros((canvas.height, canvas.width, 3), dtype=np.uint8)
    frame = VideoFrame.from_ndarray(empty, format="rgb24").reformat(format=pixel_format(canvas))
    stays = [*np.diff(line.stamps).tolist(), line.last]
    for stamp, stay in zip(line.stamps.tolist(), stays, strict=True):
        yield Picture(frame, stamp, stay)


def _copied(
    output: OutputContainer, media: Media, stream: VideoStream | AudioStream, begin: Fraction = Fraction(0)
) -> Iterator[Packet[Any]]:
    """Add a copy of a stream now; yield its packets, ``begin`` seconds earlier, when they are wanted."""
    from av import VideoStream

    copy = output.add_stream_from_template(stream)
    # The tag of a Matroska file is about the old one.
    copy.metadata.pop("DURATION", None)
    if isinstance(stream, VideoStream) and isinstance(copy, VideoStream) and stream.sample_aspect_ratio:
        # Of the container; the copy knows that of the codec.
        copy.codec_context.sample_aspect_ratio = stream.sample_aspect_ratio
    earlier = round(begin / stream.time_base) if stream.time_base else 0

    def packets() -> Iterator[Packet[Any]]:
        for packet in media.packets(stream):
            if packet.size:
                packet.stream = copy
                packet.pts = None if packet.pts is None else packet.pts - earlier
                packet.dts = None if packet.dts is None else packet.dts - earlier
                yield packet

    return packets()
