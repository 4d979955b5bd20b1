"""When the packets of a stream begin: known without decoding, also for variable frame rates."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from avere.errors import MediaError
from avere.media._container import ADVICE, Media, open_container

if TYPE_CHECKING:
    from av import AudioStream, VideoStream

EXACT = frozenset({"mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "wav", "flac", "avi"})
"""Formats whose header tells a true duration; others guess it from the bit rate."""


class Timeline(NamedTuple):
    """The times of one stream in presentation order, in ticks."""

    stamps: NDArray[np.int64]
    keys: NDArray[np.int64]
    """Stamps that can be decoded without those before them."""
    last: int
    """How long the last packet stays."""
    tick: Fraction
    """Seconds."""

    @property
    def start(self) -> float:
        """Seconds at which the stream begins; what stands before zero only warms up a decoder."""
        return float(max(int(self.stamps[0]), 0) * self.tick)

    @property
    def seconds(self) -> float:
        """How long the stream lasts."""
        return float((int(self.stamps[-1]) + self.last) * self.tick) - self.start

    @property
    def span(self) -> float:
        """Seconds from the first stamp to the end of the last."""
        return float((int(self.stamps[-1] - self.stamps[0]) + self.last) * self.tick)

    @property
    def times(self) -> NDArray[np.float64]:
        """Seconds of each stamp after the first."""
        return np.asarray((self.stamps - self.stamps[0]) * float(self.tick), dtype=np.float64)

    @property
    def variable(self) -> bool:
        """Whether the steps differ by more than rounding to ticks explains."""
        steps = np.diff(self.stamps)
        return bool(len(steps) and np.ptp(steps) > max(2.0, 0.1 * float(np.median(steps))))

    @property
    def rate(self) -> float:
        """Mean number of packets a second."""
        return len(self.stamps) / self.span


def read_timeline(path: Path, modality: Literal["video", "audio"]) -> Timeline:
    """Read when each packet of a stream begins.

    Raises:
        MediaError: no such stream, nothing in it, or the file ends long before its header says.
    """
    with open_container(path) as media:
        stream = media.pictures() if modality == "video" else media.sound()
        rows = [
            (stamp, packet.duration or 0, packet.is_keyframe)
            for packet in media.packets(stream)
            if packet.size and not packet.is_discard
            if (stamp := packet.dts if packet.pts is None else packet.pts) is not None
        ]
        if not rows or stream.time_base is None:
            raise MediaError(f"the {modality} stream of '{path}' is empty; {ADVICE}")
        rows.sort()
        stamps = np.unique(np.array([row[0] for row in rows], dtype=np.int64))
        keys = np.unique(np.array([row[0] for row in rows if row[2]], dtype=np.int64))
        line = Timeline(stamps, keys, rows[-1][1] or _step(stamps, stream), stream.time_base)
        check_length(media, stream, line.seconds)
    return line


def check_length(media: Media, stream: VideoStream | AudioStream, seconds: float) -> None:
    """Refuse a file that ends long before its header says.

    Raises:
        MediaError: more than half a second and a tenth of the stream are missing.
    """
    if media.container.format.name not in EXACT:
        return
    if stream.duration and stream.time_base:
        declared = float(stream.duration * stream.time_base)
    else:
        declared = _clock(stream.metadata.get("DURATION", ""))
    if declared - seconds > max(0.5, 0.1 * declared):
        raise MediaError(
            f"'{media.path}' is cut short: {seconds:.2f} of {declared:.2f} s of {stream.type} "
            f"can be read; {ADVICE}"
        )


def _step(stamps: NDArray[np.int64], stream: VideoStream | AudioStream) -> int:
    """Return the usual step, in ticks, where packets do not tell their duration."""
    if len(stamps) > 1:
        return int(np.median(np.diff(stamps)))
    return max(1, round(1 / ((stream.average_rate or Fraction(25)) * (stream.time_base or Fraction(1)))))


def _clock(text: str) -> float:
    """Read ``hours:minutes:seconds``, the form of Matroska's tags; 0 where there is none.

    >>> _clock("00:01:02.500000000")
    62.5
    """
    seconds = 0.0
    for part in filter(None, text.split(":")):
        seconds = 60 * seconds + float(part)
    return seconds
