"""Two processes that share the records of a step learn what one process learns."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import pytest
import safetensors.torch
from accelerate.commands.config.config_args import load_config_from_file
from accelerate.state import AcceleratorState
from torch.multiprocessing.spawn import start_processes

from avere.models import qwen_omni
from avere.preference.recipe import TrainingRecipe
from avere.preference.train import close_group, train_policy
from avere.recipes import LAUNCHING, Sharding, list_files


def learn(rank: int, port: int, recipe: TrainingRecipe, out: Path, model: Any) -> None:
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
    train_policy(recipe, out, model=model)
    close_group()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def test_two_processes_learn_what_one_learns(recipe: Any, tiny: Any, tmp_path: Path) -> None:
    chosen = recipe(loss={"name": "avem_dpo", "text_prior": "policy"}, optimiser={"records_per_forward": 1})
    given = (free_port(), chosen, tmp_path / "together", tiny())
    start_processes(learn, given, nprocs=2, start_method="fork")
    train_policy(chosen, tmp_path / "alone", model=tiny())
    one, two = (
        safetensors.torch.load_file(tmp_path / name / "tiny.safetensors") for name in ("alone", "together")
    )
    assert max(float((one[name] - two[name]).abs().max()) for name in one) < 1e-5


def test_an_uneven_tail_is_learnt_once(recipe: Any, tiny: Any, pair: Any, data: Any, tmp_path: Path) -> None:
    """Thirteen records, four a step: the last step has one record for two processes."""
    files = data([pair(number) for number in range(13)])
    chosen = recipe(
        data={"pairs": files["pairs"], "clips": files["clips"]},
        optimiser={"records_per_forward": 1, "records_per_step": 4, "group": "clip"},
    )
    given = (free_port(), chosen, tmp_path / "together", tiny())
    start_processes(learn, given, nprocs=2, start_method="fork")
    train_policy(chosen, tmp_path / "alone", model=tiny())
    one, two = (
        safetensors.torch.load_file(tmp_path / name / "tiny.safetensors") for name in ("alone", "together")
    )
    assert max(float((one[name] - two[name]).abs().max()) for name in one) < 1e-5


def test_accelerate_launches_two_processes_with_the_shipped_settings(
    recipe: Any, files: dict[str, Path], tmp_path: Path
) -> None:
    qwen_omni.example(tmp_path / "base")
    lines = files["pairs"].read_text().splitlines(keepends=True)
    # Five held-out records do not divide by two, so one of them is read twice and must count once.
    learnt, held = tmp_path / "learnt.jsonl", tmp_path / "held.jsonl"
    learnt.write_text("".join(lines))
    held.write_text("".join(line.replace('"id":"p', '"id":"h') for line in lines[:5]))
    chosen = recipe(
        model={"source": str(tmp_path / "base"), "dtype": "float32"},
        data={"pairs": learnt, "clips": files["clips"], "held_out": held},
        optimiser={"records_per_forward": 1, "records_per_step": 2, "epochs": 1},
        cache_reference=True,
        run={"evaluate_every": 1, "keep_best": True, "checkpoint_every": 2},
    )
    (tmp_path / "mine.yaml").write_text(json.dumps(chosen.model_dump(mode="json", exclude={"base"})))
    command = [sys.executable, "-m", "accelerate.commands.launch", "--config_file", str(list_files()["ddp"])]
    command += ["--num_processes", "2", "--main_process_port", str(free_port()), "-m", "avere", "train"]
    command += [str(tmp_path / "mine.yaml"), "--out", str(tmp_path / "together")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    train_policy(chosen, tmp_path / "alone")
    one, two = (
        safetensors.torch.load_file(tmp_path / name / "adapter_model.safetensors")
        for name in ("alone", "together")
    )
    assert max(float((one[name] - two[name]).abs().max()) for name in one) < 1e-5
    logs = [
        [json.loads(line) for line in (tmp_path / name / "log.jsonl").read_text().splitlines()]
        for name in ("alone", "together")
    ]
    for mine, other in zip(*logs, strict=True):
        for name in ("loss", "rewards/margins", "eval_loss", "eval_rewards/margins", "best_step"):
            assert mine.get(name) == pytest.approx(other.get(name), abs=1e-4)


def test_settings_for_launching_are_those_that_a_dry_run_knows() -> None:
    shipped = {name for name, file in list_files().items() if file.parent.name == LAUNCHING}
    assert shipped == set(get_args(Sharding))


@pytest.mark.parametrize("name", get_args(Sharding))
def test_accelerate_reads_the_shipped_settings(name: str) -> None:
    settings = load_config_from_file(str(list_files()[name]))
    assert settings.num_processes == 8
    assert list_files()[name].read_text().startswith("# accelerate: ")
