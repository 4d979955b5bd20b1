"""Turning arrays into streams of a file: the same arrays give the same bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from heapq import merge
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from avere.errors import MediaError
from avere.media.sounds import StoredSound

if TYPE_CHECKING:
    from av import AudioStream, Packet, VideoFrame, VideoStream
    from av.container import OutputContainer

VIDEO_CODECS = dict.fromkeys((".mp4", ".m4v", ".mov", ".mkv"), "libx264")
AUDIO_CODECS = dict.fromkeys((*VIDEO_CODECS, ".m4a"), "aac") | {".wav": "pcm_s16le", ".flac": "flac"}
X264 = {"preset": "ultrafast", "crf": "20", "threads": "1"}
"""Ultrafast costs size, not quality, at a constant rate factor; one thread keeps the bytes the same."""
BITS = 64_000
"""AAC bits a second and channel; low sample rates hold fewer."""


class Canvas(NamedTuple):
    """What a video encoder must know before the first frame."""

    width: int
    height: int
    rate: Fraction
    tick: Fraction
    """Seconds; the unit of the stamps."""


class Picture(NamedTuple):
    """A frame to be encoded: RGB or already in the encoder's format, when it comes, how long it stays."""

    pixels: NDArray[np.uint8] | VideoFrame
    stamp: int
    stay: int


def codec(path: Path, codecs: dict[str, str], what: str) -> str:
    """Choose the encoder for a file name.

    Raises:
        MediaError: what is written there cannot be encoded.
    """
    try:
        return codecs[path.suffix.lower()]
    except KeyError as error:
        known = ", ".join(codecs)
        raise MediaError(
            f"cannot write {what} to '{path}': give a name that ends in one of {known}"
        ) from error


def add_video(output: OutputContainer, path: Path, canvas: Canvas) -> VideoStream:
    """Add an H.264 stream."""
    from av.codec.context import Flags

    name = codec(path, VIDEO_CODECS, "video")
    stream = cast("VideoStream", output.add_stream(name, rate=canvas.rate, options=dict(X264)))
    stream.width, stream.height = canvas.width, canvas.height
    stream.pix_fmt = pixel_format(canvas)
    stream.codec_context.time_base = canvas.tick
    stream.codec_context.flags |= Flags.bitexact
    return stream


def pixel_format(canvas: Canvas) -> str:
    """Choose the format that every player knows, or for odd sizes the one that can hold them."""
    return "yuv420p" if canvas.width % 2 == canvas.height % 2 == 0 else "yuv444p"


def add_audio(output: OutputContainer, path: Path, sound: StoredSound) -> AudioStream:
    """Add a stream for a sound: AAC, FLAC or 16-bit PCM, as the file name says."""
    from av.codec.context import Flags

    name = codec(path, AUDIO_CODECS, "sound")
    stream = cast("AudioStream", output.add_stream(name, rate=sound.rate, layout=sound.layout))
    stream.codec_context.flags |= Flags.bitexact
    if name == "aac":
        # The format holds 6144 bits a channel in each block of 1024 samples.
        stream.bit_rate = min(BITS, 6 * sound.rate) * len(sound.samples)
    return stream


def encoded_video(
    stream: VideoStream, pictures: Iterable[Picture], canvas: Canvas
) -> Iterator[Packet[VideoStream]]:
    """Yield the packets of frames."""
    # The encoder gives each packet the usual duration: with a variable rate the last would be wrong.
    stays: dict[int | None, int] = {}
    for pixels, stamp, stay in pictures:
        stays[stamp] = stay
        for packet in stream.encode(_frame(pixels, stamp, canvas.tick)):
            packet.duration = stays.pop(packet.pts, packet.duration)
            yield packet
    for packet in stream.encode():
        packet.duration = stays.pop(packet.pts, packet.duration)
        yield packet


def _frame(pixels: NDArray[np.uint8] | VideoFrame, stamp: int, tick: Fraction) -> VideoFrame:
    """Make a frame for the encoder."""
    from av import VideoFrame

    if isinstance(pixels, VideoFrame):
        frame = pixels
    else:
        frame = VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
    frame.pts, frame.time_base = stamp, tick
    return frame


def encoded_audio(stream: AudioStream, sound: StoredSound) -> Iterator[Packet[AudioStream]]:
    """Yield the packets of a sound."""
    from av import AudioFrame

    if stream.codec_context.name == "aac":
        samples: NDArray[np.float32] | NDArray[np.int16] = np.ascontiguousarray(sound.samples)
        kind = "fltp"
    else:
        samples, kind = whole_numbers(sound.samples).T.reshape(1, -1), "s16"
    frame = AudioFrame.from_ndarray(samples, format=kind, layout=sound.layout)
    frame.sample_rate, frame.pts, frame.time_base = sound.rate, 0, Fraction(1, sound.rate)
    yield from stream.encode(frame)
    yield from stream.encode()


def whole_numbers(samples: NDArray[np.float32]) -> NDArray[np.int16]:
    """Round samples to 16 bits; what was read from 16 bits comes back exactly."""
    scaled = np.rint(samples * np.float32(32768))
    return np.asarray(np.clip(scaled, -32768, 32767), dtype=np.int16)


def mux_streams(output: OutputContainer, *streams: Iterable[Packet[Any]]) -> None:
    """Write packets in the order of their times, so that players need not search."""
    for packet in merge(*streams, key=_time):
        output.mux(packet)


def _time(packet: Packet[Any]) -> float:
    """Read the decoding time of a packet, in seconds."""
    stamp = packet.pts if packet.dts is None else packet.dts
    return float((stamp or 0) * packet.time_base)
