"""Kept features change no loss, and recipes that train the encoders are refused."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from avere.errors import AvereError
from avere.models import qwen_omni
from avere.preference import _progress, _run_folder
from avere.preference.train import train_policy

Make = Callable[..., Any]


def test_losses_are_the_same_to_the_bit(recipe: Make, files: dict[str, Path], tmp_path: Path) -> None:
    qwen_omni.example(tmp_path / "base")
    given = {"model": {"source": str(tmp_path / "base"), "dtype": "float32"}, "data": files}
    found, seen = [], []
    for name, kept in (("without", False), ("first", True), ("second", True)):
        model = qwen_omni.load(tmp_path / "base", dtype="float32", device="cpu")
        model.log_probs.base_model.model.visual.register_forward_hook(lambda *_: seen.append(1))
        run = {"cache_features": kept, "cache": tmp_path / "shared"}
        out = train_policy(recipe(**given, run=run), tmp_path / name, model=model)
        entries = [json.loads(line) for line in (out / _progress.LOG).read_text().splitlines()]
        found.append([entry["loss"] for entry in entries if "loss" in entry])
        if name == "first":
            assert any((tmp_path / "shared" / _run_folder.FEATURES).iterdir())
            count = len(seen)
    assert found[0] == found[1] == found[2]
    assert len(seen) == count


def test_encoders_in_training_are_refused(recipe: Make, tiny: Make, tmp_path: Path) -> None:
    source = {"source": "tiny", "dtype": "float32", "options": {"train_encoders": True}}
    with pytest.raises(AvereError, match=r"run\.cache_features.*train_encoders"):
        recipe(model=source, run={"cache_features": True})
    with pytest.raises(AvereError, match=r"TinyModel keeps no features.*run\.cache_features=false"):
        train_policy(recipe(run={"cache_features": True}), tmp_path / "out", model=tiny())
