"""Two processes that share the records of a step learn what one process learns."""

import os
import socket
from pathlib import Path
from typing import Any

import safetensors.torch
from accelerate.state import AcceleratorState
from torch.multiprocessing.spawn import start_processes

from avere.preference.recipe import Recipe
from avere.preference.train import train


def learn(rank: int, port: int, recipe: Recipe, out: Path, model: Any) -> None:
    """Train as one of two processes."""
    place = {
        "RANK": rank,
        "LOCAL_RANK": rank,
        "WORLD_SIZE": 2,
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": port,
    }
    os.environ.update({name: str(value) for name, value in place.items()})
    AcceleratorState._reset_state(reset_partial_state=True)
    train(recipe, out, model=model)


def test_two_processes_learn_what_one_learns(recipe: Any, tiny: Any, tmp_path: Path) -> None:
    chosen = recipe(loss={"name": "avem_dpo", "text_prior": "policy"}, optimiser={"records_per_forward": 1})
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    given = (port, chosen, tmp_path / "together", tiny())
    start_processes(learn, given, nprocs=2, start_method="fork")
    train(chosen, tmp_path / "alone", model=tiny())
    one, two = (
        safetensors.torch.load_file(tmp_path / name / "tiny.safetensors") for name in ("alone", "together")
    )
    assert max(float((one[name] - two[name]).abs().max()) for name in one) < 1e-5
