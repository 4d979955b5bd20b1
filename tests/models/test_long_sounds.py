"""Sound that is longer than a model hears: as much is heard as its extractor takes, and a cut is told."""

import json
import logging

import numpy as np
import pytest
from transformers import WhisperFeatureExtractor

from avere import media
from avere.analyse.summary import read_summary, summarise_run
from avere.construct.checking import check
from avere.evaluate import evaluate_model
from avere.evaluate.recipe import EvaluationRecipe
from avere.interfaces import Candidate, Prompt
from avere.models import qwen_omni, tiny
from avere.models.qwen.audio import mel
from avere.preference import _media_check
from avere.preference.views import View, Views
from avere.records import Clip, Medium, Prediction, PreferencePair, Provenance, Question, jsonl

from .conftest import WORDS


def folder_whose_extractor_takes(tmp_path, seconds):
    """Make a model folder as other people publish them: nobody chose a window of sound."""
    folder = tmp_path / f"takes {seconds}"
    tiny.build(tiny.smallest(), [WORDS], folder, seed=0)
    (folder / "avere.json").unlink()
    settings = json.loads((folder / "processor_config.json").read_text())
    settings["feature_extractor"]["chunk_length"] = seconds
    (folder / "processor_config.json").write_text(json.dumps(settings))
    return folder


@pytest.fixture
def sounds(tmp_path):
    """Write tones of several lengths."""

    def write(*seconds):
        for length in seconds:
            wave = 0.3 * np.sin(np.arange(round(16_000 * length)) * 0.1).astype(np.float32)
            media.write_sound(tmp_path / f"{length:g}.wav", wave, 16_000)
        return [tmp_path / f"{length:g}.wav" for length in seconds]

    return write


@pytest.mark.parametrize(
    ("takes", "chosen", "window"), [(30, None, 30.0), (300, None, 300.0), (900, None, 300.0), (300, 10, 10.0)]
)
def test_a_model_hears_what_its_extractor_takes_up_to_five_minutes(tmp_path, takes, chosen, window):
    options = {} if chosen is None else {"audio_seconds": chosen}
    model = qwen_omni.load(folder_whose_extractor_takes(tmp_path, takes), device="meta", **options)
    assert model.options.inputs()["audio_seconds"] == window


def test_a_window_that_is_stored_or_chosen_stays(tmp_path, base):
    assert qwen_omni.load(base, device="meta").options.inputs()["audio_seconds"] == 1.0
    model = qwen_omni.load(folder_whose_extractor_takes(tmp_path, 300))
    model.save(tmp_path / "saved")
    again = qwen_omni.load(tmp_path / "saved")
    assert (again.options.inputs()["audio_seconds"], again.fingerprint) == (300.0, model.fingerprint)


@pytest.mark.parametrize("length", [0.5, 29.99, 30.0, 31.7])
def test_padding_no_further_than_frames_reach_changes_nothing(length):
    """Frames that hold signal are those of the published processor, which pads to 300 s."""
    extractor = WhisperFeatureExtractor(feature_size=128, chunk_length=300)
    wave = np.random.default_rng(0).normal(size=round(16_000 * length)).astype(np.float32)
    found = mel(wave, extractor, 300.0)
    whole = extractor(
        wave, sampling_rate=16_000, padding="max_length", return_attention_mask=True, return_tensors="np"
    )
    assert found.valid == whole["attention_mask"].sum()
    expected = whole["input_features"][0][:, : found.valid]
    assert np.abs(found.features[:, : found.valid].numpy() - expected).max() < 1e-5


def test_what_is_cut_is_told_with_each_reply(tmp_path, sounds):
    short, long, longer = sounds(30, 31.5, 45)
    for takes, cuts in ((30, (0.0, 1.5, 15.0)), (300, (0.0, 0.0, 0.0))):
        model = qwen_omni.load(folder_whose_extractor_takes(tmp_path, takes))
        prompts = [Prompt(text="what do you hear", audio=Medium(path=path)) for path in (short, long, longer)]
        replies = list(model.respond(prompts, max_tokens=1, seed=0))
        assert tuple(reply.media_tokens.audio_cut for reply in replies) == cuts
        # A token for each 40 ms.
        heard = [round(25 * (length - cut)) for length, cut in zip((30, 31.5, 45), cuts, strict=True)]
        assert [reply.media_tokens.audio for reply in replies] == pytest.approx(heard, abs=1)
        assert all(model.score([Candidate(prompt=prompt, response="yes")]) for prompt in prompts)


def test_a_service_tells_its_own_cut(make, sounds):
    (path,) = sounds(3)
    for options, cut in (({}, 0.0), ({"audio_seconds": 1.0}, 2.0)):
        (reply,) = make(**options).respond(
            [Prompt(text="hello", audio=Medium(path=path))], max_tokens=9, seed=0
        )
        assert reply.media_tokens.audio_cut == cut


def test_the_terminal_and_the_table_tell_it(tmp_path, base, sounds, command):
    folder = tmp_path / "sounds"
    folder.mkdir()
    for path in sounds(1, 2.5):
        path.rename(folder / path.name)
    said = command("ask", folder / "2.5.wav", "what", "--model", base, "--device", "cpu", "--max-tokens", 1)
    assert "the last 1.5 s of the sound were cut off" in said.out
    said = command("ask", folder / "1.wav", "what", "--model", base, "--device", "cpu", "--max-tokens", 1)
    assert "cut off" not in said.out
    words = ("ask", folder, "what", "--model", base, "--out", tmp_path / "a.csv", "--max-tokens", 1)
    assert command(*words).code == 0
    _, first, second = (tmp_path / "a.csv").read_text().splitlines()
    assert ("cut off" in first, "the last 1.5 s of the sound were cut off" in second) == (False, True)


def pairs_of(tmp_path, paths):
    clips = [Clip(id=path.stem, audio=path, source="t") for path in paths]
    made = Provenance(version="0")
    pairs = [
        PreferencePair(
            id=path.stem,
            clip=path.stem,
            target="audio",
            prompt="what",
            chosen="yes",
            hallucinated="no",
            made_by=made,
        )
        for path in paths
    ]
    return clips, pairs


def test_training_tells_it_once(tmp_path, base, sounds, caplog):
    clips, pairs = pairs_of(tmp_path, sounds(1, 2.5, 3))
    views = Views(frozenset({View("real", "chosen")}), frozenset(), frozenset())
    model = qwen_omni.load(base)
    with caplog.at_level(logging.WARNING, logger="avere.preference"):
        assert _media_check.read_media(model, pairs, views, {clip.id: clip for clip in clips}).bad == {}
    (told,) = [record.getMessage() for record in caplog.records]
    assert told.startswith("2 of 3 sounds are longer than the model hears, by up to 2.0 s, and are cut")


def test_data_check_counts_long_sounds(tmp_path, sounds, command):
    clips, pairs = pairs_of(tmp_path, sounds(1, 30, 31.5, 45))
    jsonl.write(tmp_path / "clips.jsonl", clips)
    jsonl.write(tmp_path / "pairs.jsonl", pairs)
    assert check(tmp_path / "pairs.jsonl", tmp_path / "clips.jsonl").long == pytest.approx((31.5, 45.0))
    said = command("data", "check", tmp_path / "pairs.jsonl")
    assert said.code == 0
    assert (
        "2 sounds are longer than 30 s, the longest 45.0 s; a model hears no more of one than its" in said.out
    )


@pytest.mark.parametrize("closed", ["log-prob", "reply"])
def test_an_evaluation_counts_it(tmp_path, base, sounds, command, closed):
    clips, _ = pairs_of(tmp_path, sounds(1, 2.5, 3))
    asked = [
        Question(
            id=clip.id,
            clip=clip.id,
            task="reasoning_basic_audio",
            text="What do you hear?",
            choices=("sob", "laugh", "sigh", "shout"),
            answer=0,
            target="audio",
            made_by=Provenance(version="0"),
        )
        for clip in clips
    ]
    data, out = tmp_path / "data", tmp_path / "run"
    jsonl.write(data / "clips.jsonl", clips)
    jsonl.write(data / "cues.jsonl", [])
    jsonl.write(data / "questions.jsonl", asked)
    recipe = EvaluationRecipe(closed=closed, conditions=("av", "text"))
    evaluate_model(qwen_omni.load(base), data, out, recipe=recipe)
    cuts = {
        one.question: one.media_tokens.audio_cut
        for one in jsonl.read(out / "journal.jsonl", Prediction)
        if one.condition == "av"
    }
    assert cuts == {"1": 0.0, "2.5": 1.5, "3": 2.0}
    summarise_run(out)
    found = read_summary(out).conditions
    assert {name: one.sound_cut for name, one in found.items()} == {"av": 2, "text": 0}
    told = "av: of 2 of 3 questions the model heard only the beginning of the sound"
    assert told in " ".join(command("score", out).out.split())
