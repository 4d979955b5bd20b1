"""Clips decoded without haste: everything into memory, each piece put where its own time says."""

from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np

TOGETHER = Fraction(1, 10)
"""Seconds of sound before the first picture that do not count."""


class Decoded(NamedTuple):
    """A clip; times in seconds from its beginning."""

    pictures: list[tuple[Fraction, np.ndarray]]
    end: Fraction
    """Of the pictures."""
    wave: np.ndarray
    """float64 [samples], the mean of the channels at the stored rate, silence where nothing is."""
    rate: int

    def frames(self, count: int) -> np.ndarray:
        """Pick the pictures on screen at the mid-points of equal parts."""
        chosen = []
        for part in range(count):
            time = self.end * (2 * part + 1) / (2 * count)
            past = [picture for at, picture in self.pictures if at <= time]
            chosen.append(past[-1] if past else self.pictures[0][1])
        return np.stack(chosen)


def decode(path: Path) -> Decoded:
    """Decode the default streams of a file."""
    pictures, end = decode_pictures(path)
    pieces, rate = decode_pieces(path)
    starts = [part[0][0] for part in (pictures, pieces) if part]
    begin = min(starts)
    first = pictures[0][0] if pictures and pictures[0][0] - begin <= TOGETHER else begin
    length = max((round((time - begin) * rate) + len(piece) for time, piece in pieces), default=0)
    wave, taken = np.zeros(length), np.zeros(length, bool)
    for time, piece in pieces:
        place = round((time - begin) * rate)
        free = ~taken[place : place + len(piece)]
        wave[place : place + len(piece)][free] = piece[free]
        taken[place : place + len(piece)] = True
    return Decoded([(time - first, picture) for time, picture in pictures], end - first, wave, rate)


def decode_pictures(path: Path) -> tuple[list[tuple[Fraction, np.ndarray]], Fraction]:
    """Decode all pictures with their times by the file's clock, and find when the last one ends."""
    with av.open(str(path)) as container:
        stream = default(container.streams.video)
        if stream is None:
            return [], Fraction(0)
        packets = [packet for packet in container.demux(stream) if packet.size]
        shown = [frame for packet in packets for frame in packet.decode()]
        shown += list(stream.decode(None))
        images = [frame.to_ndarray(format="rgb24") for frame in shown]
        if container.format.name == "avi":
            # The format stores pictures at a fixed rate, and no other time.
            stay = 1 / Fraction(stream.average_rate)
            return [(index * stay, image) for index, image in enumerate(images)], len(images) * stay
        times = [frame.pts * stream.time_base for frame in shown]
        step = int(np.median(np.diff(sorted(packet.pts for packet in packets)))) if len(packets) > 1 else 0
        end = max(Fraction(packet.pts + (packet.duration or step)) * stream.time_base for packet in packets)
        return list(zip(times, images, strict=True)), end


def decode_pieces(path: Path) -> tuple[list[tuple[Fraction, np.ndarray]], int]:
    """Decode all sound in pieces with their times by the file's clock."""
    with av.open(str(path)) as container:
        stream = default(container.streams.audio)
        if stream is None:
            return [], 1
        found = []
        for frame in container.decode(stream):
            values = frame.to_ndarray().astype(np.float64)
            if not frame.format.is_planar:
                values = values.reshape(-1, frame.layout.nb_channels).T
            scale = 1 if frame.format.name.startswith(("flt", "dbl")) else 2**15
            found.append((frame.pts * frame.time_base, values.mean(axis=0) / scale))
        return found, stream.rate


def default(streams):
    """Choose the stream that is marked as the default, else the first."""
    marked = [stream for stream in streams if stream.disposition & av.stream.Disposition.default]
    return next(iter(marked or streams), None)
