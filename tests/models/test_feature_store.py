"""Kept features come back to the bit, media undecoded; torn and foreign files are not trusted."""

import os

import pytest
import torch
from safetensors.torch import load_file

from avere.errors import AvereError
from avere.interfaces import Candidate, Prompt
from avere.models import qwen_omni
from avere.models.packing import feature_store
from avere.models.packing.feature_store import FeatureStore, Kept
from avere.records import Corruption, Medium


def candidates(clips):
    first, second = (Medium(path=path) for path in clips[:2])
    prompts = [Prompt(text="what do you see", video=first, audio=sound) for sound in (first, second)]
    return [Candidate(prompt=prompt, response="the rain") for prompt in prompts]


def keeping(base, folder, **options):
    """Return a model that keeps features, and the number of media that its encoders saw, a list of ones."""
    return watching(qwen_omni.load(base, device="cpu", **options), folder)


def watching(model, folder):
    model.keep_features(folder, 10**9)
    seen = []
    for encoder in (model.log_probs.base_model.model.visual, model.log_probs.base_model.model.audio_tower):
        encoder.register_forward_hook(lambda *_: seen.append(1))
    return model, seen


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_encoders_see_a_medium_once_over_all_runs(base, clips, tmp_path, dtype):
    given = candidates(clips)
    expected = qwen_omni.load(base, device="cpu", dtype=dtype).score(given)
    for count in (3, 0):
        model, seen = keeping(base, tmp_path, dtype=dtype)
        assert model.score(given) == expected
        # One video and two sounds; the second order of readings holds nothing new.
        assert model.score(given[::-1]) == expected[::-1]
        assert len(seen) == count
    kept = FeatureStore(tmp_path, 0)
    found = [kept.find(file.stem) for file in tmp_path.iterdir()]
    assert {kept.features.dtype for kept in found if kept is not None} == {getattr(torch, dtype)}


def test_what_is_torn_or_foreign_is_computed_again(base, clips, tmp_path):
    given = candidates(clips)
    model, _ = keeping(base, tmp_path)
    expected = model.score(given)
    files = sorted(tmp_path.iterdir(), key=lambda file: file.stat().st_size)
    whole = [file.read_bytes() for file in files]
    files[0].write_bytes(whole[0][:-1])
    files[1].write_bytes(whole[2])
    files[2].write_bytes(whole[2][:-4] + bytes(4))
    model, seen = keeping(base, tmp_path)
    assert model.score(given) == expected
    assert len(seen) == 3
    model, seen = keeping(base, tmp_path)
    assert model.score(given) == expected
    assert not seen


def test_no_more_is_written_than_the_bound(tmp_path, caplog):
    content = torch.arange(1000.0)
    size = 4000
    FeatureStore(tmp_path, 10**6).add("a", Kept(content, "[1000]"))
    store = FeatureStore(tmp_path, int(2.5 * size))
    for name in "bcd":
        store.add(name, Kept(content, "[1000]"))
    assert sorted(file.stem for file in tmp_path.iterdir()) == ["a", "b"]
    assert caplog.text.count("is full") == 1
    kept = store.find("a")
    assert kept is not None
    assert torch.equal(kept.features, content)
    assert kept.outline == "[1000]"
    assert store.find("c") is None


def test_an_interrupted_write_leaves_nothing_that_counts(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(os.strerror(28))

    monkeypatch.setattr(feature_store, "save_file", full)
    with pytest.raises(OSError, match="space"):
        FeatureStore(tmp_path, 10**6).add("a", Kept(torch.ones(3), ""))
    assert not list(tmp_path.iterdir())


def test_every_ingredient_alone_changes_the_key(base, clips, tmp_path):
    clear = Medium(path=clips[0])

    def names(medium=clear, modality="video", change=lambda _: None, autocast=None, **options):
        model = qwen_omni.load(base, **{"device": "cpu", **options})
        change(model)
        model.keep_features(tmp_path / "kept", 10**9, autocast)
        packer = model.packer
        assert packer.kept is not None
        return packer.kept.key(packer.medium_digest(modality, medium))

    def noisy(**changes):
        return names(
            Medium(path=clips[0], corruption=Corruption(**{"kind": "noise", "level": 0.5, **changes}))
        )

    def other_weights(model):
        with torch.no_grad():
            next(model.log_probs.encoders[1].parameters()).flatten()[0] += 1

    def other_sound(model):
        model.packer.processor.reader.extractor.hop_length = 80

    def eager(model):
        model.log_probs.base_model.set_attn_implementation({"vision_config": "eager"})

    found = [
        names(),
        names(autocast="bfloat16"),
        names(modality="audio"),
        names(Medium(path=clips[1])),
        noisy(seed=1),
        noisy(seed=2),
        noisy(level=0.6),
        noisy(kind="diffusion"),
        names(change=other_weights),
        names(change=other_sound),
        names(change=eager),
        names(size=(84, 84)),
        names(frames=1),
        names(dtype="bfloat16"),
    ]
    assert len(set(found)) == len(found)
    copy = tmp_path / "copy.mp4"
    copy.write_bytes(clips[0].read_bytes())
    assert names(Medium(path=copy)) == names()

    def adapted(model):
        model.add_lora()

    def other_language(model):
        with torch.no_grad():
            model.log_probs.active.get_input_embeddings().weight[0, 0] += 1

    assert names(change=adapted) == names(change=other_language) == names()


def test_encoders_that_train_are_refused(base, tmp_path):
    model = qwen_omni.load(base, device="cpu", train_encoders=True)
    with pytest.raises(AvereError, match="cache_features=false"):
        model.keep_features(tmp_path, 10**9)


def test_media_with_kept_features_are_not_decoded(base, clips, tmp_path, monkeypatch):
    given = candidates(clips)
    model, _ = keeping(base, tmp_path)
    expected, tokens = model.score(given), model.media_tokens(given[1].prompt)
    counts = model.count_tokens(given)
    later, seen = keeping(base, tmp_path)
    monkeypatch.setattr(later.packer.processor, "read", None)
    assert later.score(given) == expected
    assert later.media_tokens(given[1].prompt) == tokens
    assert later.count_tokens(given) == counts
    assert later.fault(given[0].prompt) is None
    assert not seen


def test_kept_and_fresh_media_stand_side_by_side(base, clips, tmp_path):
    first, both = candidates(clips)[:1], candidates(clips)
    expected = qwen_omni.load(base, device="cpu").score(both)
    keeping(base, tmp_path)[0].score(first)
    model, seen = keeping(base, tmp_path)
    assert model.score(both) == expected
    assert len(seen) == 1


def test_adapted_models_share_the_features_of_their_base(base, clips, tmp_path):
    given = candidates(clips)
    keeping(base, tmp_path / "kept")[0].score(given)
    adapted = qwen_omni.load(base, device="cpu")
    adapted.add_lora(seed=3)
    with torch.no_grad():
        for name, weight in adapted.module.named_parameters():
            if "lora_B" in name:
                weight.fill_(0.1)
    adapted.save(tmp_path / "adapter")
    expected = qwen_omni.load(tmp_path / "adapter", device="cpu").score(given)
    model, seen = watching(qwen_omni.load(tmp_path / "adapter", device="cpu"), tmp_path / "kept")
    assert model.score(given) == expected
    assert not seen


def test_features_are_computed_as_declared_in_any_context(base, clips, tmp_path):
    given = candidates(clips)
    model = qwen_omni.load(base, device="cpu")
    model.keep_features(tmp_path, 10**9, "bfloat16")
    outside = model.score(given)
    model = qwen_omni.load(base, device="cpu")
    model.keep_features(tmp_path / "again", 10**9, "bfloat16")
    with torch.autocast("cpu", torch.bfloat16):
        model.score(given)
    first, second = ({file.name: load_file(file)["features"] for file in folder.glob("*.safetensors")}
                     for folder in (tmp_path, tmp_path / "again"))  # fmt: skip
    assert len(first) == len(second) == 3
    assert all(torch.equal(features, second[name]) for name, features in first.items())
    assert outside == pytest.approx(qwen_omni.load(base, device="cpu").score(given), rel=0.05)
