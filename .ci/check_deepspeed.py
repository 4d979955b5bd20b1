"""Check training under DeepSpeed: two processes launched with the shipped settings learn what one learns."""

import json
import os
import sys
import tempfile
import time
from pathlib import Path

from _environments import OFFLINE, ROOT, lay_over, run_command

DEEPSPEED = "deepspeed==0.19.8"
SURROUNDINGS = {"DS_ACCELERATOR": "cpu", "OMP_NUM_THREADS": "1"}
INSIDE = "--inside"
GLOO = Path(__file__).with_name("_gloo_deepspeed.py")
RECIPE = "avem_dpo_tiny"
VALUES = (
    "data.pairs=learnt.jsonl",
    "data.held_out=held.jsonl",
    "data.clips=data/clips.jsonl",
    "optimiser.records_per_step=4",
    "optimiser.records_per_forward=1",
    "optimiser.warmup_ratio=0",
    "run.log_every=1",
    "run.checkpoint_every=1",
    "run.evaluate_every=1",
    "run.keep_best=true",
)
LORA: tuple[str, ...] = ()
FULL = ("adapter={kind: full}", "optimiser.learning_rate=1e-4", "cache_reference=true")
FULL_COPY = (*FULL[:2], "cache_reference=false")
BFLOAT16 = ("autocast=bfloat16",)
EXACT, ROUNDED = 1e-4, 0.05
"""How far weights may lie apart in float32, moved a hundred times as far by the rates; losses in bfloat16."""
KILLED = ("lora-zero2", "full-zero3")
"""Runs that are killed and go on: each engine once, each kind of weights once."""
PATIENCE = 300
"""Seconds for the first checkpoint."""


def main() -> int:
    """Make an environment with DeepSpeed, train in it in all ways and compare; return the exit code."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        known = ("-c", ROOT / "constraints.txt")
        building = (*known, "setuptools", "wheel")
        python = lay_over(folder / "env", building, (*known, "--no-build-isolation", DEEPSPEED))
        avere = (python, "-m", "avere")
        run_command(*avere, "world", "make", "--clips", "12", "--out", "world", cwd=folder)
        run_command(*avere, "construct", "world", "--out", "data", cwd=folder)
        pairs = (folder / "data" / "pairs.jsonl").read_text().splitlines(keepends=True)
        (folder / "learnt.jsonl").write_text("".join(pairs[:12]))
        # Five do not divide by two, so one of them is read twice and must count once.
        (folder / "held.jsonl").write_text("".join(pairs[12:17]))
        for engine in ("zero2", "zero3"):
            run_command(*avere, "recipes", "copy", engine, cwd=folder)
        run_command(python, "-E", Path(__file__), INSIDE, cwd=folder, **SURROUNDINGS)
    return 0


def command(engine: str | None, values: tuple[str, ...], out: str) -> list[str]:
    """Return the command of a run, in one process or in two that an engine joins."""
    launch = [sys.executable, "-m", "accelerate.commands.accelerate_cli", "launch"]
    launch += ["--config_file", f"{engine}.yaml", "--num_processes", "2"]
    if "autocast=bfloat16" not in values:
        launch += ["--mixed_precision", "no"]
    start = [sys.executable, "-m", "avere"] if engine is None else [*launch, str(GLOO)]
    chosen = [part for value in (*VALUES, *values) for part in ("--set", value)]
    return [*start, "train", RECIPE, *chosen, "--out", out]


def killed(given: list[str], out: Path) -> None:
    """Run a command until its first checkpoint and kill it with all that it started."""
    import psutil

    with psutil.Popen(given, env={**os.environ, **OFFLINE}) as process:
        until = time.monotonic() + PATIENCE
        while not (out / "checkpoints" / "checkpoint-1").is_dir() and time.monotonic() < until:
            assert process.poll() is None, "the run ended before it was killed"
            time.sleep(0.01)
        for each in (process, *process.children(recursive=True)):
            each.kill()
    assert not (out / "metrics.json").exists(), "the run ended before it was killed"


def furthest(one: str, other: str) -> float:
    """Measure the distance between the weights of two runs; they hold the same ones."""
    import safetensors.torch

    (file,) = Path(one).glob("*.safetensors")
    mine, theirs = (safetensors.torch.load_file(Path(run) / file.name) for run in (one, other))
    assert set(mine) == set(theirs), set(mine) ^ set(theirs)
    return max(float((mine[name] - theirs[name]).abs().max()) for name in mine)


def losses(out: str) -> list[float]:
    """Return all losses that a run logged, of steps and of held-out pairs."""
    lines = [json.loads(line) for line in (Path(out) / "log.jsonl").read_text().splitlines()]
    return [line[name] for line in lines for name in ("loss", "eval_loss") if name in line]


def inside() -> None:
    """Train with every engine and refuse weights or losses that are not those of one process."""
    here = Path.cwd()
    for kind, values in (("lora", LORA), ("full", FULL)):
        run_command(*command(None, values, kind), cwd=here)
        for engine in ("zero2", "zero3"):
            out = f"{kind}-{engine}"
            given = command(engine, values, out)
            if out in KILLED:
                killed(given, here / out)
            run_command(*given, cwd=here)
            apart = furthest(kind, out)
            told = ", killed and resumed" if out in KILLED else ""
            print(f"{out}{told}: weights within {apart:.1e}")
            assert apart < EXACT, out
    run_command(*command("zero3", FULL_COPY, "copy"), cwd=here)
    assert furthest("full", "copy") < EXACT, "a frozen reference is another than a cached one"
    run_command(*command(None, BFLOAT16, "rounded"), cwd=here)
    for engine in ("zero2", "zero3"):
        run_command(*command(engine, BFLOAT16, f"rounded-{engine}"), cwd=here)
        both = zip(losses("rounded"), losses(f"rounded-{engine}"), strict=True)
        apart = max(abs(mine - theirs) for mine, theirs in both)
        print(f"{engine} as shipped, in bfloat16: losses within {apart:.3f}")
        assert apart < ROUNDED, engine


if __name__ == "__main__":
    if INSIDE in sys.argv:
        inside()
    else:
        sys.exit(main())
