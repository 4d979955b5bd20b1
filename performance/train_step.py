"""Measure one AVEm-DPO step in six ways on the same records, model and loss, a fresh process a way.

``python performance/train_step.py --json out.json`` on a CPU; ``--shape 7b --device cuda`` on a large GPU.
The optimiser's update, the same for all, is left out; inputs are prepared before the clock starts, as the
workers of a loader do.
"""

import argparse
import ctypes
import json
import logging
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import transformers

import counting
import records
import shapes
import variants
from avere.interfaces import TokenCounts
from avere.models.packing.model import LocalModel
from avere.models.qwen.options import QwenOptions
from avere.preference.costs import estimate_kept
from avere.preference.recipe import TrainingRecipe
from avere.preference.train import checkpoint_gradients

COMPARED = (
    *((better, worse) for better in variants.NAMES[2:] for worse in variants.NAMES[:2]),
    ("grouped", "forest"),
    ("grouped_cached", "forest_cached"),
)
"""Ways whose factors are told: the first over the second."""
RETURNING = {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536"}
"""What makes glibc's allocator give freed memory back."""
TOLERANCE = 1e-4
"""Relative; how far losses and gradient norms of the ways may lie apart in float32 (0.05 in bfloat16)."""


def main(words: list[str]) -> int:
    """Run every way in a process of its own and print what they cost; 1 where they disagree."""
    arguments = parse(words)
    if arguments.child:
        print(json.dumps(measure(arguments.child, arguments)))
        return 0
    found = {name: in_process(__file__, name, words) for name in arguments.variants}
    for name, each in found.items():
        if "peak_mb" not in each:
            each.update(in_process(__file__, name, [*words, "--peak"]))
    peak = product_peak(arguments)
    agreed = agreement(found) < (TOLERANCE if arguments.device == "cpu" else 0.05)
    whole = {
        "command": " ".join(["python", "performance/train_step.py", *words]),
        "machine": machine(arguments),
        "peak_flops": peak,
        "agreement": agreement(found),
        "agreed": agreed,
        "variants": found,
    }
    report(whole, arguments)
    if arguments.json:
        arguments.json.write_text(json.dumps(whole, indent=2) + "\n", encoding="utf-8")
    return 0 if agreed else 1


def parse(words: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--shape", choices=sorted(shapes.SHAPES), default="small")
    parser.add_argument("--target", choices=["audiovisual", "audio", "video"], default="audiovisual")
    parser.add_argument("--records", type=int, default=1, help="records in a forward")
    parser.add_argument("--pairs", type=Path, help="a file of pairs, whose clips and replacements are taken")
    parser.add_argument("--pool", type=int, default=48, help="with --pairs: records in a step")
    parser.add_argument(
        "--answer-tokens", type=int, default=60, help="tokens of a response, its end included"
    )
    parser.add_argument(
        "--steps", type=int, default=5, help="timed steps after one that is not; medians are told"
    )
    parser.add_argument("--checkpoint", action="store_true", help="recompute the layers in the backward pass")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dtype", choices=["float32", "bfloat16"], help="default: float32 on a CPU")
    parser.add_argument("--attention", default="auto", help="of the forest: auto, tree, flex, sdpa")
    parser.add_argument("--quantise", choices=["nf4"], help="keep the linear layers of the body in four bits")
    parser.add_argument("--variants", nargs="+", choices=variants.NAMES, help="default: all that differ")
    parser.add_argument("--json", type=Path, help="where all numbers go")
    parser.add_argument("--peak", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--child", choices=variants.NAMES, help=argparse.SUPPRESS)
    arguments = parser.parse_args(words)
    arguments.variants = arguments.variants or [*(variants.NAMES if arguments.pairs else variants.ALONE)]
    return arguments


def in_process(script: str, name: str, words: list[str]) -> dict[str, Any]:
    """Have a script of this folder measure one way in a fresh process.

    For the peak, the allocator gives every larger block back when it is freed: what is resident is then what
    is in use. That costs time, so times are measured apart.
    """
    print(f"{name} ...", file=sys.stderr)
    command = [sys.executable, script, *words, "--child", name]
    environment = os.environ | (RETURNING if "--peak" in words else {})
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment).stdout
    result: dict[str, Any] = json.loads(output.splitlines()[-1])
    return result


def measure(name: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """Measure the cost of a step of one way in this process."""
    transformers.logging.set_verbosity(logging.ERROR)
    torch.set_num_threads(arguments.threads)
    shape = shapes.SHAPES[arguments.shape]
    attention = "sdpa" if name in variants.ALONE[:2] else arguments.attention
    options = QwenOptions(
        frames=8,
        size=(shape.side, shape.side),
        device=arguments.device,
        attention=attention,
        dtype=arguments.dtype or "auto",
        quantise=arguments.quantise,
    )
    passes = counting.RECOMPUTED if arguments.checkpoint else counting.ADAPTERS
    with tempfile.TemporaryDirectory() as folder:
        model = shapes.build(shape, options, Path(folder))
        made = take_records(model, shape, Path(folder), arguments)
        variant = variants.make(name, model, made, passes, arguments.records)
    model.module.train()
    if arguments.checkpoint:
        checkpoint_gradients(model.module)
    filled = [clocked(variant.fill, model) for _ in range(2)][-1] if variant.fill else None

    losses: list[float] = []

    def step() -> None:
        model.module.zero_grad()
        losses.append(0.0)
        for forward in variant.forwards:
            loss: Any = forward()
            loss.backward()
            losses[-1] += loss.item()

    step()  # what is loaded or compiled once is no part of a step
    if arguments.peak:
        return {"peak_mb": peak_of(step, model)}
    # A GPU's allocator counts exactly and costs no time, so that one process tells both.
    peak = {"peak_mb": peak_of(step, model)} if model.device.type == "cuda" else {}
    times = [clocked(step, model) for _ in range(arguments.steps)]
    wall = statistics.median(each["wall_s"] for each in times)
    gradients = [weight.grad for weight in model.module.parameters() if weight.grad is not None]
    return peak | {
        "cpu_s": statistics.median(each["cpu_s"] for each in times),
        "wall_s": wall,
        "records_per_s": len(made.pairs) / wall,
        "loss": losses[-1],
        "grad_norm": torch.stack([gradient.float().norm() for gradient in gradients]).norm().item(),
        "fill": filled,
        "estimated_mb": estimated(model, variant, arguments),
        "tokens": sum(work.tokens for work, _ in variant.work),
        "products": {each: counted(variant, each) for each in dict.fromkeys([arguments.shape, "3b", "7b"])},
    }


def estimated(model: LocalModel, variant: variants.Variant, arguments: argparse.Namespace) -> float:
    """Return the MB that ``avere train --dry-run`` expects of the largest forward, less weights."""
    read = (work for work, passes in variant.work if passes != counting.FORWARD)
    work = max(read, key=lambda each: each.tokens)
    recipe = TrainingRecipe.model_validate(
        {
            "base": "avem_dpo_tiny",
            "model": {"source": "tiny", "dtype": str(model.log_probs.active.dtype).removeprefix("torch.")},
            "gradient_checkpointing": arguments.checkpoint,
        }
    )
    largest = TokenCounts(work.tokens, work.tokens, work.tokens, work.scored, video=0, audio=0)
    return estimate_kept(model.measure_size(), largest, recipe) / 2**20


def take_records(
    model: LocalModel, shape: shapes.Shape, folder: Path, arguments: argparse.Namespace
) -> records.Records:
    """Make the records of a step."""
    if arguments.pairs:
        given = (arguments.pairs, arguments.pool, arguments.answer_tokens)
        return records.take(model, shape, folder, *given)
    return records.make(model, shape, folder, arguments.records, arguments.target, arguments.answer_tokens)


def counted(variant: variants.Variant, shape: str) -> float:
    """Return the multiplications of a step if the same readings went through a thinker of this shape."""
    config = shapes.configuration(shapes.SHAPES[shape])
    return sum(counting.products(config, work, passes) for work, passes in variant.work)


def clocked(call: Callable[[], object], model: LocalModel) -> dict[str, float]:
    """Return the CPU and wall seconds of a call."""
    wall, cpu = time.perf_counter(), time.process_time()
    call()
    if model.device.type == "cuda":
        torch.cuda.synchronize()
    return {"cpu_s": time.process_time() - cpu, "wall_s": time.perf_counter() - wall}


def peak_of(call: Callable[[], object], model: LocalModel) -> float:
    """Return by how many MB the memory in use rises during a call: of the GPU, or resident."""
    if model.device.type == "cuda":
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        call()
        return (torch.cuda.max_memory_allocated() - before) / 2**20
    clear = Path("/proc/self/clear_refs")
    if clear.exists():
        ctypes.CDLL(None).malloc_trim(0)
        clear.write_text("5")  # the peak starts anew from what is resident now
        before = resident("VmRSS")
        call()
        return (resident("VmHWM") - before) / 1024
    start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    call()
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - start) / 1024


def resident(name: str) -> int:
    """Return a line of this process's status in kB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


def product_peak(arguments: argparse.Namespace, size: int = 2048) -> float:
    """Return the FLOP/s, by :func:`seconds_of`, that large matrix products reach here; best of five."""
    torch.set_num_threads(arguments.threads)
    on_gpu = arguments.device != "cpu"
    kind = torch.bfloat16 if on_gpu else torch.float32
    size = 4 * size if on_gpu else size
    left, right = (torch.randn(size, size, device=arguments.device, dtype=kind) for _ in range(2))
    best = float("inf")
    for _ in range(5):
        wall, cpu = time.perf_counter(), time.process_time()
        (left @ right).flatten()[0].item()
        taken = {"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}
        best = min(best, seconds_of(taken, arguments))
    return 2 * size**3 / best


def seconds_of(result: dict[str, Any], arguments: argparse.Namespace) -> float:
    """Return CPU seconds on a CPU, which other programs do not stretch, else wall seconds."""
    return float(result["cpu_s" if arguments.device == "cpu" else "wall_s"])


def agreement(found: dict[str, dict[str, Any]]) -> float:
    """Return the largest relative distance of a loss or gradient norm from the first way's."""
    first = next(iter(found.values()))
    keys = ("loss", "grad_norm")
    return float(max(abs(each[key] / first[key] - 1) for each in found.values() for key in keys))


def machine(arguments: argparse.Namespace) -> str:
    """Name the machine that this ran on."""
    if arguments.device != "cpu":
        return f"{torch.cuda.get_device_name()}, torch {torch.__version__}"
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    name = names[0] if names else platform.processor()
    return f"{name}, {arguments.threads} threads, torch {torch.__version__}"


def report(whole: dict[str, Any], arguments: argparse.Namespace) -> None:
    """Print a table, then the factors beside those that counting predicts."""
    found = whole["variants"]
    print(f"{whole['command']}\n{whole['machine']}; matrix products: {whole['peak_flops'] / 1e9:.0f} GFLOP/s")
    distinct = found["forest"]["tokens"] if "forest" in found else None
    print(
        f"{'':14}{'cpu s':>8}{'wall s':>8}{'peak MB':>9}{'expected':>9}"
        f"{'tokens/s':>10}{'GFLOP/s':>9}{'of peak':>9}"
    )
    for name, each in found.items():
        seconds = seconds_of(each, arguments)
        flops = 2 * each["products"][arguments.shape] / seconds
        tokens = f"{distinct / seconds:10.0f}" if distinct else f"{'':10}"
        print(
            f"{name:14}{each['cpu_s']:8.2f}{each['wall_s']:8.2f}"
            f"{each['peak_mb']:9.0f}{each['estimated_mb']:9.0f}{tokens}"
            f"{flops / 1e9:9.1f}{flops / whole['peak_flops']:9.0%}"
        )
    print(f"tokens/s: distinct ones, of policy and reference ({distinct}), whatever a way repeats")
    for better, worse in COMPARED:
        if better in found and worse in found:
            print(factor(found[worse], found[better], f"{better} over {worse}", arguments))
    word = "agree" if whole["agreed"] else "DISAGREE"
    print(f"losses and gradient norms {word}: {whole['agreement']:.1e} apart at most, relatively")


def factor(worse: dict[str, Any], better: dict[str, Any], title: str, arguments: argparse.Namespace) -> str:
    """Return a line with a measured factor, the ones counted, and what filling a cache leaves of it."""
    slow, fast = seconds_of(worse, arguments), seconds_of(better, arguments)
    told = ", ".join(
        f"{shape} {products / better['products'][shape]:.2f}" for shape, products in worse["products"].items()
    )
    line = (
        f"{title}: {slow / fast:.2f} times as fast, {better['peak_mb'] / worse['peak_mb']:.2f} of the memory"
    )
    if better["fill"]:
        once = seconds_of(better["fill"], arguments)
        epochs = ", ".join(f"{slow / (fast + once / count):.2f} over {count}" for count in (1, 3))
        line += f"; filling takes {once:.2f} s a step, which leaves {epochs} epochs"
    return f"{line}; counted: {told}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
