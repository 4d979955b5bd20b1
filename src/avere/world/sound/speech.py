"""Speaking nonsense syllables in a manner that the cues of the voice decide."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from avere.world.sound.vocal_tract import RATE, STEP, VOWELS, Array, Speaker, VocalTracks, silent_tracks

Random = np.random.Generator
Times = NDArray[np.float64]
Span = tuple[float, float]


class Manner(NamedTuple):
    """How somebody speaks; the defaults are ordinary speech."""

    length: float = 0.17
    """Seconds of an ordinary syllable."""
    gap: float = 0.035
    irregular: float = 0.4
    """Spread of the logarithm of lengths and gaps."""
    attack: float = 0.025
    accent: float = 3.0
    """Spread of the pitch of syllables, in semitones."""
    bend: float = 4.0
    """Spread of the semitones by which the pitch moves within a syllable."""
    declination: float = 5.0
    """Semitones that the pitch falls in the course of a phrase."""
    swing: float = 0.0
    """Semitones of a slow melodic wave."""
    glide: float = 0.0
    """Semitones that the pitch climbs within each syllable."""
    tremor: float = 0.0
    """Depth of a wave of pitch and loudness, six times a second."""
    rasp: float = 0.0
    """Depth of a fast flutter of loudness."""
    rough: float = 0.03
    creak: float = 0.0
    """Share of each syllable that sinks into slow irregular pulses."""
    voicing: float = 1.0
    breath: float = 0.08
    stammer: float = 0.0
    """Chance that the onset of a syllable is repeated."""
    punch: float = 0.0
    """Strength of the burst at the onset of every syllable."""
    tilt: float = 0.0
    """Decibels an octave."""


MANNERS: dict[str, dict[str, float]] = {
    "lilt": {"swing": 10.0, "length": 0.26, "gap": 0.015, "declination": 0.0, "accent": 0.5, "bend": 0.0},
    "quaver": {"tremor": 1.0, "length": 0.5, "gap": 0.02, "irregular": 0.25},
    "hammer": {"punch": 1.0, "length": 0.085, "gap": 0.13, "attack": 0.005},
    "harsh": {"rough": 1.0, "rasp": 0.6, "tilt": 6.0, "breath": 0.3},
    "stammer": {"stammer": 0.75},
    "rise": {"glide": 17.0, "length": 0.36, "accent": 0.8, "bend": 0.0, "declination": 0.0, "gap": 0.05},
    "creak": {"creak": 0.75, "length": 0.36, "gap": 0.03},
    "monotone": {"accent": 0.0, "bend": 0.0, "declination": 0.0, "length": 0.26, "gap": 0.012},
    "soft": {"voicing": 0.1, "breath": 1.6},
    "even": {"irregular": 0.0, "gap": 0.08, "length": 0.125},
}


class Syllable(NamedTuple):
    """One syllable: when it sounds, in seconds, and how."""

    begin: float
    end: float
    accent: float
    """Semitones."""
    bend: float
    loudness: float
    vowel: int
    onset: int
    """0 for none, 1 for a hiss, 2 for a burst."""


def draw_manner(cues: tuple[str, ...]) -> Manner:
    """Return ordinary speech changed by each of the cues that concern speech."""
    changes: dict[str, float] = {}
    for name, change in MANNERS.items():
        if name in cues:
            changes |= change
    return Manner(**changes)


def speak_syllables(
    seconds: float, spans: list[Span], how: Manner, speaker: Speaker, random: Random
) -> VocalTracks:
    """Return the tracks of speech that fills the spans and rests between them."""
    syllables = [s for span in _beats(spans, how, random) for s in _syllables(span, how, random)]
    tracks = silent_tracks(seconds)
    if not syllables:
        return tracks
    loudness = np.zeros(len(tracks.pitch), dtype=np.float32)
    for syllable in syllables:
        _sound(syllable, loudness, tracks, how)
    times = np.arange(loudness.size) * STEP / RATE
    pitch = speaker.pitch * 2 ** (_semitones(times, syllables, spans, how, random) / 12)
    if how.creak:
        pitch = _creaking(times, pitch, syllables, how, random)
    if how.tremor:
        wave = np.sin(2 * np.pi * random.uniform(5.3, 6.7) * times + random.uniform(0, 6))
        pitch = pitch * 2 ** (1.8 * how.tremor * wave / 12)
        loudness *= (1 - how.tremor * (0.45 - 0.45 * wave)).astype(np.float32)
    if how.rasp:
        phase = np.cumsum(2 * np.pi * STEP / RATE * random.normal(27, 5, size=times.size))
        loudness *= (1 - how.rasp * (0.5 - 0.5 * np.sin(phase))).astype(np.float32)
    return tracks._replace(
        pitch=pitch.astype(np.float32),
        voicing=how.voicing * loudness,
        breath=how.breath * loudness,
        formants=_vowels(times, syllables),
        tilt=tracks.tilt + how.tilt,
        rough=tracks.rough + how.rough,
    )


class _Beat(NamedTuple):
    """Room for one syllable."""

    begin: float
    end: float


def _beats(spans: list[Span], how: Manner, random: Random) -> list[_Beat]:
    """Return the times of the syllables: uneven, with now and then a rest, unless the manner is regular."""
    pace = float(np.exp(random.uniform(-0.2, 0.2)))
    beats = []
    for begin, end in spans:
        time = begin
        while time < end - 0.05:
            length, gap = pace * how.length, pace * how.gap
            if how.irregular:
                length *= float(np.exp(how.irregular * random.uniform(-1.4, 1.4)))
                gap *= float(np.exp(random.normal(0, 0.8))) + 3.5 * (random.random() < 0.18)
            beats.append(_Beat(time, min(time + length, end)))
            time += length + gap
    return beats


def _syllables(beat: _Beat, how: Manner, random: Random) -> list[Syllable]:
    """Return the syllable of a beat, after its stammered onsets if there are any."""
    accent = float(random.normal(0, how.accent)) if how.accent else 0.0
    bend = float(random.normal(0, how.bend)) if how.bend else 0.0
    loudness = float(np.exp(random.normal(0, 0.25 if how.irregular else 0.05)))
    vowel, onset = int(random.integers(len(VOWELS))), int(random.integers(3))
    if how.stammer and random.random() < how.stammer:
        starts = beat.begin + 0.085 * np.arange(int(random.integers(3, 5)))
        return [Syllable(t, t + 0.04, accent, 0.0, 1.1, vowel, 2) for t in starts.tolist()]
    return [Syllable(beat.begin, beat.end, accent, bend, loudness, vowel, onset)]


def _sound(syllable: Syllable, loudness: Array, tracks: VocalTracks, how: Manner) -> None:
    """Write the swell of one syllable, and the noise of its onset."""
    first, last = round(syllable.begin * RATE / STEP), round(syllable.end * RATE / STEP)
    count = min(last, loudness.size) - first
    if count < 2:
        return
    time = (np.arange(count) + 1) * STEP / RATE
    swell = np.minimum(1, time / how.attack) * np.minimum(1, (time[-1] + 0.004 - time) / 0.035)
    if how.punch:
        swell = swell * np.exp(-time / 0.06) * 1.8
    loudness[first : first + count] = syllable.loudness * swell
    burst = slice(first, first + 3)
    if how.punch:
        tracks.friction[burst] = 2.4 * how.punch
        tracks.centre[burst] = 2200
    elif syllable.onset == 1:
        tracks.friction[first : first + min(count, 10)] = 0.35
        tracks.centre[first : first + 10] = 4600
    elif syllable.onset == 2:
        tracks.friction[burst] = 0.6
        tracks.centre[burst] = 1600 + 500 * (syllable.vowel % 4)


def _vowels(times: Times, syllables: list[Syllable]) -> Array:
    """Return formants that pass from vowel to vowel."""
    places = np.array([(s.begin + share * (s.end - s.begin)) for s in syllables for share in (0.3, 0.7)])
    targets = VOWELS[[s.vowel for s in syllables for _ in range(2)]]
    tracks = [np.interp(times, places, targets[:, formant]) for formant in range(3)]
    return np.stack(tracks, axis=1).astype(np.float32)


def _semitones(
    times: Times, syllables: list[Syllable], spans: list[Span], how: Manner, random: Random
) -> Times:
    """Return the melody of speech, in semitones from the speaker's habitual pitch."""
    middles = [(s.begin + s.end) / 2 for s in syllables]
    melody = np.interp(times, middles, [s.accent for s in syllables])
    if how.declination:
        for begin, end in spans:
            inside = (times >= begin) & (times < end)
            share = (times[inside] - begin) / max(end - begin, 0.5)
            melody[inside] += how.declination * (0.5 - share)
    if how.swing:
        wave = 2 * np.pi * (random.uniform(1.7, 2.3) * times + random.random())
        melody = melody + how.swing * np.sin(wave)
    for syllable in syllables:
        inside = (times >= syllable.begin) & (times <= syllable.end)
        share = (times[inside] - syllable.begin) / (syllable.end - syllable.begin)
        melody[inside] += how.glide * (share - 0.45) + syllable.bend * (share - 0.5)
    return melody


def _creaking(times: Times, pitch: Times, syllables: list[Syllable], how: Manner, random: Random) -> Times:
    """Return a pitch that drops, after the beginning of each syllable, to pulses one can count."""
    slow = 34 * np.exp(0.35 * random.standard_normal(times.size // 8 + 1)).repeat(8)[: times.size]
    for syllable in syllables:
        whole = syllable.begin + (1 - how.creak) * (syllable.end - syllable.begin)
        inside = (times >= syllable.begin) & (times < whole)
        slow[inside] = pitch[inside]
    return slow
