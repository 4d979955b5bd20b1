"""What a rendered voice promises whatever it shows: size, peak, repetition, levels and places."""

import itertools

import numpy as np
import pytest

from avere.world.cues import AMBIENTS, VOICE, typical_cues
from avere.world.plan import ClipPlan, draw_plan
from avere.world.sound import voice
from avere.world.sound.ambience import AMBIENCES
from avere.world.sound.events import EVENTS
from avere.world.sound.speech import MANNERS, draw_manner, speak_syllables
from avere.world.sound.vocal_tract import RATE, STEP, Speaker, loudness_of, silent_tracks, synthesise_tracks

PERSON = Speaker(pitch=150.0, scale=1.0)
NAMES = [kind.name for kind in VOICE]


def plan(**changes: object) -> ClipPlan:
    return draw_plan(5, split="balanced", seed=2, identities=9).model_copy(update={"seconds": 2.4, **changes})


def band(sound: np.ndarray, low: float, high: float) -> float:
    """Return the share of a sound's energy between two frequencies."""
    power = np.square(np.abs(np.fft.rfft(sound)))
    frequency = np.fft.rfftfreq(sound.size, 1 / RATE)
    return float(power[(frequency >= low) & (frequency < high)].sum() / power.sum())


def strongest(sound: np.ndarray) -> float:
    return float(np.fft.rfftfreq(sound.size, 1 / RATE)[np.abs(np.fft.rfft(sound)).argmax()])


def test_every_cue_of_the_voice_is_a_manner_or_a_sound():
    assert sorted([*MANNERS, *EVENTS]) == sorted(NAMES)
    assert set(AMBIENCES) == set(AMBIENTS)


@pytest.mark.parametrize("name", NAMES)
def test_clips_have_their_length_and_stay_below_the_peak(name):
    sound = voice.render(plan(voice_cues=(name,), distant=None, seed=NAMES.index(name)))
    assert sound.shape == (round(2.4 * RATE),)
    assert sound.dtype == np.float32
    assert np.isfinite(sound).all()
    assert 0.01 < np.abs(sound).max() <= voice.PEAK


def test_drawn_plans_render_with_any_pair_of_cues():
    for index in range(40):
        drawn = draw_plan(index, split="biased", seed=7, identities=5)
        sound = voice.render(drawn)
        assert sound.size == round(drawn.seconds * RATE)
        assert np.abs(sound).max() <= voice.PEAK


def test_same_plan_gives_same_samples_and_another_seed_others():
    drawn = plan(voice_cues=("laughter", "lilt"), distant="sob")
    assert np.array_equal(voice.render(drawn), voice.render(drawn))
    assert not np.array_equal(
        voice.render(drawn), voice.render(plan(voice_cues=("laughter", "lilt"), seed=1))
    )


@pytest.mark.parametrize("rate", [8000, 22050, 48000])
def test_other_rates_resample_the_same_clip(rate):
    drawn = plan(voice_cues=("hum",), distant=None)
    sound = voice.render(drawn, rate)
    assert sound.shape == (round(2.4 * rate),)
    assert np.abs(sound).max() <= voice.PEAK
    assert band(voice.render(drawn), 0, 1500) == pytest.approx(
        np.square(np.abs(np.fft.rfft(sound)))[: round(1500 * 2.4)].sum()
        / np.square(np.abs(np.fft.rfft(sound))).sum(),
        abs=0.15,
    )


def test_loudness_spreads_over_twelve_decibels_for_one_cue():
    loudness = [
        10 * np.log10(np.square(voice.render(plan(voice_cues=("sob",), seed=seed))).mean())
        for seed in range(30)
    ]
    assert min(loudness) >= voice.LOUDNESS - voice.GAIN - 0.5
    assert max(loudness) <= voice.LOUDNESS + voice.GAIN + 0.5
    assert max(loudness) - min(loudness) > 8


def test_a_steady_pulse_train_has_the_pitch_asked_for():
    tracks = silent_tracks(1.0)
    steady = tracks._replace(pitch=tracks.pitch * 0 + 200, voicing=tracks.voicing + 1, tilt=tracks.tilt - 20)
    sound = synthesise_tracks(steady, PERSON, np.random.default_rng(0))
    assert sound.size == RATE
    assert strongest(sound) == pytest.approx(200, abs=4)


def test_high_voices_do_not_fold():
    tracks = silent_tracks(1.0)
    steady = tracks._replace(pitch=tracks.pitch * 0 + 1500, voicing=tracks.voicing + 1)
    sound = synthesise_tracks(steady, PERSON, np.random.default_rng(0))
    assert band(sound, 100, 1300) < 0.02


def test_breath_alone_has_no_pulses():
    tracks = silent_tracks(1.0)
    sound = synthesise_tracks(tracks._replace(breath=tracks.breath + 1), PERSON, np.random.default_rng(0))
    spectrum = np.abs(np.fft.rfft(sound))[300:3000]
    assert spectrum.max() < 12 * spectrum.mean()


def test_level_ignores_silence():
    tone = np.sin(np.arange(RATE) * 0.3).astype(np.float32)
    assert loudness_of(tone) == pytest.approx(np.sqrt(0.5), rel=0.02)
    assert loudness_of(np.concatenate([tone, np.zeros(3 * RATE, np.float32)])) == pytest.approx(
        np.sqrt(0.5), rel=0.02
    )


def test_manners_of_one_emotion_combine():
    assert draw_manner(()) == draw_manner(("laughter",))
    both = draw_manner(("hammer", "harsh"))
    assert (both.punch, both.rough) == (1.0, 1.0)
    steady = draw_manner(("even", "monotone"))
    assert (steady.irregular, steady.accent, steady.declination) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(("name", "least", "most"), [("monotone", 0, 0.05), ("lilt", 8, 24), ("", 3, 20)])
def test_pitch_moves_as_the_manner_says(name, least, most):
    tracks = speak_syllables(2.0, [(0.0, 2.0)], draw_manner((name,)), PERSON, np.random.default_rng(3))
    spoken = 12 * np.log2(tracks.pitch[tracks.voicing > 0.2] / PERSON.pitch)
    assert least <= np.ptp(spoken) <= most


def test_soft_speech_is_breath_and_ordinary_speech_is_not():
    soft = speak_syllables(1.0, [(0.0, 1.0)], draw_manner(("soft",)), PERSON, np.random.default_rng(0))
    plain = speak_syllables(1.0, [(0.0, 1.0)], draw_manner(()), PERSON, np.random.default_rng(0))
    assert soft.breath.sum() > 10 * soft.voicing.sum()
    assert plain.voicing.sum() > 10 * plain.breath.sum()


def test_speech_stays_within_its_spans():
    tracks = speak_syllables(2.0, [(0.5, 1.0)], draw_manner(()), PERSON, np.random.default_rng(0))
    outside = np.r_[0 : int(0.5 * RATE / STEP), int(1.02 * RATE / STEP) : tracks.voicing.size]
    assert tracks.voicing[outside].max() == 0


@pytest.mark.parametrize("name", EVENTS)
def test_non_verbal_sounds_last_as_long_as_asked(name):
    event, shortest, longest = EVENTS[name]
    for seconds in (shortest, longest):
        sound = synthesise_tracks(
            event(seconds, PERSON, np.random.default_rng(1)), PERSON, np.random.default_rng(1)
        )
        assert sound.size == pytest.approx(seconds * RATE, abs=STEP)
        assert loudness_of(sound) > 0.01


@pytest.mark.parametrize("cue", [None, "scream", "monotone", "panting"])
def test_the_bystander_is_heard_through_a_narrow_band_and_more_quietly(cue):
    drawn = plan(distant=cue)
    sounds = [voice._bystander(drawn, PERSON, np.random.default_rng(seed)) for seed in range(8)]
    for sound in (s for s in sounds if s.size):
        assert band(sound, voice.BAND[0] * 0.8, voice.BAND[1] * 1.2) > 0.9
        assert voice.DISTANT[0] - 0.5 < 20 * np.log10(loudness_of(sound)) < voice.DISTANT[1] + 0.5
    assert any(s.size for s in sounds)
    assert (cue is None) == any(not s.size for s in sounds)


@pytest.mark.parametrize("emotion", ["happiness", "fear", "neutral"])
def test_schedules_fill_the_clip_without_overlap(emotion):
    names = tuple(kind.name for kind in typical_cues(emotion, "audio"))
    for seed in range(20):
        drawn = plan(voice_cues=names[seed % 2 : seed % 2 + 2], seconds=2.0)
        schedule = voice._schedule(drawn, 1.1, np.random.default_rng(seed))
        times = sorted([(s.begin, s.begin + s.seconds) for s in schedule.slots] + schedule.spans)
        assert times[-1][1] <= 2.0 + 1e-9
        assert all(left[1] <= right[0] + 1e-9 for left, right in itertools.pairwise(times))
        assert sum(end - begin for begin, end in schedule.spans) > 0.05


@pytest.mark.parametrize("name", AMBIENTS)
def test_surroundings_are_distinct_and_never_silent(name):
    sound = AMBIENCES[name](2 * RATE, np.random.default_rng(4))
    assert sound.shape == (2 * RATE,)
    assert np.isfinite(sound).all()
    assert loudness_of(sound) > 0.01


def test_surroundings_keep_to_their_bands():
    sounds = {name: AMBIENCES[name](2 * RATE, np.random.default_rng(4)) for name in AMBIENTS}
    assert band(sounds["traffic"], 0, 300) > 0.9
    assert band(sounds["birds"], 2500, 7500) > 0.9
    assert band(sounds["rain"], 1500, 8000) > 0.7
    assert band(sounds["fan"], 80, 1200) > 0.9
