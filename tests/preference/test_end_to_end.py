"""The smallest real thinker learns from real clips, and what it leaves loads again."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from avere import catalogue
from avere.interfaces import Candidate, Prompt
from avere.models import qwen_omni
from avere.preference.recipe import LOSSES
from avere.preference.train import train_policy
from avere.records import Medium

Make = Callable[..., Any]


@pytest.mark.parametrize(
    "adapter",
    [{"kind": "lora", "rank": 4, "alpha": 8}, {"kind": "full"}],
    ids=lambda adapter: adapter["kind"],
)
def test_a_thinker_is_trained_saved_and_loaded(
    recipe: Make, files: dict[str, Path], tmp_path: Path, adapter: Any
) -> None:
    before = qwen_omni.example(tmp_path / "base")
    chosen = recipe(
        model={"source": str(tmp_path / "base"), "dtype": "float32"},
        adapter=adapter,
        data=files,
        gradient_checkpointing=True,
        optimiser={"epochs": 6, "records_per_forward": 2, "learning_rate": 0.005},
        run={"checkpoint_every": 3},
    )
    out = train_policy(chosen, tmp_path / "out")
    entries = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()][:-1]
    assert entries[0]["rewards/margins"] == pytest.approx(0, abs=1e-4)
    assert entries[0]["loss/modality"] == pytest.approx(np.log(2), abs=1e-4)
    assert entries[-1]["loss"] < entries[0]["loss"]
    assert entries[-1]["rewards/margins"] > 0.01
    heard = Prompt(
        text="What shows it?", audio=Medium(path=tmp_path / "c0.wav"), video=Medium(path=tmp_path / "c0.mp4")
    )
    answers = [Candidate(prompt=heard, response=text) for text in ("a smile 0", "the shirt 0")]
    (new_good, new_bad), (old_good, old_bad) = (
        model.score(answers) for model in (qwen_omni.load(out), before)
    )
    assert new_good - old_good > new_bad - old_bad


AT_START = {
    "dpo": np.log(2),
    "mdpo": 3 * np.log(2),
    "vista_dpo": 2 * np.log(2),
    "omni_dpo": 3 * np.log(2),
    "sft": None,
    "grpo": None,
    "avem_dpo": None,
    "mod_dpo": None,
}
"""What a loss pays before training; None where that depends on the model."""


@pytest.mark.parametrize("name", catalogue.names(LOSSES))
def test_every_loss_trains_a_thinker_for_a_step(
    recipe: Make, files: dict[str, Path], tmp_path: Path, name: str
) -> None:
    before = qwen_omni.example(tmp_path / "base")
    chosen = recipe(
        model={"source": str(tmp_path / "base"), "dtype": "float32"},
        adapter={"kind": "lora", "rank": 4, "alpha": 8},
        loss={"name": name},
        data=files,
        optimiser={"epochs": 1, "records_per_forward": 4, "learning_rate": 0.01, "warmup_ratio": 0},
    )
    out = train_policy(chosen, tmp_path / "out")
    entry = json.loads((out / "log.jsonl").read_text().splitlines()[0])
    assert entry["grad_norm"] > 0
    assert np.isfinite(entry["loss"])
    if AT_START.get(name) is not None:
        assert entry["loss"] == pytest.approx(AT_START[name], abs=1e-4)
    asked = Prompt(text="What shows it?", audio=Medium(path=tmp_path / "c0.wav"))
    answer = [Candidate(prompt=asked, response="a smile 0")]
    assert qwen_omni.load(out).score(answer) != before.score(answer)
