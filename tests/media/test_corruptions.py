import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from avere.errors import AvereError
from avere.media import corrupt_frames, corrupt_sound
from avere.media.corruptions import SURVIVING, diffuse_frames, diffuse_sound, noise_frames, noise_sound
from avere.records import Corruption

kinds = some.sampled_from(["noise", "diffusion", "silence", "shuffle"])
levels = some.none() | some.floats(0, 1)
seeds = some.integers(-(2**40), 2**70)
corruptions = some.builds(Corruption, kind=kinds, level=levels, seed=seeds)


def pictures(count=6, size=12):
    return np.random.default_rng(count).integers(0, 256, (count, size, size, 3), dtype=np.uint8)


def voice(length=16000):
    return (0.2 * np.sin(np.arange(length) / 9)).astype(np.float32)


@given(corruptions, some.integers(1, 9))
def test_frames_keep_their_form_and_seeds_decide(corruption, count):
    frames = pictures(count)
    before = frames.copy()
    made = corrupt_frames(frames, corruption)
    assert made.shape == frames.shape
    assert made.dtype == np.uint8
    assert np.array_equal(made, corrupt_frames(frames, corruption))
    assert np.array_equal(frames, before)


@given(corruptions, some.integers(0, 9000))
def test_sounds_keep_their_form_and_seeds_decide(corruption, length):
    wave = voice(length)
    before = wave.copy()
    made = corrupt_sound(wave, 16000, corruption)
    assert made.shape == wave.shape
    assert made.dtype == np.float32
    assert np.isfinite(made).all()
    assert np.abs(made).max(initial=0) <= 1
    assert np.array_equal(made, corrupt_sound(wave, 16000, corruption))
    assert np.array_equal(wave, before)


@pytest.mark.parametrize("kind", ["noise", "diffusion", "shuffle"])
def test_another_seed_is_another_corruption(kind):
    one, two = (Corruption(kind=kind, seed=seed) for seed in (1, 2))
    frames = pictures(30)
    assert not np.array_equal(corrupt_frames(frames, one), corrupt_frames(frames, two))
    wave = voice(64000)
    assert not np.array_equal(corrupt_sound(wave, 16000, one), corrupt_sound(wave, 16000, two))


@pytest.mark.parametrize("kind", ["noise", "diffusion"])
def test_level_zero_changes_nothing(kind):
    none = Corruption(kind=kind, level=0.0)
    assert np.array_equal(corrupt_frames(pictures(), none), pictures())
    assert np.array_equal(corrupt_sound(voice(), 16000, none), voice())


@pytest.mark.parametrize("kind", ["noise", "diffusion"])
def test_full_strength_leaves_nothing(kind):
    full = Corruption(kind=kind)
    frames = pictures(8, 64)
    made = corrupt_frames(frames, full).astype(float)
    assert abs(np.corrcoef(made.ravel(), frames.ravel())[0, 1]) < 0.03
    wave = corrupt_sound(voice(64000), 16000, full)
    assert abs(np.corrcoef(wave, voice(64000))[0, 1]) < 0.03
    assert wave.std() == pytest.approx(voice(64000).std(), rel=0.03)


@pytest.mark.parametrize("spoil", [noise_frames, diffuse_frames])
def test_stronger_is_further_from_the_picture(spoil):
    distances = [
        np.abs(spoil(pictures(), level, 5).astype(float) - pictures()).mean()
        for level in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    ]
    assert distances == sorted(distances)


@pytest.mark.parametrize("spoil", [noise_sound, diffuse_sound])
def test_stronger_is_less_like_the_sound(spoil):
    likeness = [np.corrcoef(spoil(voice(), level, 5), voice())[0, 1] for level in (0.0, 0.2, 0.4, 0.6, 0.8)]
    assert likeness == sorted(likeness, reverse=True)


def test_diffusion_is_the_forward_process():
    """After one of 1,000 steps 1 - 0.0001 of the variance is signal; after two (1 - 0.0001)(1 - 0.00012)."""
    assert SURVIVING[0] == 1
    assert SURVIVING[1] == pytest.approx(0.9999)
    assert SURVIVING[2] == pytest.approx(0.9999 * (1 - 1e-4 - 0.0199 / 999))
    assert len(SURVIVING) == 1001
    assert SURVIVING[-1] == pytest.approx(4.04e-5, rel=0.01)
    # Half way: x = sqrt(a) * signal + sqrt(1 - a) * noise, both of one loudness, so the loudness stays.
    wave = np.random.default_rng(0).standard_normal(100_000).astype(np.float32) * 0.1
    made = diffuse_sound(wave, 0.2, 3)
    assert made.std() == pytest.approx(0.1, rel=0.01)
    assert np.corrcoef(made, wave)[0, 1] == pytest.approx(np.sqrt(SURVIVING[200]), abs=0.01)


@given(seeds, some.integers(2, 20))
def test_shuffled_frames_are_the_same_frames_elsewhere(seed, count):
    frames = pictures(count, 4)
    made = corrupt_frames(frames, Corruption(kind="shuffle", seed=seed))
    assert sorted(map(bytes, made)) == sorted(map(bytes, frames))
    assert not np.array_equal(made, frames)


@given(seeds, some.integers(2, 40000))
def test_shuffled_sound_is_the_same_samples_elsewhere(seed, length):
    wave = np.linspace(-1, 1, length, dtype=np.float32)
    made = corrupt_sound(wave, 16000, Corruption(kind="shuffle", seed=seed))
    assert np.array_equal(np.sort(made), wave)
    assert not np.array_equal(made, wave)


def test_silence_and_blank_are_zeros():
    quiet = Corruption(kind="silence")
    assert not corrupt_frames(pictures(), quiet).any()
    assert not corrupt_sound(voice(), 16000, quiet).any()


def test_silence_itself_becomes_audible_noise():
    made = corrupt_sound(np.zeros(16000, np.float32), 16000, Corruption(kind="noise"))
    assert made.std() == pytest.approx(0.01, rel=0.05)


@pytest.mark.parametrize("kind", ["noise", "diffusion"])
@pytest.mark.parametrize("level", [-0.1, 1.5])
def test_levels_are_shares(kind, level):
    wrong = Corruption(kind=kind, level=level)
    with pytest.raises(AvereError, match=f"{kind} level of {level} was given; it is a share between 0 and 1"):
        corrupt_frames(pictures(), wrong)
    with pytest.raises(AvereError, match="between 0 and 1"):
        corrupt_sound(voice(), 16000, wrong)


def test_another_clip_is_for_the_caller():
    other = Corruption(kind="clip", clip="b")
    with pytest.raises(AvereError, match="read the replacement clip's file"):
        corrupt_frames(pictures(), other)
    with pytest.raises(AvereError, match="read the replacement clip's file"):
        corrupt_sound(voice(), 16000, other)


class Nose:
    """What no record would let through."""

    kind = "nose"
    level = None
    seed = 0
    area = None
    span = None


def test_unknown_kinds_are_named():
    wrong = Nose()
    with pytest.raises(AvereError, match="did you mean 'noise'"):
        corrupt_frames(pictures(), wrong)


def test_captions_are_blurred_and_nothing_else():
    """Of 10 rows the lowest 3 are blurred: a checkerboard of 0 and 250 becomes about their mean there."""
    board = (np.indices((10, 60)).sum(axis=0) % 2 * 250).astype(np.uint8)
    frames = np.repeat(board[None, :, :, None], 2, axis=0).repeat(3, axis=3)
    made = corrupt_frames(frames, Corruption(kind="blur-captions"))
    assert np.array_equal(made[:, :7], frames[:, :7])
    assert np.abs(made[:, 7:].astype(int) - 125).max() <= 5
    with pytest.raises(AvereError, match="no corruption is called 'blur-captions'"):
        corrupt_sound(voice(), 16000, Corruption(kind="blur-captions"))


def test_a_part_of_the_frames_is_covered_for_a_part_of_the_time():
    """Of 4 frames the last two stand in the second half; their left half takes each frame's mean."""
    frames = np.zeros((4, 4, 4, 3), np.uint8)
    frames[:, :, 2:] = 200
    covered = corrupt_frames(frames, Corruption(kind="occlude", area=(0.0, 0.0, 0.5, 1.0), span=(0.5, 1.0)))
    assert np.array_equal(covered[:2], frames[:2])
    assert (covered[2:, :, :2] == 100).all()
    assert np.array_equal(covered[2:, :, 2:], frames[2:, :, 2:])


def test_a_stretch_of_a_sound_is_silenced():
    wave = np.ones(8, np.float32)
    made = corrupt_sound(wave, 4, Corruption(kind="occlude", span=(0.25, 0.5)))
    assert made.tolist() == [1, 1, 0, 0, 1, 1, 1, 1]
    assert wave.all()


def test_digests_of_other_corruptions_stay():
    """What is not covered is not written: older journals name media by these texts."""
    written = Corruption(kind="noise", level=0.5, seed=3).model_dump_json()
    assert written == '{"kind":"noise","clip":null,"level":0.5,"seed":3}'
    assert "area" in Corruption(kind="occlude", area=(0.0, 0.0, 1.0, 1.0)).model_dump_json()
