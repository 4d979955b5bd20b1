"""The sound of a clip as one mono waveform at the rate that a model wants."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from avere.errors import AvereError, printable_path
from avere.media import _limits
from avere.media._container import Media, open_container
from avere.media._placing import Block, placed_blocks
from avere.media._timeline import clip_begin
from avere.media.corruptions import CorruptionLike, corrupt_sound

QUIET = 1e-3
"""Of full scale: a track that never exceeds it, 60 dB below the loudest sound, is silent to any listener."""
MARGIN = 1.0
"""Seconds decoded beyond the cut, so that resampling does not feel it."""


class StoredSound(NamedTuple):
    """A sound as stored: [channels, samples], samples a second, name of the channel layout."""

    samples: NDArray[np.float32]
    rate: int
    layout: str


def sound(
    path: Path,
    rate: int = 16000,
    *,
    seconds: float | None = None,
    corruption: CorruptionLike | None = None,
    channels: Literal["mean", "first"] = "mean",
) -> NDArray[np.float32]:
    """Read the sound of a clip: the mean of all channels, resampled, cut to ``seconds`` if given.

    It begins with the clip: where the pictures come first, silence stands before it, as in its gaps. How much
    a cut leaves out, ``probe(path).audio_seconds`` tells.

    Returns:
        float32 [samples]; full scale is -1..1.

    Raises:
        MediaError: no audio stream, one that cannot be decoded, samples that are no sound, or more than an
            hour of them.
        AvereError: a rate or a length of zero or less, or a corruption that cannot be applied.
    """
    path = Path(path)
    if rate < 1 or (seconds is not None and not seconds > 0):
        raise AvereError(
            f"{seconds} s at {rate} samples a second were asked of '{printable_path(path)}'; "
            "give numbers above 0"
        )
    begin = clip_begin(path)
    with open_container(path) as media:
        if seconds is None:
            _limits.check_seconds(path, _declared(media))
        blocks = placed_blocks(media, begin)
        if channels == "first":
            blocks = (block._replace(samples=block.samples[:1]) for block in blocks)
        wave = _mix(path, blocks, rate, seconds)
    if seconds is not None:
        wave = wave[: max(1, round(seconds * rate))]
    return wave if corruption is None else corrupt_sound(wave, rate, corruption)


def is_silent(path: Path) -> bool:
    """Check that the sound of a clip never exceeds QUIET, as where a microphone was off.

    Raises:
        MediaError: it has no sound, or one that cannot be decoded.
    """
    path = Path(path)
    begin = clip_begin(path)
    with open_container(path) as media:
        return all(np.abs(block.samples).max(initial=0.0) <= QUIET for block in placed_blocks(media, begin))


def _mix(path: Path, blocks: Iterator[Block], rate: int, seconds: float | None) -> NDArray[np.float32]:
    """Mix the channels of blocks and resample them, up to a little more than ``seconds``.

    Raises:
        MediaError: they last longer than is decoded as a whole.
    """
    import soxr

    parts: list[NDArray[np.float32]] = []
    stream, held = None, 0
    for block in blocks:
        mono = np.ascontiguousarray(block.samples).mean(axis=0, dtype=np.float32)
        if stream is None and block.rate != rate:
            stream = soxr.ResampleStream(block.rate, rate, 1, dtype="float32", quality="HQ")
        parts.append(mono if stream is None else stream.resample_chunk(mono))
        held += block.length
        _limits.check_seconds(path, held / block.rate)
        if seconds is not None and held > (seconds + MARGIN) * block.rate:
            break
    if stream is not None:
        parts.append(stream.resample_chunk(np.zeros(0, dtype=np.float32), last=True))
    return np.concatenate(parts)


def _declared(media: Media) -> float:
    """Read how many seconds of sound the header tells; 0 where it does not."""
    stream = media.sound()
    if stream.duration and stream.time_base and not media.endless:
        return float(stream.duration * stream.time_base)
    return (media.container.duration or 0) / 1e6 if media.video is None and not media.endless else 0.0


def read_stored(media: Media, begin: Fraction | None, start: float, end: float) -> StoredSound | None:
    """Decode the sound as it is stored between two times in seconds after ``begin``; None for no sample.

    Raises:
        MediaError: it cannot be decoded, or is too long to be held.
    """
    parts: list[NDArray[np.float32]] = []
    position, held, form = 0, 0, None
    for block in placed_blocks(media, begin):
        form = block
        first, after = round(start * block.rate) - position, round(end * block.rate) - position
        part = block.samples[:, max(first, 0) : max(after, 0)]
        if part.size:
            parts.append(part)
            held += part.size
            _limits.check_samples(media.path, held)
        position += block.length
        if position > (end + MARGIN) * block.rate:
            break
    return StoredSound(np.concatenate(parts, axis=1), form.rate, form.layout) if parts and form else None
