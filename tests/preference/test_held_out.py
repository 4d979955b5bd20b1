"""Held-out pairs: read with the same loss, never learnt from, and the best weights kept."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch

from avere.errors import AvereError
from avere.preference.arguments import trainer_arguments
from avere.preference.data import read_records
from avere.preference.recipe import parse_loss
from avere.preference.train import add_adapter, build, train_policy
from avere.records import jsonl

Make = Callable[..., Any]


@pytest.fixture
def split(data: Make, pair: Make, tmp_path: Path) -> dict[str, Path]:
    """Return a data section with eight pairs to learn from and three held out."""
    files = data([pair(number) for number in range(8)])
    jsonl.write(tmp_path / "held.jsonl", [pair(number) for number in range(8, 11)])
    return {**files, "held_out": tmp_path / "held.jsonl"}


def log(out: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]


def weights(out: Path) -> dict[str, Any]:
    return safetensors.torch.load_file(out / "tiny.safetensors")


def test_held_out_pairs_are_read_on_the_way(recipe: Make, split: Any, tiny: Make, tmp_path: Path) -> None:
    chosen = recipe(data=split, run={"evaluate_every": 2}, optimiser={"records_per_forward": 2})
    told = [
        entry for entry in log(train_policy(chosen, tmp_path / "out", model=tiny())) if "eval_loss" in entry
    ]
    assert [entry["step"] for entry in told] == [0, 2, 4]
    names = {"eval_rewards/accuracies", "eval_rewards/margins", "eval_logps/chosen", "eval_loss/response"}
    assert names <= told[0].keys()
    assert told[0]["eval_rewards/margins"] == pytest.approx(0, abs=1e-5)
    for entry in told:
        drift = entry["eval_logps/chosen"] - told[0]["eval_logps/chosen"]
        assert entry["eval_drift/chosen"] == pytest.approx(drift)


def test_reading_held_out_pairs_changes_nothing(recipe: Make, split: Any, tiny: Make, tmp_path: Path) -> None:
    adapter = {"kind": "lora", "rank": 2, "alpha": 2, "dropout": 0.3}
    without = {name: path for name, path in split.items() if name != "held_out"}
    train_policy(
        recipe(data=split, run={"evaluate_every": 1}, adapter=adapter), tmp_path / "with", model=tiny()
    )
    train_policy(recipe(data=without, adapter=adapter), tmp_path / "without", model=tiny())
    one, other = weights(tmp_path / "with"), weights(tmp_path / "without")
    assert all(bool((one[name] == other[name]).all()) for name in one)


def test_dropout_is_off_while_held_out_pairs_are_read(
    recipe: Make, split: Any, tiny: Make, tmp_path: Path
) -> None:
    adapter = {"kind": "lora", "rank": 2, "alpha": 2, "dropout": 0.5}
    chosen = recipe(data=split, run={"evaluate_every": 1}, adapter=adapter)
    model = tiny()
    add_adapter(model, chosen, parse_loss(chosen.loss).views)
    torch.nn.init.normal_(model.module.up)
    trainer = build(
        model,
        chosen,
        parse_loss(chosen.loss),
        read_records(chosen.data),
        trainer_arguments(chosen, tmp_path / "out"),
    )
    model.module.train()
    assert trainer.evaluate() == trainer.evaluate()
    assert model.module.training


def test_held_out_values_are_means_over_records(recipe: Make, split: Any, tiny: Make, tmp_path: Path) -> None:
    found = []
    for at_once in (1, 2):
        chosen = recipe(data=split, run={"evaluate_every": 9}, optimiser={"records_per_forward": at_once})
        first = log(train_policy(chosen, tmp_path / str(at_once), model=tiny()))[0]
        found.append({name: value for name, value in first.items() if name.startswith("eval_")})
    assert found[0] == pytest.approx(found[1], abs=1e-5)


def test_the_best_weights_are_taken(recipe: Make, split: Any, pair: Make, tiny: Make, tmp_path: Path) -> None:
    # Held-out answers the other way round: steps lower their margin, so the first ones are best.
    turned = [pair(number, chosen=f"a frown {number}", hallucinated=f"a smile {number}") for number in (8, 9)]
    jsonl.write(split["held_out"], turned)
    chosen = recipe(data=split, run={"evaluate_every": 1, "keep_best": True})
    out = train_policy(chosen, tmp_path / "best", model=tiny())
    margins = {entry["step"]: entry["eval_rewards/margins"] for entry in log(out) if "eval_loss" in entry}
    best = max(margins, key=lambda step: margins[step])
    metrics = json.loads((out / "metrics.json").read_text())
    assert (metrics["best_step"], metrics["best_margin"]) == (best, margins[best])
    assert best < max(margins) == 4
    kept = safetensors.torch.load_file(out / "checkpoints" / f"best-{best}" / "model.safetensors")
    assert all(bool((weights(out)[name] == value).all()) for name, value in kept.items())
    assert len(list((out / "checkpoints").glob("best-*"))) == 1
    assert f"| best_step | {best} |" in (out / "README.md").read_text()


def test_what_cannot_be_kept_or_held_out_is_said(
    recipe: Make, split: Any, tiny: Make, tmp_path: Path
) -> None:
    chosen = recipe(data=split, loss={"name": "sft"}, run={"evaluate_every": 1, "keep_best": True})
    with pytest.raises(AvereError, match=r"this loss compares no answers.*set run\.keep_best=false"):
        train_policy(chosen, tmp_path / "sft", model=tiny())
    with pytest.raises(AvereError, match=r"data\.held_out and run\.evaluate_every go together"):
        recipe(data=split)
    with pytest.raises(AvereError, match=r"run\.keep_best chooses by held-out pairs"):
        recipe(run={"keep_best": True})
    with pytest.raises(AvereError, match="8 held-out records are learnt from as well, first 'p0'"):
        train_policy(
            recipe(data={**split, "held_out": split["pairs"]}, run={"evaluate_every": 1}), tmp_path / "x"
        )
