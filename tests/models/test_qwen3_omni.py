"""Qwen3-Omni: positions and token counts of the library, adapted experts, the hub's spelling of weights."""

import json
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from tests.oracles import qwen3_omni as oracle
from transformers.models.qwen3_omni_moe.processing_qwen3_omni_moe import _get_feat_extract_output_lengths

import avere
from avere import media
from avere.errors import AvereError
from avere.interfaces import Candidate, Prompt, Scorer
from avere.models import qwen3_omni, tiny
from avere.models.packing.folder import write_inputs
from avere.models.qwen.positions import VideoShape
from avere.models.qwen.processor import QwenProcessor
from avere.models.qwen3.processor import count_sound_tokens
from avere.records import Medium


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    folder = tmp_path_factory.mktemp("base")
    qwen3_omni.example(folder)
    return folder


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    drawn = np.random.default_rng(0)
    frames = drawn.integers(0, 255, (8, 64, 64, 3), dtype=np.uint8)
    wave = (0.2 * drawn.standard_normal(24_000)).astype(np.float32)
    clip = tmp_path_factory.mktemp("clip") / "clip.mp4"
    media.write_video(clip, frames, fps=10.0, wave=wave, rate=16_000)
    seen = Medium(path=clip)
    return [
        Candidate(prompt=Prompt(text="What do you hear?", video=video, audio=audio), response=response)
        for video, audio in ((seen, seen), (seen, None), (None, seen), (None, None))
        for response in ("Yes, laughter.", "No.")
    ]


def processor_of(model):
    processor = model.packer.processor
    assert isinstance(processor, QwenProcessor)
    return processor


@pytest.mark.parametrize("frames", [1, 7, 8, 99, 100, 101, 150, 297, 3000])
def test_sounds_have_as_many_tokens_as_in_the_library(frames):
    assert count_sound_tokens(frames) == _get_feat_extract_output_lengths(torch.tensor(frames)).item()


@pytest.mark.parametrize("seconds", [0.5, 0.7, 2.0])
@pytest.mark.parametrize(
    ("heard", "interleaved"), [(0, False), *((count, how) for count in (9, 26, 60) for how in (False, True))]
)
def test_positions_are_those_of_the_library(base, seconds, heard, interleaved):
    model = qwen3_omni.load(base)
    rules = processor_of(model).expander._replace(interleaved=interleaved)
    network: Any = model.log_probs.base_model
    ids, words = rules.ids, [300, 301]
    see = [network.config.vision_start_token_id, ids.video, network.config.vision_end_token_id]
    hear = [] if interleaved or not heard else [ids.audio_start, ids.audio, ids.audio_end]
    shape = VideoShape((3, 4, 8), seconds)
    found = rules.expand([*words, *see, *hear, *words], [shape], [heard] if heard else [])
    frames = next((n for n in range(1, 800) if count_sound_tokens(n) == heard), 0)
    expected, _ = network.get_rope_index(
        torch.from_numpy(found.tokens)[None],
        video_grid_thw=torch.tensor([shape.grid]),
        attention_mask=torch.ones(1, len(found.tokens), dtype=torch.long),
        use_audio_in_video=interleaved,
        audio_seqlens=torch.tensor([frames]),
        second_per_grids=torch.tensor([seconds]),
    )
    np.testing.assert_allclose(found.positions, expected[:, 0].numpy(), rtol=0, atol=1e-5)


def test_sound_inside_a_video_is_read_as_by_the_library(base, asked):
    model = qwen3_omni.load(base, interleaved=True)
    given = asked[:2]
    places = model.packer.pack_prompts([given[0].prompt]).packed.positions.flatten(1)
    assert len(torch.unique(places[0])) > places.shape[1] // 8
    assert model.score(given)[0] != qwen3_omni.load(base).score(given)[0]


def test_adapters_stay_out_of_the_encoders_and_leave_routers_alone(base):
    model = qwen3_omni.load(base)
    model.add_lora(rank=2)
    names = [name for name, weight in model.module.named_parameters() if weight.requires_grad]
    assert len(names) == 3 * 4 * 2  # layers, projections, both factors
    assert all("language_model" in name and "self_attn" in name for name in names)


def test_adapted_experts_train_save_load_and_merge(base, asked, tmp_path):
    model = qwen3_omni.load(base)
    model.add_lora(rank=2, experts=True)
    trained = [weight for name, weight in model.module.named_parameters() if weight.requires_grad]
    assert any("experts" in name for name, weight in model.module.named_parameters() if weight.requires_grad)
    for number, weight in enumerate(trained):
        weight.data += 0.05 * torch.randn(weight.shape, generator=torch.Generator().manual_seed(number))
    found = model.score(asked)
    assert found == pytest.approx([oracle.alone(model, each).item() for each in asked], abs=2e-5)
    with model.as_reference():
        assert model.score(asked) == pytest.approx(qwen3_omni.load(base).score(asked), abs=1e-6)
    model.save(tmp_path)
    assert qwen3_omni.load(tmp_path).score(asked) == pytest.approx(found, abs=1e-6)
    model.merge()
    assert model.score(asked) == pytest.approx(found, abs=2e-5)


@pytest.mark.parametrize("wrong", [{"dropout": 0.1}, {"dora": True}])
def test_experts_take_plain_updates_only(base, wrong):
    with pytest.raises(AvereError, match="experts"):
        qwen3_omni.load(base).add_lora(experts=True, **wrong)


def test_a_model_without_experts_says_so():
    with pytest.raises(AvereError, match="there are none"):
        tiny.load().add_lora(experts=True)


def test_the_thinker_of_a_hub_checkpoint_is_found(base, asked, tmp_path):
    """The hub's folders keep each expert apart and hold a talker as well."""
    model = qwen3_omni.load(base)
    model.tokenizer.save_pretrained(tmp_path)
    write_inputs(tmp_path, model.family.name, model.options.inputs())
    inner = json.loads((base / "config.json").read_text())
    (tmp_path / "config.json").write_text(
        json.dumps({"model_type": "qwen3_omni_moe", "thinker_config": inner})
    )
    weights = {f"thinker.{name}": weight for name, weight in load_file(base / "model.safetensors").items()}
    assert any(".experts.0.gate_proj." in name for name in weights), "as the hub spells them"
    weights["talker.codec_head.weight"] = torch.zeros(2, 2)
    save_file(weights, tmp_path / "model.safetensors", {"format": "pt"})
    again = avere.load(tmp_path)
    assert isinstance(again, Scorer)
    assert again.score(asked) == pytest.approx(model.score(asked), abs=1e-6)


def test_areas_of_frames_are_the_published_ones(base):
    model = qwen3_omni.load(base)
    layout = processor_of(model).reader.layout
    assert (layout.patch, layout.min_pixels, layout.max_pixels) == (16, 128 * 1024, 768 * 1024)


def test_features_behind_the_last_layer_are_refused(base, tmp_path):
    content = json.loads((base / "config.json").read_text())
    content["text_config"]["num_hidden_layers"] = 1
    (tmp_path / "config.json").write_text(json.dumps(content))
    with pytest.raises(AvereError, match="behind 1 of 1 layers"):
        qwen3_omni.load(tmp_path)
