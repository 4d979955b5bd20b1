"""Tiny thinkers: same arguments, same bytes; loadable; of the announced size."""

import pytest
import torch
from transformers import AutoConfig, Qwen2_5OmniThinkerForConditionalGeneration

from avere.errors import AvereError
from avere.models import tiny
from avere.models.packing.weights import digest_weights


def test_same_arguments_same_bytes(base, tmp_path):
    words = ["what do you hear see why the person smiles laughs cries yes no because of a red shirt rain"]
    tiny.build(tiny.smallest(), words, tmp_path / "again", seed=0)
    tiny.build(tiny.smallest(), words, tmp_path / "other", seed=1)
    for file in base.iterdir():
        assert (tmp_path / "again" / file.name).read_bytes() == file.read_bytes()
    assert digest_weights(tmp_path / "other") != digest_weights(base)


def test_text_survives_the_tokenizer(model):
    text = "what? Ünïcode \n and <tags>"
    assert model.tokenizer.decode(model.tokenizer(text)["input_ids"]) == text
    assert len(model.tokenizer("<|VIDEO|><|im_end|>")["input_ids"]) == 2


def test_the_library_reads_the_folder(base):
    assert AutoConfig.from_pretrained(base).model_type == "qwen2_5_omni_thinker"


def test_the_default_shape_is_small():
    with torch.device("meta"):
        thinker = Qwen2_5OmniThinkerForConditionalGeneration(tiny.architecture(tiny.TinyConfig(), 1500))
    assert 2.5e6 < sum(weight.numel() for weight in thinker.parameters()) < 4.5e6


def test_an_installation_without_weights_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(tiny, "SHIPPED", tmp_path)
    with pytest.raises(AvereError, match="no tiny base"):
        tiny.load()
