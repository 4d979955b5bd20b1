"""Media that cannot be read are named before training, or left out with their records and counted."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from avere.errors import AvereError
from avere.models import qwen_omni
from avere.preference.recipe import TrainingRecipe
from avere.preference.train import train_policy

Make = Callable[..., Any]


@pytest.fixture
def broken(recipe: Make, files: dict[str, Path], tmp_path: Path) -> Callable[[str], TrainingRecipe]:
    """Return recipes over clips of which one file is damaged and one is missing."""
    qwen_omni.example(tmp_path / "base")
    whole = (tmp_path / "c0.mp4").read_bytes()
    (tmp_path / "c0.mp4").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "c0.wav").unlink()

    def make(policy: str, loss: str = "avem_dpo") -> TrainingRecipe:
        made: TrainingRecipe = recipe(
            model={"source": str(tmp_path / "base"), "dtype": "float32"},
            loss={"name": loss},
            data=files,
            run={"on_bad_media": policy},
            optimiser={"epochs": 1, "records_per_step": 2, "records_per_forward": 2},
        )
        return made

    return make


def test_missing_files_stop_the_run_before_anything_is_loaded(broken: Make, tmp_path: Path) -> None:
    with pytest.raises(AvereError, match=r"1 media files do not exist, first '.*c0\.wav'"):
        train_policy(broken("refuse"), tmp_path / "out")


def test_damaged_media_are_named_with_their_cause(
    broken: Make, files: dict[str, Path], tmp_path: Path
) -> None:
    (tmp_path / "c0.wav").write_bytes((tmp_path / "c1.wav").read_bytes())
    with pytest.raises(AvereError) as caught:
        train_policy(broken("refuse"), tmp_path / "out")
    text = str(caught.value)
    assert text.startswith("3 records have media that cannot be read: ")
    assert "c0.mp4" in text
    assert "c1" not in text
    assert text.endswith("set run.on_bad_media=skip to leave those records out")
    assert not (tmp_path / "out").exists()


def test_records_are_left_out_and_counted(
    broken: Make, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    # Supervised training reads real media only: the records about clip c1, which are odd, can be read.
    out = train_policy(broken("skip", loss="sft"), tmp_path / "out")
    metrics = json.loads((out / "metrics.json").read_text())
    assert (metrics["records"], metrics["records_left_out"], metrics["step"]) == (3, 3, 2)
    told = [json.loads(line) for line in (out / "left_out.jsonl").read_text().splitlines()]
    assert [each["id"] for each in told] == ["p0", "p2", "p4"]
    assert all("c0." in each["reason"] for each in told)
    assert "record 'p2' is left out: " in caplog.text
    assert "| records_left_out | 3 |" in (out / "README.md").read_text()


def test_what_a_loss_reads_decides(broken: Make, tmp_path: Path) -> None:
    # AVEm-DPO also reads swapped sound where it asks about sound; only p1 is about c1 and its pictures.
    out = train_policy(broken("skip"), tmp_path / "out")
    told = [json.loads(line)["id"] for line in (out / "left_out.jsonl").read_text().splitlines()]
    assert told == ["p0", "p2", "p3", "p4", "p5"]
    assert json.loads((out / "metrics.json").read_text())["records"] == 1
