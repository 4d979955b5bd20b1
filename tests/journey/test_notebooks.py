"""The notebooks of the documentation run from top to bottom, with the smallest model and two clips."""

import re
from pathlib import Path
from typing import Any

import pytest

from avere.models import qwen_omni

NOTEBOOKS = Path(__file__).resolve().parents[2] / "docs/notebooks"
CHANGES = {
    "model.options": {"frames": 1, "size": [28, 28]},
    "adapter": {"kind": "lora", "rank": 2, "alpha": 2},
    "optimiser.epochs": 1,
}


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    qwen_omni.example(folder)
    return folder


def run(name, **values):
    """Run a notebook with other values in its first cell."""
    text = (NOTEBOOKS / f"{name}.py").read_text(encoding="utf-8")
    for key, value in values.items():
        text, changed = re.subn(rf"^{key} = .*$", f"{key} = {value!r}", text, flags=re.MULTILINE)
        assert changed == 1
    names: dict[str, Any] = {}
    exec(compile(text, name, "exec"), names)
    return names


def test_evaluate_my_model(model, workplace):
    told = run("evaluate_my_model", MODEL=str(model), CLIPS=2, OUT="out")
    table = told["mine"].to_pandas()
    assert set(table.condition) == {"av", "text"}
    assert {"measure", "value", "low", "high", "n", "reason"} <= set(table.columns)
    assert Path("out/report.html").is_file()


def test_train_on_my_pairs(model, workplace):
    told = run(
        "train_on_my_pairs", MODEL=str(model), RECIPE="dpo_both_tiny", CHANGES=CHANGES, CLIPS=2, OUT="out"
    )
    assert told["trained"].metrics["loss"] > 0
    assert list(told["trained"].to_pandas().step) == sorted(told["trained"].to_pandas().step)
    assert Path("out/report.html").is_file()
