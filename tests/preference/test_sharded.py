"""Weights that FSDP2 deals out over two processes learn what whole ones learn, stopped and resumed too.

accelerate deals weights out over GPUs and their like only, so the processes on CPUs pose as such.
"""

import multiprocessing
import os
import signal
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import safetensors.torch
from accelerate.commands.config.config_args import load_config_from_file
from accelerate.state import AcceleratorState, PartialState
from accelerate.utils import DistributedType
from torch.multiprocessing.spawn import start_processes

from avere.errors import StoppedError
from avere.models import qwen_omni
from avere.preference.recipe import TrainingRecipe
from avere.preference.train import close_group, train_policy
from avere.preference.trainer import PreferenceTrainer
from avere.recipes import list_files

from .test_processes import free_port


def learn(rank: int, port: int, recipe: TrainingRecipe, out: Path, last: int | None) -> None:
    """Train as one of two processes, under the shipped settings; SIGTERM comes to the first after a step."""
    settings = load_config_from_file(str(list_files()["fsdp2"])).fsdp_config
    renamed = {"fsdp_transformer_layer_cls_to_wrap": "fsdp_transformer_cls_to_wrap"}
    place: dict[str, object] = {renamed.get(name, name).upper(): value for name, value in settings.items()}
    place |= {
        "RANK": rank,
        "LOCAL_RANK": rank,
        "WORLD_SIZE": 2,
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": port,
    }
    os.environ.update({name: str(value) for name, value in (place | {"ACCELERATE_USE_FSDP": True}).items()})
    begin = PartialState.__init__

    def pretend(self: PartialState, *given: Any, **named: Any) -> None:
        begin(self, *given, **named)
        if self.distributed_type == DistributedType.MULTI_CPU:
            self.distributed_type = DistributedType.MULTI_GPU

    PartialState.__init__ = pretend
    AcceleratorState._reset_state(reset_partial_state=True)
    asked = PreferenceTrainer._stops

    def stops(self: PreferenceTrainer) -> bool:
        if rank == 0 and self.state.global_step == last:
            os.kill(os.getpid(), signal.SIGTERM)
        return asked(self)

    patch.object(PreferenceTrainer, "_stops", stops).start()
    with pytest.raises(StoppedError) if last else nullcontext():
        train_policy(recipe, out)
    close_group()


@pytest.mark.parametrize("tuning", ["lora", "full"])
def test_dealt_out_weights_learn_what_whole_ones_learn(
    tuning: str, recipe: Any, files: dict[str, Path], tmp_path: Path
) -> None:
    # All processes are forked from one that has no thread yet and has imported what takes seconds.
    multiprocessing.set_forkserver_preload(["avere.preference.train", "avere.models.qwen_omni"])
    qwen_omni.example(tmp_path / "base")
    held = tmp_path / "held.jsonl"
    held.write_text(files["pairs"].read_text().replace('"id":"p', '"id":"h'))
    chosen = recipe(
        model={"source": str(tmp_path / "base"), "dtype": "float32"},
        data={"pairs": files["pairs"], "clips": files["clips"], "held_out": held},
        adapter={"kind": "lora", "rank": 3, "alpha": 3} if tuning == "lora" else {"kind": "full"},
        cache_reference=tuning == "full",
        optimiser={"records_per_forward": 1, "records_per_step": 2, "epochs": 1},
        run={"evaluate_every": 1, "keep_best": True},
    )
    for last in (2, None):
        given = (free_port(), chosen, tmp_path / "together", last)
        start_processes(learn, given, nprocs=2, start_method="forkserver")
    train_policy(chosen, tmp_path / "alone")
    name = "adapter_model.safetensors" if tuning == "lora" else "model.safetensors"
    one, two = (safetensors.torch.load_file(tmp_path / run / name) for run in ("alone", "together"))
    assert set(one) == set(two)
    assert max(float((one[key] - two[key]).abs().max()) for key in one) < 1e-5
    assert tuning == "full" or all(value.any() for key, value in one.items() if "lora_B" in key)
