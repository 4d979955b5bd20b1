"""An official checkpoint becomes a model folder: every tensor once or named, and nothing half-written."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from tests.oracles.avere_7b import tokenizer

import avere
from avere.errors import AvereError
from avere.interfaces import Candidate, Prompt
from avere.models import avere_omni
from avere.models.avere_7b.conversion.road import convert_checkpoint
from avere.models.avere_7b.names import translate_checkpoint

RECORDED = Path(__file__).parents[1] / "parity" / "avere_7b" / "weights.safetensors"
LANGUAGE = {
    **{"model_type": "videollava", "vocab_size": 300, "hidden_size": 64, "intermediate_size": 128},
    **{"num_hidden_layers": 2, "num_attention_heads": 4, "max_position_embeddings": 1024},
    **{"rms_norm_eps": 1e-5, "mm_projector_type": "mlp2x_gelu", "speech_projector_type": "qformer"},
}
VISION = {
    **{"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 3, "num_attention_heads": 4},
    **{"image_size": 28, "patch_size": 14, "num_frames": 8, "hidden_act": "gelu", "add_time_attn": True},
}
SPEECH = {
    **{"d_model": 32, "encoder_layers": 2, "encoder_attention_heads": 4, "encoder_ffn_dim": 64},
    **{"num_mel_bins": 128, "max_source_positions": 1500},
}
BERT = {"hidden_size": 48, "num_attention_heads": 4, "intermediate_size": 96, "num_hidden_layers": 12}
TOWERS = {
    "model.video_tower.video_tower.": "vision_model.",
    "model.speech_tower.speech_tower.": "model.encoder.",
}
QUESTION = Candidate(prompt=Prompt(text="What do you hear?"), response="Yes, rain")


@pytest.fixture(scope="module")
def weights():
    """Return the weights of a tiny model under the published names."""
    return load_file(RECORDED)


@pytest.fixture(scope="module")
def expected(weights):
    """Return them under ours."""
    return {ours: weights[name] for name in weights if (ours := translate_checkpoint(name)) is not None}


def write_json(file, content):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content))


def write_shards(folder, weights, *, pickled, count=2):
    """Write weights into several files with an index."""
    names = sorted(weights)
    places: dict[str, str] = {}
    kind, stem = ("bin", "pytorch_model") if pickled else ("safetensors", "model")
    for number in range(count):
        some = {name: weights[name] for name in names[number::count]}
        file = folder / f"{stem}-{number}.{kind}"
        torch.save(some, file) if pickled else save_file(some, file)
        places |= dict.fromkeys(some, file.name)
    write_json(folder / f"{stem}.{kind}.index.json", {"metadata": {}, "weight_map": places})


def write_backbones(folder, weights):
    """Write the frozen parts as their own checkpoints, with the halves that are not used."""
    for (tower, prefix), name, extra, config in zip(
        TOWERS.items(),
        ("LanguageBind_Video_merge", "whisper-large-v3"),
        ("text_model.final_layer_norm.weight", "model.decoder.layer_norm.weight"),
        ({"vision_config": VISION}, SPEECH),
        strict=True,
    ):
        own = {
            prefix + key.removeprefix(tower): each for key, each in weights.items() if key.startswith(tower)
        }
        write_json(folder / name / "config.json", config)
        torch.save(own | {extra: torch.ones(2)}, folder / name / "pytorch_model.bin")
    write_json(folder / "bert-base-uncased" / "config.json", BERT)
    return folder


def without_towers(weights):
    return {name: each for name, each in weights.items() if not name.startswith(tuple(TOWERS))}


@pytest.fixture
def source(tmp_path, weights):
    """Return the folder of a checkpoint without its encoders, and that of the backbones."""
    folder = tmp_path / "AVERE-7B"
    write_json(folder / "config.json", LANGUAGE)
    tokenizer(300).save_pretrained(folder)
    write_shards(folder, without_towers(weights), pickled=True)
    return folder, write_backbones(tmp_path / "backbones", weights)


def stored_in(folder):
    index = json.loads((folder / "model.safetensors.index.json").read_text())["weight_map"]
    found: dict[str, torch.Tensor] = {}
    for file in sorted(set(index.values())):
        found |= load_file(folder / file)
    assert found.keys() == index.keys()
    return found


def assert_same(found, expected):
    assert found.keys() == expected.keys()
    for name, tensor in expected.items():
        assert torch.equal(found[name], tensor), name


@pytest.mark.parametrize("pickled", [True, False])
@pytest.mark.parametrize("towers", [True, False])
def test_every_tensor_is_used_once_or_named(source, weights, expected, tmp_path, pickled, towers):
    folder, backbones = source
    for file in folder.glob("pytorch_model*"):
        file.unlink()
    own = weights if towers else without_towers(weights)
    write_shards(folder, own, pickled=pickled)
    done = convert_checkpoint(folder, backbones, tmp_path / "out")
    assert_same(stored_in(tmp_path / "out"), expected)
    told = json.loads((tmp_path / "out" / "conversion.json").read_text())
    left = [name for names in told["left_out"].values() for name in names]
    # Three buffers, the norm behind the video encoder and a text half or decoder change nothing.
    assert (
        sum(done.unused.values())
        == len(left)
        == len(own) + len(weights) - len(without_towers(weights)) + 2 - len(expected)
    )
    assert done.weights == len(expected)
    model: Any = avere.load(tmp_path / "out", dtype="float32", device="cpu")
    assert model.packer.processor.tokenizer.convert_tokens_to_ids("<video>") == 300
    assert "curious user and" in model.packer.processor.render(QUESTION.prompt, [])
    assert torch.isfinite(torch.tensor(model.score([QUESTION]))).all()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["AVERE-7B", "backbones", "out"]


def test_a_projector_beside_the_checkpoint_is_used(source, weights, expected, tmp_path):
    folder, backbones = source
    for file in folder.glob("pytorch_model*"):
        file.unlink()
    speech = {name: each for name, each in weights.items() if name.startswith("model.speech_projector.")}
    rest = {name: each for name, each in without_towers(weights).items() if name not in speech}
    torch.save(rest, folder / "pytorch_model.bin")
    torch.save({}, folder / "speech_projector.bin")
    with pytest.raises(AvereError, match="of speech_encoder"):
        convert_checkpoint(folder, backbones, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    torch.save(speech, folder / "speech_projector.bin")
    convert_checkpoint(folder, backbones, tmp_path / "out")
    assert_same(stored_in(tmp_path / "out"), expected)


def test_a_lora_and_what_was_trained_beside_it_are_folded(source, weights, expected, tmp_path):
    """W + alpha / r · B A, here 2 · B A; the projector of the LoRA's folder wins over that of the base."""
    base, backbones = source
    folder = tmp_path / "lora"
    name = "layers.1.self_attn.q_proj"
    down, up = torch.randn(4, 64), torch.randn(64, 4)
    prefix = f"base_model.model.model.{name}"
    write_json(
        folder / "adapter_config.json", {"r": 4, "lora_alpha": 8, "base_model_name_or_path": str(base)}
    )
    torch.save({f"{prefix}.lora_A.weight": down, f"{prefix}.lora_B.weight": up}, folder / "adapter_model.bin")
    bias = torch.randn(64)
    torch.save({"base_model.model.model.mm_projector.2.bias": bias}, folder / "non_lora_trainables.bin")
    convert_checkpoint(folder, backbones, tmp_path / "out")
    changed = dict(expected)
    ours = f"model.language_model.{name}.weight"
    changed[ours] = expected[ours] + 2 * up @ down
    changed["model.video_encoder.projector.2.bias"] = bias
    assert_same(stored_in(tmp_path / "out"), changed)
    torch.save(
        {f"{prefix}.lora_A.weight": down[:, 1:], f"{prefix}.lora_B.weight": up}, folder / "adapter_model.bin"
    )
    with pytest.raises(AvereError, match="is an adapter of another base"):
        convert_checkpoint(folder, backbones, tmp_path / "other")


def test_as_published_keeps_the_flaws(source, tmp_path):
    folder, backbones = source
    convert_checkpoint(folder, backbones, tmp_path / "right")
    convert_checkpoint(folder, backbones, tmp_path / "flawed", as_published=True)
    told = [json.loads((tmp_path / name / "avere.json").read_text()) for name in ("right", "flawed")]
    assert told == [
        {"family": "avere_7b", "channels": "mean", "flip": "never", "media_order": "video_first"},
        {"family": "avere_7b", "channels": "first", "flip": "half", "media_order": "video_first"},
    ]
    words = [(tmp_path / name / "chat_template.jinja").read_text() for name in ("right", "flawed")]
    assert ["human" in text for text in words] == [False, True]
    sampling = [
        json.loads((tmp_path / name / "generation_config.json").read_text()).get("temperature")
        for name in ("right", "flawed")
    ]
    assert sampling == [None, 0.1]
    right, flawed = (avere_omni.load(tmp_path / name) for name in ("right", "flawed"))
    assert right.fingerprint != flawed.fingerprint


def lose_a_shard(folder, backbones):
    (folder / "pytorch_model-1.bin").unlink()


def tear_a_shard(folder, backbones):
    file = folder / "pytorch_model-1.bin"
    file.write_bytes(file.read_bytes()[:9000])


def tear_safetensors(folder, backbones):
    whole = RECORDED.read_bytes()
    for file in folder.glob("pytorch_model*"):
        file.unlink()
    (folder / "model.safetensors").write_bytes(whole[: len(whole) // 2])


def plant_code(folder, backbones):
    torch.save({"a": Path("/")}, folder / "pytorch_model-1.bin")


def store_a_list(folder, backbones):
    torch.save([torch.ones(2)], folder / "pytorch_model-1.bin")


def promise_more_words(folder, backbones):
    write_json(folder / "config.json", LANGUAGE | {"vocab_size": 301})


def promise_more_layers(folder, backbones):
    write_json(folder / "config.json", LANGUAGE | {"num_hidden_layers": 3})


def promise_fewer_layers(folder, backbones):
    write_json(folder / "config.json", LANGUAGE | {"num_hidden_layers": 1})


def be_another_model(folder, backbones):
    write_json(folder / "config.json", LANGUAGE | {"model_type": "qwen2"})


def be_another_projector(folder, backbones):
    write_json(folder / "config.json", LANGUAGE | {"speech_projector_type": "naive"})


def hold_strange_weights(folder, backbones):
    torch.save({"model.layers.0.self_attn.q_norm.weight": torch.ones(2)}, folder / "speech_projector.bin")


def lack_speech(folder, backbones):
    shutil.rmtree(backbones / "whisper-large-v3")


def lack_time(folder, backbones):
    told = {"vision_config": VISION | {"add_time_attn": False}}
    write_json(backbones / "LanguageBind_Video_merge" / "config.json", told)


def lack_the_tokenizer(folder, backbones):
    for file in folder.glob("tokenizer*"):
        file.unlink()


FAULTS = {
    lose_a_shard: "lacks 1 of its 2 files of weights, 'pytorch_model-1.bin' among them",
    tear_a_shard: "no file of tensors that can be read without running its code",
    tear_safetensors: "model.safetensors' cannot be read",
    plant_code: "no file of tensors that can be read without running its code",
    store_a_list: "holds other things than named tensors",
    promise_more_words: r"of shape \[300, 64\], and config.json promises \[301, 64\]",
    promise_more_layers: "weights are nowhere in .*layers.2.*of language",
    promise_fewer_layers: "beyond the layers that config.json tells",
    be_another_model: "holds a model of type 'qwen2'",
    be_another_projector: "says speech_projector_type='naive', and this conversion knows 'qformer' alone",
    hold_strange_weights: "1 weights that no part of AVERE-7B has, 'model.layers.0.self_attn.q_norm.weight'",
    lack_speech: "of speech_encoder",
    lack_time: "says add_time_attn=false",
    lack_the_tokenizer: "holds no tokenizer.json",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_one_line_and_leave_nothing(source, tmp_path, fault):
    folder, backbones = source
    fault(folder, backbones)
    with pytest.raises(AvereError, match=FAULTS[fault]) as error:
        convert_checkpoint(folder, backbones, tmp_path / "out")
    assert "\n" not in str(error.value)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["AVERE-7B", "backbones"]


def test_what_is_there_is_not_written_over(source, tmp_path):
    folder, backbones = source
    with pytest.raises(AvereError, match="holds something already"):
        convert_checkpoint(folder, backbones, backbones)


def test_the_command_converts_or_says_why_not(source, tmp_path, command):
    folder, backbones = source
    said = command("convert", "avere-7b", folder, "--backbones", backbones, "--out", tmp_path / "out")
    assert said.code == 0
    assert "weights, 0.0 GB, in" in said.out
    assert "tensors left out: no effect on the model" in said.out
    said = command("convert", "avere-7b", tmp_path / "nothing", "--out", tmp_path / "other")
    assert said.code == 2
    assert said.err.startswith("avere: '")
    assert said.err.count("\n") == 1
