"""When the packets of a stream begin: known without decoding, also for variable frame rates.

Both streams of a file share one clock, and a clip begins where the earlier of them does: a sound that starts
half a second after the pictures is half a second late, wherever the clock of the file began.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from avere.errors import MediaError, printable_path
from avere.media import _lengths
from avere.media._container import ADVICE, Media, guard_faults, open_container

if TYPE_CHECKING:
    from av import AudioStream, Packet, VideoStream

REORDERED = 20
"""Packets among which the first in time stands; H.264 holds back at most 16 pictures."""
TOGETHER = Fraction(1, 10)
"""Seconds that pictures may come after the sound and still begin with it: encoders of sound start with up to
half of that of nothing, and players show the first picture at once."""
BACK = 1.0
"""Seconds that a clock may be set back; more than that, and the file is two that were joined."""


class Starts(NamedTuple):
    """When the streams of a file begin, in seconds by its clock; None where there is no such stream."""

    video: Fraction | None
    audio: Fraction | None

    @property
    def clip(self) -> Fraction:
        """When the clip begins: with its first picture or sound."""
        return min((start for start in self if start is not None), default=Fraction(0))


class Timeline(NamedTuple):
    """The times of one stream in presentation order, in ticks."""

    stamps: NDArray[np.int64]
    keys: NDArray[np.int64]
    """Stamps that can be decoded without those before them."""
    last: int
    """How long the last packet stays."""
    tick: Fraction
    """Seconds."""
    begin: int
    """Tick at which the clip begins."""
    ordered: bool
    """The file tells no presentation times: the frames come in the order of the stamps, and bear others."""

    @property
    def seconds(self) -> float:
        """Length from the beginning of the clip to the end of the stream."""
        return float((int(self.stamps[-1]) + self.last - self.begin) * self.tick)

    @property
    def times(self) -> NDArray[np.float64]:
        """Seconds of each stamp after the beginning of the clip."""
        return np.asarray((self.stamps - self.begin) * float(self.tick), dtype=np.float64)

    @property
    def variable(self) -> bool:
        """True where the steps differ by more than rounding to ticks explains."""
        steps = np.diff(self.stamps)
        return bool(len(steps) and np.ptp(steps) > max(2.0, 0.1 * float(np.median(steps))))

    @property
    def rate(self) -> float:
        """Mean number of packets a second."""
        return len(self.stamps) / float((int(self.stamps[-1] - self.stamps[0]) + self.last) * self.tick)

    def shown(self, at: NDArray[np.float64]) -> NDArray[np.int64]:
        """Find the stamps on screen at times in seconds; the first picture stands from the beginning."""
        places = np.searchsorted(self.times, at, side="right") - 1
        return np.asarray(self.stamps[np.maximum(places, 0)], dtype=np.int64)


def read_starts(path: Path) -> Starts:
    """Find when the streams of a file begin: the sound with the first sample that is meant to be heard.

    Raises:
        MediaError: the file cannot be read.
    """
    with open_container(path) as media:
        video, audio = media.video, media.audio
        streams = [stream for stream in (video, audio) if stream is not None and stream.codec_context]
        seen: list[Fraction] = []
        heard: list[Fraction] = []
        for packet in media.packets(*streams):
            if packet.stream is audio and not heard:
                heard += _frame_times(path, packet)
            elif packet.stream is video and len(seen) < REORDERED:
                seen += _packet_times(packet)
            if (len(seen) == REORDERED or video not in streams) and (heard or audio not in streams):
                break
    return Starts(min(seen, default=None), min(heard, default=None))


def clip_begin(path: Path) -> Fraction | None:
    """Find when the clip begins, by the file's clock; None where it is sound alone, and begins with it.

    Raises:
        MediaError: the file cannot be read.
    """
    with open_container(path) as media:
        both = media.video is not None and media.audio is not None
    return read_starts(path).clip if both else None


def _frame_times(path: Path, packet: Packet[AudioStream]) -> list[Fraction]:
    """Decode a packet of sound; give the times of its frames in seconds."""
    with guard_faults(path):
        return [f.pts * f.time_base for f in packet.decode() if f.pts is not None and f.time_base is not None]


def _packet_times(packet: Packet[VideoStream]) -> list[Fraction]:
    """Give the time of a packet in seconds, if it has one and will be shown."""
    stamp = packet.dts if packet.pts is None else packet.pts
    return [stamp * packet.time_base] if packet.size and not packet.is_discard and stamp is not None else []


def read_timeline(path: Path, modality: Literal["video", "audio"]) -> Timeline:
    """Read when each packet of a stream begins.

    Raises:
        MediaError: no such stream, nothing in it, its clock is set back, or the file ends long before its
            header says.
    """
    with open_container(path) as media:
        stream = media.pictures() if modality == "video" else media.sound()
        alone = media.video is None or media.audio is None
        rows = [
            _Row(packet.pts, packet.dts, packet.duration or 0, packet.is_keyframe)
            for packet in media.packets(stream)
            if packet.size and not packet.is_discard
        ]
        line = _arranged(media, stream, rows)
    own = int(line.stamps[0])
    if alone and modality == "video":
        return line._replace(begin=own)
    begin = round(read_starts(path).clip / line.tick)
    together = modality == "video" and (own - begin) * line.tick <= TOGETHER
    return line._replace(begin=own if together else begin)


class _Row(NamedTuple):
    """What is kept of a packet, in ticks."""

    pts: int | None
    dts: int | None
    stay: int
    key: bool


def _arranged(media: Media, stream: VideoStream | AudioStream, rows: list[_Row]) -> Timeline:
    """Put packets in the order of presentation.

    Raises:
        MediaError: nothing bears a time, the clock is set back, or the file is cut short.
    """
    name = printable_path(media.path)
    # AVI holds no presentation times; those that are made up from its order of decoding are wrong.
    ordered = any(row.pts is None for row in rows) or (
        media.container.format.name == "avi" and any(row.pts != row.dts for row in rows)
    )
    timed = [(row.dts if ordered else row.pts, row.stay, row.key) for row in rows]
    found = sorted((stamp, stay, key) for stamp, stay, key in timed if stamp is not None)
    if not found or stream.time_base is None:
        raise MediaError(f"the {stream.type} stream of '{name}' is empty; {ADVICE}")
    decoded = np.array([row.dts for row in rows if row.dts is not None], dtype=np.int64)
    back = int(np.max(np.maximum.accumulate(decoded) - decoded, initial=0))
    if back * stream.time_base > BACK:
        raise MediaError(f"the clock of '{name}' is set back on the way; it was joined badly: encode it anew")
    stamps = np.unique(np.array([row[0] for row in found], dtype=np.int64))
    keys = np.unique(np.array([row[0] for row in found if row[2]], dtype=np.int64))
    last = found[-1][1] or _step(stamps, stream)
    line = Timeline(stamps, keys, last, stream.time_base, int(stamps[0]), ordered)
    check_length(media, stream, line.seconds)
    return line


def check_length(media: Media, stream: VideoStream | AudioStream, seconds: float) -> None:
    """Refuse a stream of so many seconds where the header of the file tells many more.

    Raises:
        MediaError: the file is cut short.
    """
    if stream.duration and stream.time_base and not media.endless:
        declared = float(stream.duration * stream.time_base)
        _lengths.check_seconds(media.path, media.container.format.name, stream.type, seconds, declared)


def _step(stamps: NDArray[np.int64], stream: VideoStream | AudioStream) -> int:
    """Find the usual step, in ticks, where packets do not tell their duration."""
    if len(stamps) > 1:
        return int(np.median(np.diff(stamps)))
    return max(1, round(1 / ((stream.average_rate or Fraction(25)) * (stream.time_base or Fraction(1)))))
