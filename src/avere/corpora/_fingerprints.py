"""Fingerprints of pictures and sound that hardly change when a clip is encoded anew, scaled or louder."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from avere import media

Bits = NDArray[np.bool_]

FRAMES = 8
SIDE, LOW = 32, 8
FLAT = 2.0
"""Grey levels: a picture that varies less shows nothing to compare."""
RATE = 16_000
WINDOW, HOP = 4096, 512
AT_ONCE = 1024
"""Windows transformed together: half a minute takes 100 MB, an hour no more."""
BANDS = 33
LOWEST, HIGHEST = 300.0, 3000.0
"""Hertz, where speech has its energy and every codec keeps it."""
SILENCE = 1e-5
"""Of the loudest moment's energy; below stands what a codec changes at will."""


class Fingerprint(NamedTuple):
    """What is compared of a clip; None where it has no such medium, or one that shows nothing."""

    video: Bits | None
    """[FRAMES * LOW * LOW]."""
    audio: Bits | None
    """[moments, BANDS - 1]; one moment is HOP / RATE seconds."""
    heard: Bits | None
    """[moments]: true where there was a sound."""


def of_video(path: Path) -> Bits | None:
    """Compute the hash of a video; None where it shows nothing.

    Raises:
        MediaError: its frames cannot be decoded.
    """
    return of_frames(media.frames(path, FRAMES))


def of_sound(path: Path) -> tuple[Bits, Bits] | None:
    """Compute the fingerprint of a sound, and where something is heard; None where nothing is.

    Raises:
        MediaError: it cannot be decoded.
    """
    return of_wave(media.sound(path, RATE))


def of_frames(frames: NDArray[np.uint8]) -> Bits | None:
    """Compute the perceptual hash of frames uint8 [frames, height, width, 3]: signs of their coarse shapes.

    Each frame is made 32 by 32 grey and described by the 64 slowest terms of its cosine transform: a bit is
    whether a term exceeds the median (Zauner, 2010). Scale, small borders of blocks and the level of light
    fall out.
    """
    import cv2
    from scipy.fft import dctn

    greys = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in frames]
    small = np.stack([cv2.resize(grey, (SIDE, SIDE), interpolation=cv2.INTER_AREA) for grey in greys])
    if small.std(axis=(1, 2)).max() < FLAT:
        return None
    slow = dctn(small.astype(np.float64), axes=(1, 2))[:, :LOW, :LOW].reshape(len(small), -1)
    bits: Bits = slow > np.median(slow, axis=1, keepdims=True)
    return bits.reshape(-1)


def of_wave(wave: NDArray[np.float32]) -> tuple[Bits, Bits] | None:
    """Compute the fingerprint of a sound [samples] at RATE, and where something is heard; None for silence.

    A bit is whether the step of energy from one band to the next grows with time (Haitsma and Kalker, 2002);
    loudness falls out.
    """
    if len(wave) < WINDOW + HOP:
        return None
    windows = np.lib.stride_tricks.sliding_window_view(wave, WINDOW)[::HOP]
    bands = np.concatenate(
        [_energies(windows[start : start + AT_ONCE]) for start in range(0, len(windows), AT_ONCE)]
    )
    loud = bands.sum(axis=1)
    if not loud.max() > 0:
        return None
    steps = np.diff(bands, axis=1)
    bits: Bits = np.diff(steps, axis=0) > 0
    heard: Bits = (loud > SILENCE * loud.max())[1:]
    return bits, heard


def _energies(windows: NDArray[np.float32]) -> NDArray[np.float64]:
    """Sum the power of windows [moments, WINDOW] in each band: [moments, BANDS]."""
    edges = (np.geomspace(LOWEST, HIGHEST, BANDS + 1) * WINDOW / RATE).round().astype(int)
    heard = np.fft.rfft(windows * np.hanning(WINDOW))[:, edges[0] : edges[-1]]
    power = np.abs(heard) ** 2
    bands: NDArray[np.float64] = np.add.reduceat(power, edges[:-1] - edges[0], axis=1)
    return bands
