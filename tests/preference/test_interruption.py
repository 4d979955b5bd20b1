"""Runs that are killed, stopped or out of room, and the same command again; real processes."""

import json
import os
import random
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.optim.optimizer import register_optimizer_step_post_hook

from avere.cli.main import run
from avere.errors import AvereError
from avere.models import qwen_omni
from avere.preference.train import train_policy
from avere.preference.trainer import PreferenceTrainer

Make = Callable[..., Any]
RECIPE = """\
base: avem_dpo_tiny
model: {{source: {base}}}
adapter: {{kind: lora, rank: 2, alpha: 4, dropout: 0.3}}
data: {{pairs: {pairs}, clips: {clips}, held_out: {held_out}}}
optimiser: {{epochs: 3, records_per_step: 2, records_per_forward: 1, learning_rate: 0.01}}
cache_reference: true
run: {{checkpoint_every: 1, keep_checkpoints: 2, evaluate_every: 2, keep_best: true, log_every: 1}}
"""


class Moments:
    """Counts what a run does to its folder and its weights, and acts at one of these moments."""

    def __init__(self, out: Path, at: int | None, act: Callable[[], object]) -> None:
        self.out, self.at, self.act = str(out), at, act
        self.count = 0
        sys.addaudithook(self.on_event)
        register_optimizer_step_post_hook(lambda *_: self.pass_one())

    def on_event(self, event: str, given: tuple[Any, ...]) -> None:
        writes = event == "open" and str(given[1]) not in {"r", "rb", "None"}
        if (writes or event in {"os.rename", "os.mkdir", "os.remove"}) and self.out in str(given[0]):
            self.pass_one()

    def pass_one(self) -> None:
        self.count += 1
        if self.count == self.at:
            self.act()


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def terminate() -> None:
    """Ask this process and the loader's workers to stop, as a scheduler does."""
    os.killpg(0, signal.SIGTERM)


def child(words: list[str], at: int | None, act: Callable[[], object], said: Any) -> None:
    """Run ``avere`` in this process, which may not survive it."""
    os.setsid()
    out = Path(words[words.index("--out") + 1])
    moments = Moments(out, at, act)
    code = run(words)
    said.send(moments.count)
    sys.exit(code)


def avere(*words: object, at: int | None = None, act: Callable[[], object] = kill) -> tuple[int, int]:
    """Return the exit code of a command in a process of its own, and how many moments it had."""
    context = get_context("fork")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=child, args=([str(word) for word in words], at, act, there))
    process.start()
    there.close()
    process.join()
    try:
        return process.exitcode or 0, here.recv()
    except EOFError:
        return process.exitcode or 0, 0


@pytest.fixture
def recipe_file(tmp_path: Path, files: dict[str, Path]) -> Path:
    """Return a recipe over real clips and the smallest thinker; of six pairs, two are held out."""
    qwen_omni.example(tmp_path / "base")
    lines = files["pairs"].read_text().splitlines(keepends=True)
    (tmp_path / "learnt.jsonl").write_text("".join(lines[:4]))
    (tmp_path / "held.jsonl").write_text("".join(lines[4:]))
    text = RECIPE.format(
        base=tmp_path / "base",
        pairs=tmp_path / "learnt.jsonl",
        clips=files["clips"],
        held_out=tmp_path / "held.jsonl",
    )
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    return path


def left(out: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in out.glob("*.safetensors")}


def steps(out: Path) -> list[tuple[float, ...]]:
    entries = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    return [(entry["step"], entry["loss"], entry["logps/chosen"]) for entry in entries if "loss" in entry]


def test_a_killed_run_ends_in_the_same_weights(recipe_file: Path, tmp_path: Path) -> None:
    code, moments = avere("train", recipe_file, "--out", tmp_path / "whole")
    assert (code, moments > 40) == (0, True)
    draw = random.Random(0)
    out = tmp_path / "killed"
    kills = 0
    for _ in range(8):
        code, _ = avere("train", recipe_file, "--out", out, at=draw.randrange(1, moments // 2))
        kills += code == -signal.SIGKILL
        assert code in {0, -signal.SIGKILL}
        if code == 0:
            break
    else:
        code, _ = avere("train", recipe_file, "--out", out)
    assert (code, kills > 2) == (0, True)
    assert left(out) == left(tmp_path / "whole") != {}
    assert steps(out) == steps(tmp_path / "whole")


def test_a_run_that_is_asked_to_stop_leaves_a_checkpoint(
    recipe_file: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    bare = ("--set", "run.checkpoint_every=null", "--set", "run.workers=1")
    code, _ = avere("train", recipe_file, *bare, "--out", tmp_path / "whole")
    assert code == 0
    assert not list((tmp_path / "whole" / "checkpoints").glob("checkpoint-*"))
    out, seen = tmp_path / "stopped", iter(range(1, 100))

    def at_third_step() -> None:
        if next(seen) == 3:
            terminate()

    with pytest.MonkeyPatch.context() as patch:
        before = PreferenceTrainer.get_batch_samples

        def watched(self: PreferenceTrainer, *given: Any) -> Any:
            at_third_step()
            return before(self, *given)

        patch.setattr(PreferenceTrainer, "get_batch_samples", watched)
        code, _ = avere("train", recipe_file, *bare, "--out", out)
    assert code == 143
    said = (
        "avere: stopped by SIGTERM after step 3 of 6, with a checkpoint; run the same command again to go on"
    )
    assert said in capfd.readouterr().err.splitlines()
    assert [path.name for path in (out / "checkpoints").glob("checkpoint-*")] == ["checkpoint-3"]
    assert avere("train", recipe_file, *bare, "--out", out)[0] == 0
    assert left(out) == left(tmp_path / "whole") != {}


@pytest.fixture
def little_room() -> Iterator[None]:
    """Let no file grow beyond a few kilobytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (6000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_no_room_is_one_line(recipe: Make, tiny: Make, tmp_path: Path, little_room: None) -> None:
    chosen = recipe(run={"checkpoint_every": 1}, adapter={"kind": "full"})
    with pytest.raises(
        AvereError, match=r"there is no room left to write to '.*out'.*File too large"
    ) as caught:
        train_policy(chosen, tmp_path / "out", model=tiny())
    assert "run the same command again" in str(caught.value)


def test_a_full_disk_is_one_line(recipe: Make, tiny: Make, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "log.jsonl").symlink_to("/dev/full")
    with pytest.raises(AvereError, match=r"cannot write '.*log\.jsonl': No space left on device; make room"):
        train_policy(recipe(), tmp_path / "out", model=tiny())
    assert not (tmp_path / "out" / "metrics.json").exists()


def test_other_records_are_not_mixed_in(
    recipe: Make, data: Make, pair: Make, tiny: Make, tmp_path: Path
) -> None:
    chosen = recipe()
    model = tiny()
    torch.nn.init.constant_(model.module.head.bias, float("nan"))
    with pytest.raises(AvereError, match="not finite"):
        train_policy(chosen, tmp_path / "out", model=model)
    data([pair(number) for number in range(6)])
    with pytest.raises(AvereError, match="began with other pairs"):
        train_policy(chosen, tmp_path / "out", model=tiny())
