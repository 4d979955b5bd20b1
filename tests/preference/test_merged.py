"""What training writes loads without this package, alone or on its base, and gives the same numbers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel
from safetensors.torch import load_file
from torch import Tensor
from transformers import AutoTokenizer, Qwen2_5OmniThinkerForConditionalGeneration

from avere.interfaces import Candidate, Prompt
from avere.models import qwen_omni
from avere.preference.train import train_policy
from avere.records import Medium

Make = Callable[..., Any]


@pytest.fixture
def trained(recipe: Make, files: dict[str, Path], tmp_path: Path) -> Callable[..., Path]:
    """Return a function that trains an adapter on the smallest thinker, far enough to matter."""
    qwen_omni.example(tmp_path / "base")

    def make(**adapter: Any) -> Path:
        chosen = recipe(
            model={"source": str(tmp_path / "base"), "dtype": "float32"},
            adapter={"kind": "lora", "rank": 4, "alpha": 8, **adapter},
            data=files,
            optimiser={"epochs": 2, "learning_rate": 0.05},
        )
        return train_policy(chosen, tmp_path / "adapter")

    return make


def logits(thinker: Any, folder: Path) -> Tensor:
    """Compute the logits of the next token of a thinker, with nothing of this package between."""
    ids = AutoTokenizer.from_pretrained(folder)("What shows it? a smile", return_tensors="pt")
    with torch.no_grad():
        found: Tensor = thinker.eval()(
            input_ids=ids["input_ids"], attention_mask=ids["attention_mask"]
        ).logits
    return found


@pytest.mark.parametrize("dora", [False, True])
def test_an_adapter_loads_anywhere_and_merges(
    trained: Callable[..., Path], tmp_path: Path, command: Make, dora: Any
) -> None:
    adapter = trained(dora=dora)
    told = command("merge", adapter, tmp_path / "merged", "--dtype", "float32", "--device", "cpu")
    assert (told.code, str(tmp_path / "merged") in told.out) == (0, True)
    load = Qwen2_5OmniThinkerForConditionalGeneration.from_pretrained
    base, merged = load(tmp_path / "base"), load(tmp_path / "merged")
    plain = logits(base, tmp_path / "base")
    on_base = logits(PeftModel.from_pretrained(base, str(adapter)), adapter)
    ours = logits(qwen_omni.load(adapter, device="cpu", attention="sdpa").log_probs.network, adapter)
    assert (on_base - plain).abs().max() > 0.01
    torch.testing.assert_close(ours, on_base)
    torch.testing.assert_close(logits(merged, tmp_path / "merged"), on_base, atol=1e-4, rtol=1e-4)
    card = (tmp_path / "merged" / "README.md").read_text()
    assert "These are full weights" in card
    assert "## Limits" in card
    for name in ("recipe.json", "log.jsonl"):  # which the card names
        assert (tmp_path / "merged" / name).read_bytes() == (adapter / name).read_bytes()
    heard = Prompt(
        text="What?", audio=Medium(path=tmp_path / "c0.wav"), video=Medium(path=tmp_path / "c0.mp4")
    )
    candidates = [Candidate(prompt=heard, response="a smile")]
    one, other = (
        qwen_omni.load(folder, device="cpu").score(candidates) for folder in (adapter, tmp_path / "merged")
    )
    assert one == pytest.approx(other, abs=1e-3)


@pytest.mark.parametrize("full", [False, True])
def test_weights_that_were_gathered_are_written_the_same(tmp_path: Path, full: Any) -> None:
    model = qwen_omni.example(tmp_path / "base")
    if not full:
        model.add_lora(rank=2, alpha=2)
    state = {name: value.clone() for name, value in model.module.state_dict().items()}
    model.save(tmp_path / "gathered", state)
    model.save(tmp_path / "own")
    name = "model.safetensors" if full else "adapter_model.safetensors"
    one, other = (load_file(tmp_path / folder / name) for folder in ("gathered", "own"))
    assert one.keys() == other.keys()
    assert all(torch.equal(one[key], other[key]) for key in one)


def test_what_cannot_be_merged_says_so(tmp_path: Path, command: Make) -> None:
    (tmp_path / "empty").mkdir()
    said = command("merge", tmp_path / "empty", tmp_path / "out")
    assert (said.code, "holds no adapter_config.json" in said.err) == (2, True)
    (tmp_path / "empty" / "adapter_config.json").write_text("{}")
    said = command("merge", tmp_path / "empty", tmp_path / "empty")
    assert (said.code, "is not empty; give a new folder" in said.err) == (2, True)


def test_a_foreign_adapter_gets_a_card_with_limits() -> None:
    from avere.preference import _model_card

    card = _model_card.of_merged("")
    assert card.startswith("---\n")
    assert "## Limits" in card
