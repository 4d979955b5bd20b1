"""Performing the non-verbal sounds of emotion: laughter, sobs, screams and their like."""

from collections.abc import Callable

import numpy as np

from avere.world.sound.vocal_tract import RATE, STEP, Array, Speaker, VocalTracks, silent_tracks

Random = np.random.Generator
Event = Callable[[float, Speaker, Random], VocalTracks]

MELODIES = ((0, 4, 7, 4), (7, 4, 0, 4), (0, 2, 4, 7), (4, 7, 5, 0), (0, 7, 4, 0))


def _clock(tracks: VocalTracks) -> tuple[Array, Array]:
    """Return the time of each control value, in seconds and as a share of the whole."""
    count = len(tracks.pitch)
    return (
        (np.arange(count) * STEP / RATE).astype(np.float32),
        np.linspace(0, 1, count, dtype=np.float32),
    )


def _swell(share: Array, attack: float, decay: float) -> Array:
    """Return a loudness that rises for one share of the whole and falls for another."""
    loudness: Array = np.minimum(1, share / attack) * np.minimum(1, (1 - share) / decay)
    return loudness


def _mouth(share: Array, begin: tuple[int, int, int], end: tuple[int, int, int]) -> Array:
    """Return formants that move evenly from one place to another."""
    first, last = np.array(begin, dtype=np.float32), np.array(end, dtype=np.float32)
    moved: Array = first + (last - first) * share[:, None]
    return moved


def laughter(seconds: float, speaker: Speaker, random: Random) -> VocalTracks:
    """Return voiced bursts of 'ha', five a second, that sink."""
    tracks = silent_tracks(seconds)
    time, share = _clock(tracks)
    beat = (time * random.uniform(5.0, 6.0)) % 1
    burst = np.where(beat < 0.55, np.sin(np.pi * np.minimum(beat / 0.55, 1)), 0) * (1.1 - 0.5 * share)
    pitch = speaker.pitch * 2 ** ((11 - 8 * share - 5 * beat) / 12)
    return tracks._replace(
        pitch=pitch.astype(np.float32),
        voicing=burst.astype(np.float32),
        breath=(0.5 * (beat > 0.55) * (beat < 0.95)).astype(np.float32),
        formants=_mouth(share, (760, 1350, 2600), (680, 1300, 2500)),
    )


def hum(seconds: float, speaker: Speaker, random: Random) -> VocalTracks:
    """Return four pure notes of a melody with closed lips."""
    tracks = silent_tracks(seconds)
    _, share = _clock(tracks)
    notes = np.array(MELODIES[int(random.integers(len(MELODIES)))])
    place = np.minimum((share * 4).astype(int), 3)
    within = ((share * 4) % 1).astype(np.float32)
    pitch = speaker.pitch * 2 ** ((7 + notes[place]) / 12)
    return tracks._replace(
        pitch=pitch.astype(np.float32),
        voicing=_swell(within, 0.12, 0.12) * 0.9,
        formants=_mouth(share, (380, 1000, 2300), (380, 1000, 2300)),
        tilt=tracks.tilt - 19,
    )


def sob(seconds: float, speaker: Speaker, random: Random) -> VocalTracks:
    """Return three wails that break and sink, each after a gasp of breath."""
    tracks = silent_tracks(seconds)
    time, share = _clock(tracks)
    within = ((share * 3) % 1).astype(np.float32)
    wail = np.where(
        within > 0.28, _swell(np.maximum(0, within - np.float32(0.28)) / np.float32(0.72), 0.08, 0.5), 0
    )
    catch = 1 - 0.7 * (np.sin(2 * np.pi * 11 * time + random.uniform(0, 6)) > 0.2)
    pitch = speaker.pitch * 2 ** ((13 - 15 * within - 2 * share) / 12)
    return tracks._replace(
        pitch=pitch.astype(np.float32),
        voicing=(wail * catch).astype(np.float32),
        breath=np.where(within < 0.24, 1.3 * within / 0.24, 0.15 * wail).astype(np.float32),
        formants=_mouth(share, (600, 1150, 2500), (500, 1100, 2400)),
        rough=tracks.rough + 0.15,
    )


def sigh(seconds: float, speaker: Speaker, random: Random) -> VocalTracks:
    """Return a breath that is let out slowly and darkens."""
    tracks = silent_tracks(seconds)
    _, share = _clock(tracks)
    loudness = _swell(share, 0.12, 0.1) * np.exp(-random.uniform(1.8, 2.6) * share)
    return tracks._replace(
        pitch=(speaker.pitch * 2 ** ((3 - 9 * share) / 12)).astype(np.float32),
        voicing=(0.1 * loudness * (share < 0.5)).astype(np.float32),
        breath=(2 * loudness).astype(np.float32),
        formants=_mouth(share, (850, 1500, 2500), (420, 850, 2000)),
    )


def growl(seconds: float, speaker: Speaker, random: Random) -> VocalTracks:
    """Return a low rough roll that swells."""
    tracks = silent_tracks(seconds)
    time, share = _clock(tracks)
    roll = 1 - 0.45 * (1 + np.sin(2 * np.pi * random.uniform(14, 17) * time))
    return tracks._replace(
        pitch=(0.5 * speaker.pitch * 2 ** ((2 * np.sin(np.pi * share)) / 12)).astype(np.float32),
        voicing=(_swell(share, 0.35, 0.15) * roll).astype(np.float32),
        breath=0.25 * _swell(share, 0.35, 0.15),
        formants=_mouth(share, (420, 800, 1900), (520, 900, 2000)),
        tilt=tracks.tilt - 5,
        rough=tracks.rough + 1.0,
    )


def scream(seconds: float, speaker: Speaker, random: Random) -> VocalTracks:
    """Return a high held cry that trembles."""
    tracks = silent_tracks(seconds)
    _, share = _clock(tracks)
    top = 1000 * (speaker.pitch / 160) ** 0.25 * random.uniform(0.88, 1.14)
    jitter = np.exp(0.02 * random.standard_normal(share.size))
    return tracks._replace(
        pitch=(top * (0.8 + 0.2 * np.minimum(1, share / 0.15)) * jitter).astype(np.float32),
        voicing=_swell(share, 0.08, 0.12),
        breath=0.1 * _swell(share, 0.08, 0.12),
        formants=_mouth(share, (1000, 1900, 3000), (950, 1800, 2900)),
        rough=tracks.rough + 0.15,
    )


def panting(seconds: float, _speaker: Speaker, random: Random) -> VocalTracks:
    """Return quick shallow breaths, in and out."""
    tracks = silent_tracks(seconds)
    time, share = _clock(tracks)
    beat = time * random.uniform(6.0, 7.2)
    within, inward = beat % 1, (beat.astype(int) % 2 == 0)[:, None]
    bright = _mouth(share, (850, 1700, 2700), (850, 1700, 2700))
    dark = _mouth(share, (500, 1050, 2300), (500, 1050, 2300))
    return tracks._replace(
        breath=(1.8 * np.sin(np.pi * np.minimum(within / 0.65, 1))).astype(np.float32),
        tilt=tracks.tilt - 3,
        formants=np.where(inward, bright, dark),
    )


def gasp(seconds: float, _speaker: Speaker, random: Random) -> VocalTracks:
    """Return a breath drawn in sharply: it brightens, grows and stops dead."""
    tracks = silent_tracks(seconds)
    _, share = _clock(tracks)
    grow = (share ** random.uniform(1.2, 1.6) * (share < 0.96)).astype(np.float32)
    return tracks._replace(
        breath=1.4 * grow,
        friction=1.0 * grow,
        centre=(600 * 2 ** (2.6 * share)).astype(np.float32),
        formants=_mouth(share, (400, 800, 2000), (900, 2100, 3000)),
    )


def yelp(seconds: float, speaker: Speaker, random: Random) -> VocalTracks:
    """Return one very short chirp of the voice, up and down."""
    tracks = silent_tracks(seconds)
    _, share = _clock(tracks)
    top = 1250 * (speaker.pitch / 160) ** 0.25 * random.uniform(0.9, 1.1)
    return tracks._replace(
        pitch=(top * (0.35 + 0.65 * np.sin(np.pi * share**0.8))).astype(np.float32),
        voicing=_swell(share, 0.1, 0.25),
        formants=_mouth(share, (700, 1700, 2900), (800, 1500, 2800)),
    )


def retch(seconds: float, speaker: Speaker, random: Random) -> VocalTracks:
    """Return two low throttled bursts, the second longer."""
    tracks = silent_tracks(seconds)
    _, share = _clock(tracks)
    within = np.where(share < 0.38, share / 0.32, (share - 0.44) / 0.56)
    gagging = (within > 0) & (within < 1)
    flutter = 0.6 + 0.4 * np.sin(2 * np.pi * 15 * seconds * share)
    loudness = np.where(gagging, np.exp(-1.2 * within) * flutter, 0)
    click = ((within > 0) & (within < 0.07)).astype(np.float32)
    return tracks._replace(
        pitch=(0.42 * speaker.pitch * np.exp(0.12 * random.standard_normal(share.size))).astype(np.float32),
        voicing=(1.2 * loudness).astype(np.float32),
        breath=(0.7 * loudness).astype(np.float32),
        friction=(2.5 * click + 0.9 * loudness).astype(np.float32),
        centre=tracks.centre - 1400,
        formants=_mouth(share, (480, 780, 2000), (380, 700, 1900)),
        rough=tracks.rough + 1.0,
    )


def snort(seconds: float, _speaker: Speaker, random: Random) -> VocalTracks:
    """Return short blasts of breath through the nose."""
    tracks = silent_tracks(seconds)
    _, share = _clock(tracks)
    count = int(random.integers(2, 4))
    within = (share * count) % 1
    blast = np.where(within < 0.5, np.minimum(1, within / 0.06) * (1 - within), 0)
    return tracks._replace(
        breath=(1.0 * blast).astype(np.float32),
        friction=(1.8 * blast).astype(np.float32),
        centre=tracks.centre - 2200,
        formants=_mouth(share, (300, 1000, 2200), (300, 1000, 2200)),
        tilt=tracks.tilt - 5,
    )


EVENTS: dict[str, tuple[Event, float, float]] = {
    "laughter": (laughter, 0.7, 0.95),
    "hum": (hum, 0.75, 0.95),
    "sob": (sob, 0.75, 0.95),
    "sigh": (sigh, 0.7, 0.95),
    "growl": (growl, 0.55, 0.8),
    "scream": (scream, 0.55, 0.8),
    "panting": (panting, 0.7, 0.9),
    "gasp": (gasp, 0.38, 0.5),
    "yelp": (yelp, 0.18, 0.24),
    "retch": (retch, 0.6, 0.8),
    "snort": (snort, 0.45, 0.65),
}
"""Each sound with the shortest and longest time that it takes, in seconds."""
