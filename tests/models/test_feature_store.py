"""Kept features come back to the bit; torn and foreign files are not trusted, the bound is kept."""

import os

import pytest
import torch

from avere.errors import AvereError
from avere.interfaces import Candidate, Prompt
from avere.models import qwen_omni
from avere.models.packing import feature_store
from avere.models.packing.feature_store import FeatureStore, feature_key
from avere.records import Corruption, Medium


def candidates(clips):
    first, second = (Medium(path=path) for path in clips[:2])
    prompts = [Prompt(text="what do you see", video=first, audio=sound) for sound in (first, second)]
    return [Candidate(prompt=prompt, response="the rain") for prompt in prompts]


def keeping(base, folder, **options):
    """Return a model that keeps features, and the number of media that its encoders saw, a list of ones."""
    model = qwen_omni.load(base, device="cpu", **options)
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
    assert {features.dtype for features in found if features is not None} == {getattr(torch, dtype)}


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
    FeatureStore(tmp_path, 10**6).add("a", content)
    store = FeatureStore(tmp_path, int(2.5 * size))
    for name in "bcd":
        store.add(name, content)
    assert sorted(file.stem for file in tmp_path.iterdir()) == ["a", "b"]
    assert caplog.text.count("is full") == 1
    kept = store.find("a")
    assert kept is not None
    assert torch.equal(kept, content)
    assert store.find("c") is None


def test_an_interrupted_write_leaves_nothing_that_counts(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(os.strerror(28))

    monkeypatch.setattr(feature_store, "save_file", full)
    with pytest.raises(OSError, match="space"):
        FeatureStore(tmp_path, 10**6).add("a", torch.ones(3))
    assert not list(tmp_path.iterdir())


def test_every_ingredient_alone_changes_the_key(base, clips, tmp_path):
    clear = Medium(path=clips[0])

    def names(medium=clear, modality="video", change=lambda _: None, **options):
        model = qwen_omni.load(base, **{"device": "cpu", **options})
        change(model)
        packer, module = model.packer, model.log_probs
        return feature_key(model.fingerprint, packer.medium_digest(modality, medium), module._machine())

    def noisy(**changes):
        return names(
            Medium(path=clips[0], corruption=Corruption(**{"kind": "noise", "level": 0.5, **changes}))
        )

    def other_weights(model):
        model.fingerprint = "others"

    def other_sound(model):
        model.packer.processor.reader.extractor.hop_length = 80

    def eager(model):
        model.log_probs.base_model.set_attn_implementation({"vision_config": "eager"})

    with torch.autocast("cpu", torch.bfloat16):
        found = [names()]
    found += [
        names(),
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


def test_encoders_that_train_are_refused(base, tmp_path):
    model = qwen_omni.load(base, device="cpu", train_encoders=True)
    with pytest.raises(AvereError, match="cache_features=false"):
        model.keep_features(tmp_path, 10**9)
