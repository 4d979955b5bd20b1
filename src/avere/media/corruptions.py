"""Making a medium contradict what is said of it: noise, silence, another order, a part covered; seeded."""

from collections.abc import Callable
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from avere.errors import AvereError, unknown_name

Frames = NDArray[np.uint8]
Wave = NDArray[np.float32]
V = TypeVar("V")

VIDEO, AUDIO = 1, 2
"""Parts of a seed, so that the two media of a record do not share their noise."""
SEGMENT = 0.25
"""Seconds of sound that stay together when the order is shuffled: about a syllable."""
QUIET = 0.01
"""Noise is made as loud as the sound it replaces, but no quieter than this root mean square."""
CAPTIONS, RADIUS = 0.3, 20
"""Captions stand at the foot, in this share of the frame; published: blurred over 20 pixels."""
WHOLE, ALWAYS = (0.0, 0.0, 1.0, 1.0), (0.0, 1.0)
"""All of a frame, from its first moment to its last."""
STEPS, FIRST, LAST = 1000, 1e-4, 0.02
"""Linear noise schedule of Ho et al., 2020, "Denoising diffusion probabilistic models", section 4."""
SURVIVING = np.concatenate([[1.0], np.cumprod(1.0 - np.linspace(FIRST, LAST, STEPS))])
"""Share of the variance that is still signal after each step."""


class CorruptionLike(Protocol):
    """What is read of a corruption record."""

    @property
    def kind(self) -> str:
        """One of noise, diffusion, silence, shuffle, blur-captions, occlude; clip is for whoever has them."""

    @property
    def level(self) -> float | None:
        """Strength in 0..1; None = 1, which leaves nothing of the medium."""

    @property
    def seed(self) -> int:
        """Same seed, same corruption."""

    @property
    def area(self) -> tuple[float, float, float, float] | None:
        """Left, top, right, bottom in shares of the frame; None: all of it."""

    @property
    def span(self) -> tuple[float, float] | None:
        """Begin and end in shares of the medium; None: all of it."""


def corrupt_frames(frames: Frames, corruption: CorruptionLike) -> Frames:
    """Corrupt uint8 frames [count, height, width, 3], same shape.

    Raises:
        AvereError: an unknown kind, another clip's medium, or a level outside 0..1.
    """
    kinds: dict[str, Callable[[], Frames]] = {
        "noise": lambda: noise_frames(frames, _level(corruption), corruption.seed),
        "diffusion": lambda: diffuse_frames(frames, _level(corruption), corruption.seed),
        "silence": lambda: np.zeros_like(frames),
        "shuffle": lambda: shuffle_frames(frames, corruption.seed),
        "blur-captions": lambda: blur_captions(frames),
        "occlude": lambda: occlude_frames(frames, corruption.area or WHOLE, corruption.span or ALWAYS),
    }
    return _chosen(kinds, corruption)()


def corrupt_sound(wave: Wave, rate: int, corruption: CorruptionLike) -> Wave:
    """Corrupt a float32 waveform [samples], same length.

    Raises:
        AvereError: an unknown kind, another clip's medium, or a level outside 0..1.
    """
    kinds: dict[str, Callable[[], Wave]] = {
        "noise": lambda: noise_sound(wave, _level(corruption), corruption.seed),
        "diffusion": lambda: diffuse_sound(wave, _level(corruption), corruption.seed),
        "silence": lambda: np.zeros_like(wave),
        "shuffle": lambda: shuffle_sound(wave, rate, corruption.seed),
        "occlude": lambda: occlude_sound(wave, corruption.span or ALWAYS),
    }
    return _chosen(kinds, corruption)()


def noise_frames(frames: Frames, level: float, seed: int) -> Frames:
    """Blend frames with white noise; at level 1 nothing but noise is left."""
    random = _generator(VIDEO, seed)
    noise = random.integers(0, 256, frames.shape, dtype=np.uint8).astype(np.float32)
    return _pixels((1 - level) * frames.astype(np.float32) + level * noise)


def diffuse_frames(frames: Frames, level: float, seed: int) -> Frames:
    """Apply the forward process of a diffusion model for ``level`` of its steps."""
    noise = _generator(VIDEO, seed).standard_normal(frames.shape, dtype=np.float32)
    kept, added = _mixture(level)
    signal = frames.astype(np.float32) / 127.5 - 1
    return _pixels((kept * signal + added * noise + 1) * 127.5)


def shuffle_frames(frames: Frames, seed: int) -> Frames:
    """Put frames in another order; a single frame has none."""
    return frames[_order(len(frames), _generator(VIDEO, seed))]


def blur_captions(frames: Frames) -> Frames:
    """Blur the foot of every frame so that no caption can be read; the rest stays as it is.

    The published clean-up finds the words by optical recognition first; this one blurs the whole strip, so
    that no caption is missed.
    """
    import cv2

    top = frames.shape[1] - round(CAPTIONS * frames.shape[1])
    blurred = frames.copy()
    for frame in blurred:
        if frame[top:].size:
            frame[top:] = cv2.blur(frame[top:], (2 * RADIUS + 1, 2 * RADIUS + 1))
    return blurred


def occlude_frames(
    frames: Frames, area: tuple[float, float, float, float], span: tuple[float, float]
) -> Frames:
    """Cover a part of the frames in the mean colour of each.

    Args:
        frames: [count, height, width, 3]; frame i stands for the moment (i + 0.5) / count.
        area: left, top, right and bottom, in shares of the frame.
        span: begin and end, in shares of the clip; a frame whose moment is the end is not covered.

    >>> one = np.arange(4, dtype=np.uint8).reshape(1, 2, 2, 1).repeat(3, 3)  # 0 1 above 2 3, mean 1.5
    >>> occlude_frames(one, (0.5, 0.0, 1.0, 1.0), (0.0, 1.0))[0, :, :, 0].tolist()
    [[0, 2], [2, 2]]
    """
    covered = frames.copy()
    count, high, wide = frames.shape[:3]
    left, right = (round(share * wide) for share in (area[0], area[2]))
    top, bottom = (round(share * high) for share in (area[1], area[3]))
    for place in range(count):
        if span[0] <= (place + 0.5) / count < span[1]:
            covered[place, top:bottom, left:right] = _pixels(frames[place].mean((0, 1)))
    return covered


def occlude_sound(wave: Wave, span: tuple[float, float]) -> Wave:
    """Silence a stretch of a sound, given by its begin and end in shares of the samples."""
    covered = wave.copy()
    covered[round(span[0] * len(wave)) : round(span[1] * len(wave))] = 0
    return covered


def noise_sound(wave: Wave, level: float, seed: int) -> Wave:
    """Blend a sound with white noise of its own loudness; at level 1 nothing but noise is left."""
    return _clipped((1 - level) * wave + level * _hiss(wave, seed))


def diffuse_sound(wave: Wave, level: float, seed: int) -> Wave:
    """Apply the forward process of a diffusion model for ``level`` of its steps, loudness kept."""
    kept, added = _mixture(level)
    return _clipped(kept * wave + added * _hiss(wave, seed))


def shuffle_sound(wave: Wave, rate: int, seed: int) -> Wave:
    """Put quarter seconds of sound in another order; a shorter sound is cut in two."""
    length = max(1, min(round(SEGMENT * rate), (len(wave) + 1) // 2))
    segments = [wave[start : start + length] for start in range(0, len(wave), length)]
    order = _order(len(segments), _generator(AUDIO, seed))
    return np.concatenate([wave[:0], *(segments[index] for index in order)])


def _chosen(kinds: dict[str, Callable[[], V]], corruption: CorruptionLike) -> Callable[[], V]:
    """Find the function of a kind."""
    if corruption.kind == "clip":
        raise AvereError(
            "a corruption of kind 'clip' cannot be applied to arrays; read the replacement clip's file"
        )
    if corruption.kind not in kinds:
        raise unknown_name("corruption", corruption.kind, kinds)
    return kinds[corruption.kind]


def _level(corruption: CorruptionLike) -> float:
    """Read the strength; refuse what is no share."""
    level = 1.0 if corruption.level is None else corruption.level
    if not 0 <= level <= 1:
        raise AvereError(f"a {corruption.kind} level of {level} was given; it is a share between 0 and 1")
    return level


def _generator(medium: int, seed: int) -> np.random.Generator:
    """Seed the random numbers of one medium; any whole number is a seed."""
    return np.random.default_rng([medium, seed % 2**64])


def _mixture(level: float) -> tuple[np.float32, np.float32]:
    """Compute the weights of signal and noise after ``level`` of the diffusion steps."""
    surviving = SURVIVING[round(level * STEPS)]
    return np.float32(np.sqrt(surviving)), np.float32(np.sqrt(1 - surviving))


def _order(count: int, random: np.random.Generator) -> NDArray[np.int64]:
    """Draw a random order that is not the present one, where there is another."""
    order = random.permutation(count)
    return np.roll(order, 1) if np.array_equal(order, np.arange(count)) else order


def _hiss(wave: Wave, seed: int) -> Wave:
    """Draw white noise as loud as the sound."""
    noise = _generator(AUDIO, seed).standard_normal(wave.shape, dtype=np.float32)
    loudness = np.sqrt(np.mean(np.square(wave, dtype=np.float64))) if len(wave) else 0.0
    return noise * np.float32(max(loudness, QUIET))


def _pixels(values: NDArray[np.floating]) -> Frames:
    """Round to the nearest pixel values."""
    return np.asarray(np.clip(np.rint(values), 0, 255), dtype=np.uint8)


def _clipped(wave: NDArray[np.floating]) -> Wave:
    """Keep a sound within full scale."""
    return np.asarray(np.clip(wave, -1, 1), dtype=np.float32)
