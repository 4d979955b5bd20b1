"""Making media files as they are found: any start, any gap, any mark on a track; by packets, so exactly."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import av
import numpy as np

RATE = 16_000
BLOCK = 320
"""Samples of one packet where the codec leaves it open."""
STEP = 8
"""Grey levels from one picture to the next."""


class Track(NamedTuple):
    """A stream to be written."""

    codec: str
    start: float = 0.0
    """Seconds before its first packet."""
    seconds: float = 1.0
    gap: tuple[float, float] = (0.0, 0.0)
    """After so many seconds, so many are missing."""
    default: bool | None = None
    """Mark of the track; None leaves it to the muxer."""
    pitch: float = 20.0
    """Of a sound, in hertz."""
    grey: int = 0
    """Of the first picture."""
    options: Mapping[str, str] = {}
    rate: int = RATE
    """Samples, or pictures, a second."""


VIDEO = Track("libx264", rate=10, options={"bf": "2", "x264-params": "b-adapt=0:scenecut=0", "crf": "1"})
SOUND = Track("pcm_s16le")
AAC = Track("aac")


def pictures(count: int, first: int = 0, height: int = 32, width: int = 48) -> np.ndarray:
    levels = ((np.arange(count) * STEP + first) % 256).astype(np.uint8)
    return np.broadcast_to(levels[:, None, None, None], (count, height, width, 3)).copy()


def tone(seconds: float, pitch: float, rate: int = RATE) -> np.ndarray:
    return (0.4 * np.sin(2 * np.pi * pitch * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def numbers(seen: np.ndarray) -> list[int]:
    return [round(float(level) / STEP) for level in seen.mean(axis=(1, 2, 3))]


def write(path: Path, *tracks: Track, tags: Mapping[str, str] | None = None, **container: str) -> Path:
    """Write tracks into one file; those with a rate of at most 100 are pictures."""
    with av.open(str(path), "w", container_options=container) as output:
        output.metadata.update(tags or {})
        streams = [_stream(output, track) for track in tracks]
        packets = [
            (when, packet)
            for track, stream in zip(tracks, streams, strict=True)
            for when, packet in _packets(track, stream)
        ]
        output.start_encoding()
        for _, packet in sorted(packets, key=lambda pair: pair[0]):
            output.mux(packet)
    return path


def _stream(output: Any, track: Track) -> Any:
    if track.rate <= 100:
        stream = output.add_stream(track.codec, rate=track.rate, options=dict(track.options))
        stream.width, stream.height = 48, 32
        stream.pix_fmt = "yuv420p"
    else:
        stream = output.add_stream(track.codec, rate=track.rate, layout="mono", options=dict(track.options))
    if track.default is not None:
        stream.disposition = av.stream.Disposition.default if track.default else av.stream.Disposition(0)
    return stream


def _packets(track: Track, stream: Any) -> Sequence[tuple[Fraction, Any]]:
    encoded = [packet for frame in (*_frames(track, stream), None) for packet in stream.encode(frame)]
    after, missing = (Fraction(value).limit_denominator(1000) for value in track.gap)
    found = []
    for packet in encoded:
        tick = packet.time_base
        late = Fraction(track.start).limit_denominator(1000)
        late += missing if packet.pts * tick >= after and missing else 0
        packet.pts += round(late / tick)
        packet.dts += round(late / tick)
        found.append((packet.dts * tick, packet))
    return found


def _frames(track: Track, stream: Any) -> list[Any]:
    if track.rate <= 100:
        made = [
            av.VideoFrame.from_ndarray(picture, format="rgb24")
            for picture in pictures(round(track.seconds * track.rate), track.grey)
        ]
        for index, frame in enumerate(made):
            frame.pts, frame.time_base = index, Fraction(1, track.rate)
        return made
    wave = tone(track.seconds, track.pitch, track.rate)
    form = stream.codec_context.format.name
    if form.startswith("s16"):
        wave = np.rint(wave * 32768).astype(np.int16)
    form, dtype = ("s16", np.int16) if form.startswith("s16") else (form, np.float32)
    blocks = []
    for start in range(0, len(wave), BLOCK):
        block: Any = np.ascontiguousarray(wave[None, start : start + BLOCK], dtype)
        sounding: Any = av.AudioFrame.from_ndarray(block, format=form, layout="mono")
        sounding.sample_rate, sounding.pts, sounding.time_base = track.rate, start, Fraction(1, track.rate)
        blocks.append(sounding)
    return blocks
