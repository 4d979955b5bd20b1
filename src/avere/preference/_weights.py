"""The folders of weights inside a run: checkpoints to go on from, and the best weights so far."""

import json
import shutil
from pathlib import Path
from typing import NamedTuple

import safetensors.torch
from torch import Tensor
from transformers.utils import SAFE_WEIGHTS_NAME

from avere import files

CHECKPOINT, BEST, UNFINISHED = "checkpoint", "best", ".unfinished"
FACTS = "best.json"


class Best(NamedTuple):
    """Weights of a step and the mean margin that they have on the held-out pairs."""

    step: int
    margin: float

    @property
    def name(self) -> str:
        """The name of their folder."""
        return f"{BEST}-{self.step}"

    def write(self, folder: Path) -> None:
        """Put these facts beside the weights."""
        (folder / FACTS).write_text(json.dumps(self._asdict()), encoding="utf-8")


def best(place: Path) -> Best | None:
    """Return the best weights among the folders of a run, or None where there are none."""
    facts = place.glob(f"{BEST}-*/{FACTS}")
    found = [Best(**files.read_json(file)) for file in facts]
    return max(found, key=lambda each: each.margin, default=None)


def read(folder: Path) -> dict[str, Tensor]:
    """Return the trained weights in a folder."""
    with files.naming(folder):
        return safetensors.torch.load_file(folder / SAFE_WEIGHTS_NAME)


def remove(folder: Path) -> None:
    """Delete a folder that may be there."""
    shutil.rmtree(folder, ignore_errors=True)
