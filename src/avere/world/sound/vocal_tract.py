"""Sounding a mouth: a glottal source and breath noise pass through four moving formants."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import fft

Array = NDArray[np.float32]

RATE = 16_000
"""Samples a second of everything that is synthesised."""
STEP = 80
"""Samples between two values of a control track: 5 ms."""
TABLE = 2048
HARMONICS = (4, 6, 9, 13, 20, 30, 45, 70)
HOP = 2 * STEP
WINDOW = np.hanning(2 * HOP + 1)[:-1].astype(np.float32)
BINS = np.linspace(0, RATE / 2, 2 * HOP + 1, dtype=np.float32)
VOWELS = np.array(
    [
        (730, 1150, 2500),
        (540, 1820, 2550),
        (300, 2250, 2950),
        (520, 880, 2450),
        (330, 900, 2350),
        (500, 1450, 2500),
        (660, 1700, 2450),
    ],
    dtype=np.float32,
)
FOURTH = 3500.0
LIPS = 3.5
"""Decibels an octave that a sound gains where it leaves the mouth."""
WIDTHS = (90.0, 110.0, 160.0, 240.0)


class Speaker(NamedTuple):
    """What stays the same in everything that one person utters."""

    pitch: float
    """Habitual pitch, in Hz."""
    scale: float
    """Factor of all formants: short vocal tracts have high ones."""


class VocalTracks(NamedTuple):
    """How a mouth moves: one value every 5 ms."""

    pitch: Array
    """Hz."""
    voicing: Array
    """Amplitude of the pulses of the glottis."""
    breath: Array
    """Amplitude of noise through the formants."""
    friction: Array
    """Amplitude of noise made at the lips or teeth."""
    centre: Array
    """Middle of that noise, in Hz."""
    formants: Array
    """Hz, [frames, 3]."""
    tilt: Array
    """Decibels an octave above 500 Hz, on top of the glottal slope."""
    rough: Array
    """0 for clean pulses, 1 for pulses torn by noise and period doubling."""


def frames(seconds: float) -> int:
    """Count the control values that cover a time."""
    return max(2, round(seconds * RATE / STEP))


def silent_tracks(seconds: float) -> VocalTracks:
    """Return the tracks of a closed mouth, to be changed by ``_replace``."""
    count = frames(seconds)
    nothing = np.zeros(count, dtype=np.float32)
    return VocalTracks(
        pitch=nothing + 120,
        voicing=nothing,
        breath=nothing,
        friction=nothing,
        centre=nothing + 3000,
        formants=np.tile(VOWELS[5], (count, 1)),
        tilt=nothing,
        rough=nothing,
    )


def synthesise_tracks(tracks: VocalTracks, speaker: Speaker, random: np.random.Generator) -> Array:
    """Return the sound of the tracks at 16 kHz.

    The source is filtered in overlapping windows of 20 ms: a product of resonances for what passes the
    throat (Fant's source and filter), one broad band for what is made at the teeth.
    """
    noise = random.standard_normal(len(tracks.pitch) * STEP, dtype=np.float32)
    rough = smooth_track(tracks.rough)
    torn = 1 + rough * (0.9 * noise)
    throat = _pulses(tracks, rough, random) * torn * smooth_track(tracks.voicing)
    throat += 0.22 * noise * smooth_track(tracks.breath)
    spectrum = _spectra(throat) * _resonances(tracks, speaker)
    if tracks.friction.any():
        spectrum += _spectra(0.5 * noise * smooth_track(tracks.friction)) * _band(tracks)
    return _overlapped(spectrum, throat.size)


def loudness_of(sound: Array) -> float:
    """Return the root mean square of the parts of a sound that are not silent."""
    energy = np.square(sound[: sound.size // HOP * HOP]).reshape(-1, HOP).mean(axis=1)
    return float(np.sqrt(energy[energy >= 0.05 * energy.max()].mean()) + 1e-9)


def smooth_track(track: Array) -> Array:
    """Return a control track, one value every 5 ms, as samples joined by straight lines."""
    ramp = np.arange(STEP, dtype=np.float32) / STEP
    after = np.append(track[1:], track[-1])
    samples: Array = (track[:, None] + (after - track)[:, None] * ramp).astype(np.float32).ravel()
    return samples


@lru_cache(maxsize=1)
def _waves() -> Array:
    """Return one period of the glottal wave for each number of harmonics, so that none folds."""
    phase = np.arange(TABLE) / TABLE
    rows = []
    for count in HARMONICS:
        order = np.arange(1, count + 1)[:, None]
        wave = (np.cos(2 * np.pi * order * phase + 0.4 * order) / order**0.7).sum(axis=0)
        rows.append(wave / np.sqrt(np.square(wave).mean()))
    return np.array(rows, dtype=np.float32)


def _pulses(tracks: VocalTracks, rough: Array, random: np.random.Generator) -> Array:
    """Return the glottal wave of a pitch track, with period doubling where the voice is rough."""
    wobble = random.standard_normal(tracks.pitch.size, dtype=np.float32)
    pitch = smooth_track(tracks.pitch * np.exp((0.006 + 0.06 * tracks.rough) * wobble))
    phase = np.cumsum(pitch, dtype=np.float64) / RATE
    room = 0.47 * RATE / tracks.pitch
    rows = np.clip(np.searchsorted(HARMONICS, room, side="right") - 1, 0, None)
    position = (phase * TABLE).astype(np.int64) % TABLE
    wave = _waves().ravel()[np.repeat(rows, STEP) * TABLE + position]
    doubled: Array = wave * (1 + 0.6 * rough * np.cos(np.pi * phase).astype(np.float32))
    return doubled


def _spectra(samples: Array) -> NDArray[np.complex64]:
    """Return the spectra of overlapping windows, padded so that filters have room to ring on both sides."""
    padded = np.concatenate([np.zeros(HOP, np.float32), samples, np.zeros(2 * HOP, np.float32)])
    count = samples.size // HOP + 2
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * HOP)[::HOP][:count] * WINDOW
    spectra: NDArray[np.complex64] = fft.rfft(windows, n=4 * HOP, axis=1)
    return spectra


def _overlapped(spectrum: NDArray[np.complex64], size: int) -> Array:
    """Return the samples of filtered windows, added where they overlap."""
    pieces = np.roll(fft.irfft(spectrum, n=4 * HOP, axis=1), HOP, axis=1).reshape(-1, 4, HOP)
    total = np.zeros((len(pieces) + 3, HOP), dtype=np.float32)
    for part in range(4):
        total[part : part + len(pieces)] += pieces[:, part]
    return total.ravel()[2 * HOP : 2 * HOP + size]


def _per_window(track: Array, count: int) -> Array:
    """Return the values of a control track in the middle of each window."""
    chosen = np.minimum(np.arange(count) * 2, len(track) - 1)
    return track[chosen]


def _resonances(tracks: VocalTracks, speaker: Speaker) -> Array:
    """Return the magnitude of the vocal tract, [windows, bins]."""
    count = len(tracks.pitch) * STEP // HOP + 2
    formants = _per_window(tracks.formants, count) * speaker.scale
    gain = 10 ** ((_per_window(tracks.tilt, count)[:, None] + LIPS) * _octaves() / 20)
    for place, width in enumerate(WIDTHS):
        centre = formants[:, place, None] if place < 3 else np.float32(FOURTH * speaker.scale)
        half = np.float32((width / 2) ** 2)
        gain *= (centre**2 + half) / np.sqrt(((BINS - centre) ** 2 + half) * ((BINS + centre) ** 2 + half))
    gain[:, 0] = 0
    return gain.astype(np.float32)


@lru_cache(maxsize=1)
def _octaves() -> Array:
    """Compute how many octaves each bin lies above 500 Hz."""
    return np.log2(np.maximum(BINS, 125) / 500).astype(np.float32)


def _band(tracks: VocalTracks) -> Array:
    """Return the magnitude of the noise band at the teeth, an octave wide, [windows, bins]."""
    count = len(tracks.pitch) * STEP // HOP + 2
    centre = _per_window(tracks.centre, count)[:, None]
    return np.exp(-np.square(np.log2(np.maximum(BINS, 50) / centre) / 0.7)).astype(np.float32)
