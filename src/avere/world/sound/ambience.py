"""Sounds of the surroundings, which are evidence of nothing."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from avere.world.sound.vocal_tract import RATE, Array

Random = np.random.Generator

BELLS = (523.0, 587.0, 659.0, 784.0)
"""Hz of the strike notes."""
PARTIALS = ((0.5, 0.4), (1.0, 1.0), (1.19, 0.7), (1.56, 0.5), (2.0, 0.8), (2.66, 0.5), (4.1, 0.4))
"""Frequency and loudness of the parts of a stroke, relative to its strike note."""


def _coloured(count: int, low: float, high: float, random: Random) -> Array:
    """Return noise between two frequencies, with soft edges."""
    size = fft.next_fast_len(count, real=True)
    spectrum = fft.rfft(random.standard_normal(size, dtype=np.float32))
    frequency = np.fft.rfftfreq(size, 1 / RATE).astype(np.float32) + 1
    spectrum *= 1 / np.sqrt((1 + (low / frequency) ** 6) * (1 + (frequency / high) ** 6))
    sound: Array = fft.irfft(spectrum, n=size)[:count]
    return sound / np.float32(np.sqrt(np.square(sound).mean()))


def _struck(count: int, begins: list[float], strokes: list[NDArray[np.float64]]) -> Array:
    """Return sounds that begin at the given seconds, added up."""
    total = np.zeros(count, dtype=np.float32)
    for begin, stroke in zip(begins, strokes, strict=True):
        first = round(begin * RATE)
        piece = stroke[: max(0, count - first)]
        total[first : first + len(piece)] += piece.astype(np.float32)
    return total


def rain(count: int, random: Random) -> Array:
    """Return bright steady noise with drops."""
    drops = np.zeros(count, dtype=np.float32)
    number = int(45 * count / RATE)
    drops[random.integers(count, size=number)] = random.exponential(9, size=number)
    drops = np.convolve(drops, np.exp(-np.arange(60) / 12) * np.cos(np.arange(60) * 1.3), "same")
    return _coloured(count, 1800, 7000, random) + drops.astype(np.float32)


def traffic(count: int, random: Random) -> Array:
    """Return a low rumble that swells as vehicles pass."""
    time = np.arange(count) / RATE
    swell = 0.6 + 0.4 * np.sin(2 * np.pi * (random.uniform(0.25, 0.5) * time + random.random()))
    motor = np.sin(2 * np.pi * random.uniform(55, 75) * time * (1 - 0.02 * time))
    return (swell * (_coloured(count, 40, 170, random) + 0.7 * motor)).astype(np.float32)


def birds(count: int, random: Random) -> Array:
    """Return high whistled chirps in pairs and triplets."""
    begins, strokes = [], []
    begin = float(random.uniform(0, 0.25))
    while begin * RATE < count:
        top, fall = random.uniform(3600, 5600), random.uniform(-1600, 1600)
        time = np.arange(int(0.07 * RATE)) / RATE
        chirp = np.sin(2 * np.pi * (top * time + fall * time**2 / 0.14)) * np.sin(np.pi * time / 0.07) ** 2
        for _ in range(int(random.integers(2, 4))):
            begins.append(begin)
            strokes.append(chirp)
            begin += 0.11
        begin += float(random.uniform(0.12, 0.4))
    return _struck(count, begins, strokes)


def fan(count: int, random: Random) -> Array:
    """Return a steady hum of blades in moving air."""
    time = np.arange(count) / RATE
    tone = random.uniform(105, 140)
    turn = np.exp(2j * np.pi * tone * time).astype(np.complex64)
    hum = (turn + 0.65 * turn**2 + 0.5 * turn**3 + 0.45 * turn**4).imag
    whirr: Array = (0.8 * hum + 0.6 * _coloured(count, 200, 900, random)).astype(np.float32)
    return whirr


def metronome(count: int, random: Random) -> Array:
    """Return a dry click at a steady pace."""
    time = np.arange(int(0.04 * RATE)) / RATE
    click = (np.sin(2 * np.pi * 2500 * time) + 0.6 * np.sin(2 * np.pi * 4100 * time)) * np.exp(-time / 0.008)
    gap = float(random.uniform(0.26, 0.42))
    begins = np.arange(random.uniform(0, gap), count / RATE, gap).tolist()
    return _struck(count, begins, [click] * len(begins))


@lru_cache(maxsize=len(BELLS))
def _ring(tone: float) -> NDArray[np.float64]:
    """Return one stroke of a bell."""
    time = np.arange(int(1.1 * RATE)) / RATE
    ring = np.zeros(time.size)
    for partial, loudness in PARTIALS:
        ring += loudness * np.sin(2 * np.pi * tone * partial * time) * np.exp(-time * (3 + 2 * partial))
    return ring


def bells(count: int, random: Random) -> Array:
    """Return ringing strokes whose partials are no harmonics."""
    begins, strokes = [], []
    begin = float(random.uniform(0, 0.3))
    while begin * RATE < count:
        begins.append(begin)
        strokes.append(_ring(BELLS[int(random.integers(len(BELLS)))]))
        begin += float(random.uniform(0.45, 0.75))
    return _struck(count, begins, strokes)


AMBIENCES: dict[str, Callable[[int, Random], Array]] = {
    "rain": rain,
    "traffic": traffic,
    "birds": birds,
    "fan": fan,
    "metronome": metronome,
    "bells": bells,
}
