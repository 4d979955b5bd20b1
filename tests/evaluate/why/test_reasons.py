"""Samples, grids and occlusion maps with a scorer whose every number is known."""

import itertools

import numpy as np
import pytest

from avere import media
from avere.errors import AvereError
from avere.evaluate import evaluate_model
from avere.evaluate.recipe import EvaluationRecipe
from avere.evaluate.why import (
    SHAPLEY,
    SWAP,
    Windows,
    check_model,
    draw_sample,
    grids_of_run,
    map_occlusion,
    score_grids,
)
from avere.records import Clip, Provenance, Question, Shown, jsonl

MADE = Provenance(version="0")


class Sees:
    """Says "yes" (A) by the upper left quarter of the picture, and by the last third of the sound."""

    name, fingerprint = "sees", "s1"

    def score(self, candidates):
        return [self._value(one.prompt) if one.response == "A" else 0.0 for one in candidates]

    def _value(self, prompt):
        value = 0.5
        if prompt.video is not None:
            frames = media.frames(prompt.video.path, 4, corruption=prompt.video.corruption)
            value += frames[:, :32, :32].mean() / 255 * 4
        if prompt.audio is not None:
            wave = media.sound(prompt.audio.path, 16_000, corruption=prompt.audio.corruption)
            value += 10 * float(np.abs(wave[len(wave) * 2 // 3 :]).mean())
        return value

    def respond(self, prompts, **_options):
        """Say nothing: closed questions are scored."""
        return iter(prompts[:0])


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Give the folder of a run on three clips: bright above left, and loud at the end."""
    home = tmp_path_factory.mktemp("why")
    clips, questions = [], []
    for number, emotion in enumerate(("happiness", "happiness", "fear")):
        frames = np.zeros((12, 64, 64, 3), np.uint8)
        frames[:, :32, :32] = 250
        wave = np.zeros(24_000, np.float32)
        wave[16_000:] = 0.2 * np.sin(np.arange(8_000) / (3 + number))
        path = home / "data" / f"c{number}.mp4"
        path.parent.mkdir(exist_ok=True)
        media.write_video(path, frames, fps=8, wave=wave, rate=16_000)
        shown = Shown(audio=emotion, video=emotion)
        clips.append(Clip(id=f"c{number}", video=path, audio=path, shown=shown, source="t"))
        questions.append(
            Question(
                id=f"q{number}",
                clip=f"c{number}",
                task="reasoning_stress_video",
                text="Is it bright?",
                choices=("Yes", "No"),
                answer=number % 2,
                target="video",
                made_by=MADE,
            )
        )
    jsonl.write(home / "data" / "clips.jsonl", clips)
    jsonl.write(home / "data" / "questions.jsonl", questions)
    recipe = EvaluationRecipe(conditions=("av", "text", "a", "v"))
    evaluate_model(Sees(), home / "data", home / "run", recipe=recipe)
    return home / "run"


def test_a_sample_is_the_same_for_all_runs(run):
    names = [[one.clip.id for one in clip] for clip in draw_sample(run, 2, seed=1).clips]
    assert names == [[one.clip.id for one in clip] for clip in draw_sample(run, 2, seed=1).clips]
    assert len(names) == 2
    asked = draw_sample(run, 9).clips[1][0]
    assert (asked.answer, asked.words, asked.right) == (0, "Yes", False)


def test_another_model_is_refused(run):
    other = Sees()
    other.fingerprint = "s2"
    with pytest.raises(AvereError, match="fingerprint s1, and 'sees' has s2; give the --model"):
        check_model(other, draw_sample(run, 1), run)


def test_grids_hold_every_cell_and_lend_from_another_emotion(run):
    grids = list(score_grids(Sees(), draw_sample(run, 3), SWAP))
    assert [tuple(one.log_probs) for one in grids] == [SWAP] * 3
    assert [one.donor for one in grids[:2]] == ["c2", "c2"]
    assert grids[2].donor in {"c0", "c1"}
    for one in grids:
        sound = one.log_probs["av"][0] - one.log_probs["swap-audio"][0]
        assert one.log_probs["swap-video"][0] - one.log_probs["swap-both"][0] == pytest.approx(
            sound, abs=1e-3
        )


def test_a_run_that_was_asked_so_needs_no_model(run):
    sample = draw_sample(run, 3)
    read, asked = list(grids_of_run(run, sample, SHAPLEY)), list(score_grids(Sees(), sample, SHAPLEY))
    for one, other in zip(read, asked, strict=True):
        for cell in SHAPLEY:
            assert one.log_probs[cell] == pytest.approx(other.log_probs[cell], abs=1e-3)
    with pytest.raises(AvereError, match="evaluate it with --conditions av,swap-audio"):
        list(grids_of_run(run, sample, SWAP))


def test_maps_peak_where_the_answer_rests(run):
    windows = Windows(cells=4, window=2, picture_times=2, sound_times=3, sound_window=1)
    (one, *_) = map_occlusion(Sees(), draw_sample(run, 1), windows)
    picture = np.array(one.picture)
    assert picture.shape == (4, 4)
    # The bright quarter has four cells. A window takes the share of them that it covers of 4 x 0.98 x 3/4:
    # what is covered keeps the mean of the frame, a quarter of the light. Each of the four cells lies under
    # a window with all of them, two with 2 and one with 1: 9/4 of a whole, of four windows.
    place = picture.argmax()
    assert place // 4 < 2
    assert place % 4 < 2
    assert picture[0, 0] == pytest.approx(2.25 / 4 * 4 * 0.98 * 0.75, rel=0.05)
    assert picture[2:, 2:] == pytest.approx(0, abs=0.6)
    assert one.sound_times[:2] == pytest.approx((0, 0), abs=0.05)
    assert one.sound_times[2] > 0.5
    assert one.picture_times[0] == pytest.approx(one.picture_times[1], rel=0.05)
    assert one.sound_seconds == pytest.approx(1.5, abs=0.1)


def test_every_cell_lies_under_as_many_windows():
    windows = Windows(cells=5, window=2)
    for x, y in itertools.product(range(5), repeat=2):
        point = (x + 0.5) / 5, (y + 0.5) / 5
        covering = [a for a in windows.areas() if a[0] < point[0] < a[2] and a[1] < point[1] < a[3]]
        assert len(covering) == 4
