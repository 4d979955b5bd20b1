"""The samples of a sound where its timestamps put them: silence in gaps, overlaps trimmed.

Cameras drop packets, editors mute stretches by leaving them out, and sound may begin after the pictures. Put
end to end, what remains would be heard too early.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from avere.errors import MediaError, printable_path
from avere.media._container import ADVICE, Media, guard_faults
from avere.media._timeline import BACK, check_length

if TYPE_CHECKING:
    from av import AudioFrame

JITTER = 0.015
"""Seconds that a block may come early or late and still follow on: many files round times, to a millisecond
or worse. The shortest common packet lasts 20 ms, so one that was lost leaves a gap."""
LOUDEST = 100.0
"""Largest sample; full scale is 1, and a sound 40 dB louder is numbers in another unit, or garbage."""
USUAL = {1: "mono", 2: "stereo", 3: "2.1", 4: "4.0", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}
"""Channel layouts by number of channels."""


class Block(NamedTuple):
    """A stretch of sound as stored: [channels, samples], samples a second, name of the channel layout."""

    samples: NDArray[np.float32]
    rate: int
    layout: str

    @property
    def length(self) -> int:
        """Number of samples a channel."""
        return int(self.samples.shape[1])

    def silent(self, length: int) -> Iterator[Block]:
        """Yield silence of the same form, at most a second at a time."""
        for start in range(0, length, self.rate):
            shape = len(self.samples), min(self.rate, length - start)
            yield self._replace(samples=np.zeros(shape, dtype=np.float32))


class _Ending:
    """Find where the sound ends by the file's own count, where it counts in samples.

    Encoders fill up their last block; where time is counted in samples, and was never rounded to something
    else, the true end is known.
    """

    def __init__(self) -> None:
        self._usual: set[int] = set()
        self._last: int | None = None
        self._end = 0

    def add(self, pts: int | None, duration: int | None) -> None:
        """Take note of a packet."""
        if pts is not None and duration:
            if self._last is not None:
                self._usual.add(self._last)
            self._last, self._end = duration, pts + duration

    def excess(self, position: int, begin: Fraction, block: Block, tick: Fraction | None) -> int:
        """Count the samples of the last block, which ends at ``position``, that are filling."""
        if tick != Fraction(1, block.rate) or len(self._usual) != 1:
            return 0
        end = self._end - round(begin * block.rate)
        return min(max(position - end, 0), block.length)


def placed_blocks(media: Media, begin: Fraction | None) -> Iterator[Block]:
    """Yield the sound of a file in order, from ``begin`` on, by default from its own first sample.

    Args:
        media: the open file.
        begin: seconds by the clock of the file; no later than the first sample.

    Raises:
        MediaError: no audio stream, no samples in it, samples that are no sound, a rate or channels that
            change on the way, a clock that is set back, or a file that is cut short.
    """
    stream = media.sound()
    ending, held, position, first = _Ending(), None, 0, 0
    for packet in media.packets(stream):
        ending.add(packet.pts, packet.duration)
        with guard_faults(media.path):
            decoded = cast("list[AudioFrame]", packet.decode())
        for frame in decoded:
            block = _read_block(media.path, frame)
            due = position
            if frame.pts is not None and frame.time_base is not None:
                time = frame.pts * frame.time_base
                begin = time if begin is None else begin
                due = round((time - begin) * block.rate)
            if held is not None:
                _check_same(media.path, held, block)
                yield held
            gap = _gap(media.path, due - position, block)
            yield from block.silent(gap)
            first = gap if held is None else first
            held = block._replace(samples=block.samples[:, max(-gap, 0) :])
            position += max(gap, 0) + held.length
    if held is None or (begin is None and not position):
        raise MediaError(f"the audio stream of '{printable_path(media.path)}' holds no samples; {ADVICE}")
    check_length(media, stream, (position - first) / held.rate)
    excess = ending.excess(position, begin or Fraction(0), held, stream.time_base)
    yield held._replace(samples=held.samples[:, : held.length - excess])


def _gap(path: Path, off: int, block: Block) -> int:
    """Count the samples that a block comes too late; below zero, too early; zero within JITTER.

    Raises:
        MediaError: far too early.
    """
    if off < -BACK * block.rate:
        raise MediaError(
            f"the clock of '{printable_path(path)}' is set back by {-off / block.rate:.1f} s on the way; "
            "it was joined badly: encode it anew"
        )
    return 0 if abs(off) <= JITTER * block.rate else off


def _check_same(path: Path, one: Block, other: Block) -> None:
    """Refuse a sound that changes its form.

    Raises:
        MediaError: rate or channels differ.
    """
    if one.rate != other.rate or len(one.samples) != len(other.samples):
        raise MediaError(
            f"'{printable_path(path)}' changes its audio rate or channels on the way; convert it first"
        )


def _read_block(path: Path, frame: AudioFrame) -> Block:
    """Convert a frame to float32 [channels, samples], full scale -1..1.

    Raises:
        MediaError: samples that are not finite, or far beyond full scale.
    """
    with guard_faults(path):
        stored = frame.to_ndarray()
        if not frame.format.is_planar:
            stored = stored.reshape(-1, frame.layout.nb_channels).T
        rate, layout = frame.sample_rate, frame.layout.name
        if layout.endswith("channels"):  # the file does not say which they are
            layout = USUAL.get(frame.layout.nb_channels, layout)
    if stored.dtype.kind == "f":
        # Compared before the conversion, in which large numbers would become infinite.
        if stored.size and not np.abs(stored).max() <= LOUDEST:
            raise MediaError(
                f"the sound of '{printable_path(path)}' holds samples that are no numbers or above "
                f"{LOUDEST:.0f}, where full scale is 1; write it anew within -1 to 1, or leave it out"
            )
        return Block(np.asarray(stored, dtype=np.float32), rate, layout)
    middle = 128 if stored.dtype.kind == "u" else 0
    scaled = (stored.astype(np.float64) - middle) / 2 ** (8 * stored.itemsize - 1)
    return Block(np.asarray(scaled, dtype=np.float32), rate, layout)
