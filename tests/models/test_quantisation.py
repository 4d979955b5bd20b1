"""Four-bit weights: what is asked of the library, where it is refused, and on a card that adapters learn."""

from importlib.util import find_spec

import pytest
import torch

from avere.errors import AvereError
from avere.interfaces import Candidate, Prompt
from avere.models import qwen_omni
from avere.models.packing import loading, quantisation, weights
from avere.models.packing.folder import open_tokenizer
from avere.models.qwen.family import FAMILY
from avere.models.qwen.options import QwenOptions
from avere.preference.train import checkpoint_gradients
from avere.records import Medium


def test_the_language_model_is_quantised_and_nothing_else():
    given = quantisation.arguments(torch.device("cuda:1"), torch.bfloat16, FAMILY.whole)
    assert given["device_map"] == {"": torch.device("cuda:1")}
    config = given["quantization_config"]
    assert config.quantization_method() == "nf4"
    assert config.bnb_4bit_use_double_quant
    assert config.bnb_4bit_compute_dtype == torch.bfloat16
    assert set(config.llm_int8_skip_modules) == {"model.visual", "model.audio_tower", "lm_head"}


def test_without_a_card_or_the_library_nothing_is_loaded(monkeypatch):
    def never(*_):
        raise AssertionError("looked for weights")

    monkeypatch.setattr(loading, "locate_folder", never)
    with pytest.raises(AvereError, match="needs a CUDA device, and this is 'cpu'"):
        qwen_omni.load("somewhere", device="cpu", quantise="nf4")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(quantisation, "is_bitsandbytes_available", lambda: False)
    with pytest.raises(AvereError, match=r"pip install '\.\[qlora\]'"):
        qwen_omni.load("somewhere", device="cuda", quantise="nf4")


def test_four_bits_have_a_fingerprint_of_their_own(base):
    tokenizer = open_tokenizer(base)
    found = [
        weights.fingerprint("w", None, tokenizer, QwenOptions(device="cpu", quantise=kind))
        for kind in (None, "nf4")
    ]
    assert found[0] != found[1]


@pytest.mark.gpu
@pytest.mark.skipif(
    not torch.cuda.is_available() or find_spec("bitsandbytes") is None,
    reason="no CUDA device or no bitsandbytes: four-bit products run there",
)
def test_an_adapter_on_four_bits_learns(base, clips):
    asked = Prompt(text="what do you see", video=Medium(path=clips[0]), audio=Medium(path=clips[1]))
    texts = [Candidate(prompt=asked, response=said) for said in ("the person smiles", "the rain")]
    model = qwen_omni.load(base, device="cuda", dtype="bfloat16", quantise="nf4")
    model.add_lora(rank=2)
    with pytest.raises(AvereError, match="without quantise"):
        model.merge()
    checkpoint_gradients(model.module)
    model.module.train()
    values = model.module(model.encode(texts).to(model.device))
    values.sum().backward()
    learnt = [weight.grad for weight in model.module.parameters() if weight.grad is not None]
    assert values.isfinite().all()
    assert any(gradient.norm() > 0 for gradient in learnt)
    encoders = model.log_probs.base_model.model.visual.parameters()
    assert {weight.dtype for weight in encoders} == {torch.bfloat16}
