"""Rendering the sound of a plan: a person, a distant bystander, the surroundings and a microphone."""

from typing import NamedTuple

import numpy as np
from scipy import fft, ndimage, signal

from avere.world.plan import ClipPlan
from avere.world.sound.ambience import AMBIENCES
from avere.world.sound.events import EVENTS
from avere.world.sound.speech import MANNERS, Span, draw_manner, speak_syllables
from avere.world.sound.vocal_tract import (
    RATE,
    STEP,
    Array,
    Speaker,
    loudness_of,
    smooth_track,
    synthesise_tracks,
)

Random = np.random.Generator

LOUDNESS = -25.0
"""Decibels below full scale of an ordinary clip; each differs by up to ``GAIN``."""
GAIN = 6.0
PEAK = 0.95
DISTANT = (-9.0, -7.5)
"""Decibels of the bystander below the person."""
BAND = (400.0, 2200.0)
"""Hz of the bystander's sound that get through."""
BABBLE = 0.6
"""How often a bystander speaks, though there is no cue to give."""
SURROUNDINGS = (-20.0, -16.0)
CENTROID = (850.0, 2000.0)
"""Hz between which the brightness of every clip is drawn, whatever it contains."""
CREST = (4.2, 5.6)
"""Peak over root mean square to which the microphone levels a clip."""
STEEPEST = 9.0
"""Decibels an octave that the microphone may add for it."""
DISTANT_SLOT = "distant"


class _Slot(NamedTuple):
    """A time when the person does not speak: for a sound of its own, or for a rest."""

    name: str
    begin: float
    seconds: float


class _Schedule(NamedTuple):
    """When the person speaks, and what happens in between."""

    slots: list[_Slot]
    spans: list[Span]


def render(plan: ClipPlan, rate: int = RATE) -> Array:
    """Return the sound of a plan.

    Args:
        plan: What is to be heard; equal plans give equal samples.
        rate: Samples a second.

    Returns:
        Mono samples, ``round(plan.seconds * rate)`` of them, within ±0.95.
    """
    random = np.random.default_rng([plan.seed, 2])
    person = _speaker(plan, random)
    count = round(plan.seconds * RATE)
    bystander = _bystander(plan, person, random)
    schedule = _schedule(plan, bystander.size / RATE, random)
    sound = _person(plan, schedule, person, random)
    if bystander.size:
        _add(sound, bystander, _entry(schedule, plan.seconds - bystander.size / RATE, random))
    surroundings = AMBIENCES[plan.ambient](count, random)
    sound += surroundings * (_gain(SURROUNDINGS, random) / loudness_of(surroundings))
    sound += random.standard_normal(count, dtype=np.float32) * _gain((-48, -32), random)
    sound = _microphone(sound, random)
    if rate == RATE:
        return sound
    resampled = signal.resample_poly(sound, rate, RATE).astype(np.float32)
    result = np.zeros(round(plan.seconds * rate), dtype=np.float32)
    _add(result, resampled.clip(-PEAK, PEAK), 0.0)
    return result


def time_cue(plan: ClipPlan, name: str) -> list[Span]:
    """List the stretches in which a cue of the person's voice sounds, in seconds: its own, or all speech."""
    random = np.random.default_rng([plan.seed, 2])
    person = _speaker(plan, random)
    distant = _bystander(plan, person, random).size / RATE
    schedule = _schedule(plan, distant, random)
    own = [(slot.begin, slot.begin + slot.seconds) for slot in schedule.slots if slot.name == name]
    return own or (schedule.spans if name in MANNERS else [])


def _gain(decibels: tuple[float, float], random: Random) -> np.float32:
    """Return a factor drawn between two levels."""
    return np.float32(10 ** (random.uniform(*decibels) / 20))


def _speaker(plan: ClipPlan, random: Random) -> Speaker:
    """Return the identity's voice as it is on the day of the clip."""
    lasting = np.random.default_rng([plan.identity, 2])
    pitch = 90 * (260 / 90) ** lasting.random()
    scale = float(np.clip(0.9 + 0.3 * lasting.random() + 0.04 * np.log2(pitch / 150), 0.85, 1.25))
    return Speaker(pitch * 2 ** (random.uniform(-2, 2) / 12), scale)


def _bystander(plan: ClipPlan, person: Speaker, random: Random) -> Array:
    """Sound the bystander: their cue, else ordinary speech, or nothing."""
    babbles = random.random() < BABBLE
    if plan.distant is None and not babbles:
        return np.zeros(0, dtype=np.float32)
    shift = random.choice((-1, 1)) * random.uniform(3.5, 8)
    speaker = Speaker(float(np.clip(person.pitch * 2 ** (shift / 12), 85, 280)), random.uniform(0.85, 1.25))
    if plan.distant in EVENTS:
        event, shortest, longest = EVENTS[plan.distant]
        tracks = event(random.uniform(shortest, longest), speaker, random)
    else:
        seconds = random.uniform(0.9, 1.15)
        how = draw_manner(() if plan.distant is None else (plan.distant,))
        tracks = speak_syllables(seconds, [(0.0, seconds)], how, speaker, random)
    sound = synthesise_tracks(tracks, speaker, random)
    return _far(sound / np.float32(loudness_of(sound)), random) * _gain(DISTANT, random)


def _far(sound: Array, random: Random) -> Array:
    """Return a sound as it comes through a wall: a narrow band with a little reverberation."""
    tail = np.arange(int(0.2 * RATE)) / RATE
    echo = 0.045 * random.standard_normal(tail.size) * np.exp(-tail / 0.06)
    echo[0] = 1.0
    size = fft.next_fast_len(sound.size + echo.size, real=True)
    frequency = np.fft.rfftfreq(size, 1 / RATE) + 1
    band = 1 / np.sqrt((1 + (BAND[0] / frequency) ** 12) * (1 + (frequency / BAND[1]) ** 14))
    spectrum = fft.rfft(sound, size) * fft.rfft(echo.astype(np.float32), size) * band
    far: Array = fft.irfft(spectrum, size)[: sound.size + int(0.1 * RATE)].astype(np.float32)
    far /= np.float32(loudness_of(far))
    return far


def _schedule(plan: ClipPlan, distant: float, random: Random) -> _Schedule:
    """Return non-verbal sounds and rests in random order, and the time for speech between them."""
    lengths = {c: random.uniform(*EVENTS[c][1:]) for c in plan.voice_cues if c in EVENTS}
    crowd = max(1.0, sum(lengths.values()) / (0.72 * plan.seconds))
    sounds = [(name, seconds / crowd) for name, seconds in lengths.items()]
    talks = any(c in MANNERS for c in plan.voice_cues)
    rests = [("", random.uniform(0.2, 0.5))] if random.random() < 0.5 else []
    if distant:
        rests.append((DISTANT_SLOT, 0.95 * distant))
    room = plan.seconds - sum(s for _, s in sounds) - (1.0 if talks else 0.4)
    squeeze = min(1.0, max(room, 0.0) / max(sum(s for _, s in rests), 1e-3))
    parts = [*sounds, *((name, seconds * squeeze) for name, seconds in rests)]
    speech = plan.seconds - sum(s for _, s in parts)
    gaps = random.dirichlet(np.full(len(parts) + 1, 0.8)) * speech
    slots, spans, time = [], [], 0.0
    for gap, place in zip(gaps, [*random.permutation(len(parts)), None], strict=True):
        spans.append((time + 0.02, time + gap - 0.02))
        time += gap
        if place is not None:
            slots.append(_Slot(parts[place][0], time, parts[place][1]))
            time += parts[place][1]
    return _Schedule(slots, [span for span in spans if span[1] - span[0] > 0.08])


def _person(plan: ClipPlan, schedule: _Schedule, person: Speaker, random: Random) -> Array:
    """Return speech in the manner of the clip, and the person's other sounds at the same level."""
    how = draw_manner(plan.voice_cues)
    sound = synthesise_tracks(
        speak_syllables(plan.seconds, schedule.spans, how, person, random), person, random
    )
    sound = sound[: round(plan.seconds * RATE)]
    if schedule.spans:
        sound = sound / np.float32(loudness_of(sound))
    for slot in schedule.slots:
        if slot.name in EVENTS:
            other = synthesise_tracks(EVENTS[slot.name][0](slot.seconds, person, random), person, random)
            _add(sound, other * (_gain((0.5, 3), random) / loudness_of(other)), slot.begin)
    return sound


def _entry(schedule: _Schedule, latest: float, random: Random) -> float:
    """Draw the start of the bystander's sound: mostly in the rest that the person left, else at any time."""
    rest = next(slot for slot in schedule.slots if slot.name == DISTANT_SLOT)
    begin = rest.begin + random.uniform(-0.08, 0.08) if random.random() < 0.9 else random.uniform(0, latest)
    return float(np.clip(begin, 0, max(latest, 0)))


def _add(total: Array, part: Array, begin: float) -> None:
    """Add a sound from a time onwards, as far as there is room."""
    first = round(begin * RATE)
    part = part[: total.size - first]
    total[first : first + part.size] += part


def _microphone(sound: Array, random: Random) -> Array:
    """Return a sound as recorded: its brightness and loudness are the microphone's, not the voice's."""
    size = fft.next_fast_len(sound.size, real=True)
    spectrum = fft.rfft(sound, size)
    frequency = np.fft.rfftfreq(size, 1 / RATE).astype(np.float32)
    octaves = np.log2(np.clip(frequency, 100, None) / 1000)
    slope = _slope(np.abs(spectrum), octaves, float(np.exp(random.uniform(*np.log(CENTROID)))))
    knots = random.normal(0, 1.5, size=9)
    colour = slope * octaves + np.interp(octaves, np.linspace(-3.5, 3, 9), knots)
    spectrum *= (10 ** (colour / 20)).astype(np.float32) * (frequency > 50)
    heard: Array = fft.irfft(spectrum, size)[: sound.size]
    heard = _levelled(heard, random.uniform(*CREST))
    heard = heard * (_gain((LOUDNESS - GAIN, LOUDNESS + GAIN), random) / np.sqrt(np.square(heard).mean()))
    return heard.clip(-PEAK, PEAK).astype(np.float32)


def _levelled(sound: Array, crest: float) -> Array:
    """Return a sound whose loudest parts are turned down until its peak is ``crest`` times its mean."""
    blocks = np.append(sound, np.zeros(-sound.size % STEP, np.float32)).reshape(-1, STEP)
    peaks, energy = np.abs(blocks).max(axis=1), np.square(blocks).sum(axis=1)
    peaks = ndimage.maximum_filter1d(peaks, 3)
    ceilings = peaks.max() * np.linspace(0.08, 1, 60)
    gains = np.minimum(1, ceilings[:, None] / (peaks + 1e-9))
    means = np.sqrt((energy * gains**2).sum(axis=1) / sound.size)
    ceiling = float(np.interp(crest, ceilings / means, ceilings))
    gain = np.minimum(1, ceiling / (peaks + 1e-9)).astype(np.float32)
    levelled: Array = sound * smooth_track(gain)[: sound.size]
    return levelled


def _slope(magnitude: Array, octaves: Array, wanted: float) -> float:
    """Return the decibels an octave that bring the mean frequency of a spectrum to a wanted one.

    It is the geometric mean of the means by magnitude and by power, so that neither tells what was said.
    """
    edges = np.linspace(-3.4, 3.01, 65)
    middles = (edges[1:] + edges[:-1]) / 2
    slopes = np.linspace(-STEEPEST, STEEPEST, 41)
    product = np.ones(slopes.size)
    for power in (1, 2):
        heights = np.histogram(octaves, edges, weights=magnitude**power)[0]
        tilted = heights * 10 ** (power * slopes[:, None] * middles / 20)
        product *= (tilted * 1000 * 2**middles).sum(axis=1) / tilted.sum(axis=1)
    return float(np.interp(wanted, np.sqrt(product), slopes))
