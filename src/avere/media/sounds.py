"""The sound of a clip as one mono waveform at the rate that a model wants."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from avere.errors import AvereError, MediaError
from avere.media._container import ADVICE, Media, guard_decoding, open_container
from avere.media._timeline import check_length
from avere.media.corruptions import CorruptionLike, corrupt_sound

if TYPE_CHECKING:
    from av import AudioFrame, AudioStream, Packet

MARGIN = 1.0
"""Seconds decoded beyond the cut, so that resampling does not feel it."""


class StoredSound(NamedTuple):
    """A sound as stored: [channels, samples], samples a second, name of the channel layout."""

    samples: NDArray[np.float32]
    rate: int
    layout: str


def sound(
    path: Path, rate: int = 16000, *, seconds: float | None = None, corruption: CorruptionLike | None = None
) -> NDArray[np.float32]:
    """Return the sound of a clip: the mean of all channels, resampled, cut to ``seconds`` if given.

    Returns:
        float32 [samples]; full scale is -1..1.

    Raises:
        MediaError: no audio stream, or one that cannot be decoded.
        AvereError: a rate or a length of zero or less, or a corruption that cannot be applied.
    """
    path = Path(path)
    if rate < 1 or (seconds is not None and not seconds > 0):
        raise AvereError(
            f"{seconds} s at {rate} samples a second were asked of '{path}'; give numbers above 0"
        )
    with open_container(path) as media:
        stored = read_stored(media, seconds)
    wave = stored.samples.mean(axis=0, dtype=np.float32)
    if stored.rate != rate:
        import soxr

        wave = np.asarray(soxr.resample(wave, stored.rate, rate, quality="HQ"), dtype=np.float32)
    if seconds is not None:
        wave = wave[: max(1, round(seconds * rate))]
    return wave if corruption is None else corrupt_sound(wave, rate, corruption)


def read_stored(media: Media, seconds: float | None = None) -> StoredSound:
    """Decode the sound as it is stored, to a little more than ``seconds`` where given.

    Raises:
        MediaError: no audio stream, no samples in it, or a rate that changes on the way.
    """
    stream = media.sound()
    parts: list[NDArray[np.float32]] = []
    rates: dict[int, str] = {}
    blocks: list[int] = []
    held, end = 0, 0
    for packet in media.packets(stream):
        if packet.pts is not None and packet.duration:
            blocks.append(packet.duration)
            end = packet.pts + packet.duration
        for frame in guard_decoding(media.path, _decoded(packet)):
            rates.setdefault(frame.sample_rate, frame.layout.name)
            parts.append(_samples(frame))
            held += frame.samples
        if seconds is not None and rates and held > (seconds + MARGIN) * max(rates):
            break
    else:
        check_length(media, stream, held / max(rates, default=1))
    if not held:
        raise MediaError(f"the audio stream of '{media.path}' holds no samples; {ADVICE}")
    if len(rates) > 1 or len({len(part) for part in parts}) > 1:
        raise MediaError(f"'{media.path}' changes its audio rate or channels on the way; convert it first")
    ((rate, layout),) = rates.items()
    # Encoders fill up their last block; where time is counted in samples, and was never rounded to
    # something else, the true end is known.
    counted = stream.time_base == Fraction(1, rate) and not stream.start_time and len(set(blocks[:-1])) == 1
    return StoredSound(np.concatenate(parts, axis=1)[:, : end if counted else held], rate, layout)


def _decoded(packet: Packet[AudioStream]) -> Iterator[AudioFrame]:
    """Decode inside a generator, so that what goes wrong can be guarded."""
    yield from packet.decode()


def _samples(frame: AudioFrame) -> NDArray[np.float32]:
    """Return the samples of a frame as float32 [channels, samples], full scale -1..1."""
    stored = frame.to_ndarray()
    if not frame.format.is_planar:
        stored = stored.reshape(-1, frame.layout.nb_channels).T
    if stored.dtype.kind == "f":
        return np.asarray(stored, dtype=np.float32)
    middle = 128 if stored.dtype.kind == "u" else 0
    return np.asarray((stored.astype(np.float64) - middle) / 2 ** (8 * stored.itemsize - 1), dtype=np.float32)
