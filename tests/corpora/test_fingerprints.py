"""The same clip is found through encoding, size, loudness and cuts; strangers are not."""

from itertools import combinations

import numpy as np
import pytest

from avere.corpora import _overlap
from avere.corpora._fingerprints import HOP, RATE, Fingerprint, of_frames, of_sound, of_video, of_wave


def mark(wave):
    """Return the fingerprint of a sound alone."""
    found = of_wave(np.asarray(wave, np.float32))
    assert found is not None
    return Fingerprint(None, *found)


def both(video, audio):
    """Return the fingerprint of a clip."""
    found = of_sound(audio)
    assert found is not None
    return Fingerprint(of_video(video), *found)


def noise(seconds, seed):
    return np.random.default_rng(seed).normal(size=seconds * RATE)


@pytest.fixture(scope="module")
def marks(donors):
    return [both(clip.video, clip.audio) for clip in donors]


@pytest.fixture(scope="module", params=[{}, {"scale": 1.5, "gain": 2.0}, {"start": 0.3}])
def copies(request, donors, tmp_path_factory, encoded):
    home = tmp_path_factory.mktemp("copies")
    paths = [encoded(clip.video, home / f"{clip.id}.mp4", **request.param) for clip in donors]
    return [both(path, path) for path in paths]


def test_poor_copies_are_found_and_nothing_else(marks, copies):
    pairs = {(place, place) for place in range(len(marks))}
    assert {match[:2] for match in _overlap.same_videos(marks, copies)} == pairs
    assert {match[:2] for match in _overlap.same_sounds(marks, copies)} == pairs


def test_copies_are_well_inside_the_limits(marks, copies):
    videos = [match.distance for match in _overlap.same_videos(marks, copies)]
    sounds = [match.distance for match in _overlap.same_sounds(marks, copies)]
    # Measured on 72 copies of 12 clips: at most 0.08 and 0.18.
    assert max(videos) <= _overlap.SAME_VIDEO - 0.01
    assert max(sounds) <= _overlap.SAME_AUDIO - 0.05


def test_strangers_are_well_outside_the_limits(marks):
    """Clips of one small world, which shares faces, rooms and voices, whatever the alignment."""
    for left, right in combinations(marks, 2):
        assert (left.video ^ right.video).mean() > _overlap.SAME_VIDEO + 0.02
        shifts = range(-len(right.audio), len(left.audio))
        apart = [_overlap.apart(left, right, shift) for shift in shifts]
        assert min(one for one in apart if one is not None) > _overlap.SAME_AUDIO + 0.1


def test_a_piece_is_found_in_the_whole():
    wave = noise(4, seed=0)
    whole, piece = mark(wave), mark(wave[40 * HOP :])
    # The piece begins 40 moments later and is otherwise the same to the bit.
    assert _overlap.apart(whole, piece, 40) == 0
    assert list(_overlap.same_sounds([piece], [piece, whole])) == [(0, 0, 0.0), (0, 1, 0.0)]


def test_loudness_falls_out():
    wave = noise(2, seed=1)
    assert (mark(wave).audio == mark(wave / 8).audio).all()


def test_what_shows_or_sounds_nothing_has_no_fingerprint():
    assert of_frames(np.full((8, 48, 64, 3), 90, np.uint8)) is None
    assert of_wave(np.zeros(2 * RATE, np.float32)) is None
    assert of_wave(np.ones(100, np.float32)) is None
    nothing = [Fingerprint(None, None, None)]
    assert list(_overlap.same_videos(nothing, nothing)) == list(_overlap.same_sounds(nothing, nothing)) == []


def test_silence_is_not_compared():
    """Two recordings that are alike in their pauses alone are strangers."""
    pause = np.zeros(2 * RATE)
    left, right = (mark(np.concatenate([pause, noise(2, seed)])) for seed in (2, 3))
    assert left.heard.sum() < len(left.heard)
    assert (_overlap.apart(left, right, 0) or 0) > 0.4
    assert list(_overlap.same_sounds([left], [right])) == []


def test_a_word_that_all_say_is_no_lead(monkeypatch):
    monkeypatch.setattr(_overlap, "COMMON", 0)
    same = mark(noise(2, seed=4))
    assert list(_overlap.same_sounds([same], [same])) == []
