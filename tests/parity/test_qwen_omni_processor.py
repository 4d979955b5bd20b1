"""The input pipeline against numbers recorded from the library's own processor and thinker."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from transformers import AutoTokenizer, WhisperFeatureExtractor

from avere import media
from avere.interfaces import Candidate, Prompt
from avere.models import qwen_omni
from avere.models.qwen import audio as qwen_audio
from avere.models.qwen import video as qwen_video
from avere.models.qwen.positions import Expander, Timing, TokenIds, VideoShape
from avere.records import Medium

FOLDER = Path(__file__).with_name("qwen_omni_processor")
CASES = json.loads((FOLDER / "cases.json").read_text())
IDS = TokenIds(video=10, audio=3, audio_start=4, audio_end=5)


@pytest.fixture(scope="module")
def arrays():
    return load_file(FOLDER / "io.safetensors")


@pytest.fixture(scope="module")
def extractor():
    return WhisperFeatureExtractor.from_pretrained(FOLDER / "tiny_model")


@pytest.fixture(scope="module")
def tokenizer():
    return AutoTokenizer.from_pretrained(FOLDER / "tiny_model")


def layout_of(case):
    given = case["videos_kwargs"]
    size = given.get("size", {})
    shortest = given.get("min_pixels", size.get("shortest_edge", 128 * 784))
    return qwen_video.VideoLayout(
        min_pixels=shortest, max_pixels=given.get("max_pixels", size.get("longest_edge", 768 * 784))
    )


def resized(case, arrays):
    frames = torch.from_numpy(arrays[case["frames_key"]])[slice(*case.get("frames_slice", [None]))]
    return qwen_video.resize(frames, layout_of(case))


def wave_of(case, arrays):
    return arrays[case["wave_key"]][slice(*case.get("wave_slice", [None]))]


@pytest.mark.parametrize("name", CASES["video"])
def test_pixels_and_grids_are_equal(name, arrays):
    case = CASES["video"][name]
    frames, layout = resized(case, arrays), layout_of(case)
    shape = qwen_video.grid(frames, layout)
    rows = qwen_video.patches(frames, layout).numpy()
    assert [list(shape)] == case["expected"]["video_grid_thw"]
    assert list(rows.shape) == case["expected"]["pixel_values_videos_shape"]
    assert qwen_video.token_count(shape, layout) == case["expected"]["n_video_tokens"]
    if case.get("store_rows"):
        np.testing.assert_array_equal(
            rows[case["expected"]["row_index"]], arrays[f"{name}.pixel_values_videos_rows"]
        )
        assert rows.mean(dtype=np.float64) == pytest.approx(case["expected"]["float64_mean"], abs=1e-12)
    else:
        stored = case["expected"].get("pixel_values_videos_same_as", name)
        np.testing.assert_array_equal(rows, arrays[f"{stored}.pixel_values_videos"])


@pytest.mark.parametrize("name", CASES["audio"])
def test_mel_features_are_equal(name, arrays, extractor):
    case, expected = CASES["audio"][name], CASES["audio"][name]["expected"]
    features, valid = qwen_audio.mel(wave_of(case, arrays), extractor, seconds=30.0)
    stored = expected["n_stored_frames"]
    assert valid == expected["n_valid_frames"]
    assert features.shape == (128, expected["padded_frames"])
    assert qwen_audio.token_count(valid) == expected["n_audio_tokens"]
    np.testing.assert_allclose(features[:, :stored], arrays[f"{name}.input_features"], atol=2.6e-5)
    np.testing.assert_allclose(features[:, stored:], expected["fill_value"], atol=2.6e-5)


def expanded(case, tokenizer):
    """Return the layout of each prompt of a case; media are listed in reading order over the batch."""
    seconds = 2 / (case["videos_kwargs"] or {}).get("fps", 2.0)
    videos = iter(
        [
            VideoShape(tuple(CASES["video"][v]["expected"]["video_grid_thw"][0]), seconds)
            for v in case["videos"]
        ]
    )
    audios = iter([CASES["audio"][a]["expected"]["n_audio_tokens"] for a in case["audios"]])
    expander = Expander(IDS, Timing(), interleaved=case["interleaved"])
    layouts = []
    for text in case["text"]:
        ids = tokenizer(text)["input_ids"]
        own_videos = [next(videos) for _ in range(ids.count(IDS.video))]
        own_audios = [
            next(audios) for _ in range(len(own_videos) if case["interleaved"] else ids.count(IDS.audio))
        ]
        layouts.append(expander.expand(ids, own_videos, own_audios))
    return layouts


@pytest.mark.parametrize("name", CASES["prompts"])
def test_placeholder_runs_and_positions_are_equal(name, arrays, tokenizer):
    layouts = expanded(CASES["prompts"][name], tokenizer)
    mask = arrays[f"{name}.attention_mask"].astype(bool)
    for row, layout in enumerate(layouts):
        np.testing.assert_array_equal(layout.tokens, arrays[f"{name}.input_ids"][row][mask[row]])
        np.testing.assert_array_equal(layout.positions, arrays[f"{name}.position_ids"][:, row][:, mask[row]])
        delta = layout.positions.max() + 1 - len(layout.tokens)
        assert delta == arrays[f"{name}.rope_deltas"][row, 0]


@pytest.fixture
def model(monkeypatch, arrays):
    """Return a loader of the recorded model whose media come from the recorded arrays."""
    monkeypatch.setattr(media, "frames", lambda path, *_, **__: arrays[f"raw.frames_{path.stem}"])
    monkeypatch.setattr(media, "sound", lambda path, **_: arrays[f"raw.wave_{path.stem}"])

    def load(**options):
        return qwen_omni.load(
            FOLDER / "tiny_model", fps=2.0, min_pixels=3136, max_pixels=602112, dtype="float32", **options
        )

    return load


@pytest.mark.parametrize("attention", ["tree", "sdpa", "eager"])
@pytest.mark.parametrize("name", CASES["model"])
def test_logits_and_log_probabilities_are_equal(name, attention, arrays, model, monkeypatch):
    case = CASES["model"][name]
    wanted = CASES["prompts"][case["prompt"]]
    thinker = model(interleaved=wanted["interleaved"], attention=attention)
    monkeypatch.setattr(thinker.packer.processor, "render", lambda *_: wanted["text"][0])
    video, audio = Medium(path=Path("96x128_t8.mp4")), Medium(path=Path("3p7s.wav"))
    prompt = Prompt(text="", video=video, audio=audio)

    packed_prompts = thinker.packer.pack_prompts([prompt])
    with torch.no_grad():
        states = thinker.log_probs.states(packed_prompts.packed).flatten(0, 1)[packed_prompts.places[0][-8:]]
        logits = thinker.log_probs.base_model.lm_head(states)
    np.testing.assert_allclose(logits, arrays[f"{name}.last_logits"], atol=2e-5)

    candidates = [Candidate(prompt=prompt, response=r.removesuffix("<|im_end|>")) for r in case["responses"]]
    encoded = thinker.encode(candidates)
    for number in range(2):
        ids = encoded.targets[encoded.owners == number].tolist()
        assert ids == arrays[f"{name}.response{number}_ids"].tolist()
    expected = [case["expected"][f"response{number}_logprob_sum"] for number in range(2)]
    assert thinker.score(candidates) == pytest.approx(expected, abs=5e-5)
