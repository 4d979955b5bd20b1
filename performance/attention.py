"""Time attention over a packed row by block masks, in spans, and under a dense mask, forward and backward.

``python performance/attention.py --device cuda --json out.json`` on a GPU, where block masks are compiled; on
a CPU they are left out. The row is a forest of a record: media, then answers of sixty tokens behind it.
Steps of training differ in length, and a compiler may start anew for each: ``--lengths`` times the first
call at as many other lengths.
"""

import argparse
import json
import pathlib
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from avere.models.packing import flex_attention, tree_attention
from avere.models.packing.forest import Path, ancestor_mask, grow_forest
from avere.models.packing.module import additive_mask

ANSWER = 60
"""Tokens of an answer."""
TOLERANCE = 2e-2
"""Relative distance of outputs and gradients in bfloat16; 1e-4 in float32."""


def main(words: list[str]) -> int:
    """Measure every way on the same queries, keys and values; 1 where they disagree."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--media", type=int, default=1500, help="tokens of the shared media")
    parser.add_argument("--answers", type=int, default=8, help="answers behind them")
    parser.add_argument("--heads", type=int, nargs=2, default=(28, 4), help="of queries, of keys")
    parser.add_argument("--width", type=int, default=128, help="of a head")
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--lengths", type=int, default=8, help="other lengths, each called once")
    parser.add_argument("--json", type=pathlib.Path)
    given = parser.parse_args(words)
    found = measure(given)
    first = next(iter(found.values()))
    for each in found.values():
        each["distance"] = max(_distance(a, b) for a, b in zip(each["values"], first["values"], strict=True))
    told = {name: {key: each[key] for key in ("ms", "first_ms", "distance")} for name, each in found.items()}
    others = [measure(_longer(given, 37 * number)) for number in range(1, given.lengths + 1)]
    for name, each in told.items():
        each["other_lengths_ms"] = [other[name]["first_ms"] for other in others]
        print(f"{name:8}{each['ms']:10.2f} ms forward and backward, {each['distance']:.1e} apart")
        print(f"{'':8}first call {each['first_ms']:.0f} ms, then at other lengths", end=" ")
        print(*(f"{taken:.1f}" for taken in each["other_lengths_ms"]))
    if given.json:
        given.json.write_text(json.dumps({"command": words, "ways": told}, indent=2) + "\n", encoding="utf-8")
    limit = 1e-4 if given.device == "cpu" else TOLERANCE
    return int(any(each["distance"] > limit for each in told.values()))


def measure(given: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """Return the median milliseconds of each way, with its outputs and gradients."""
    kind = torch.float32 if given.device == "cpu" else torch.bfloat16
    ends = forest_of(given.media, given.answers).to(given.device)
    torch.manual_seed(0)
    length = ends.shape[1]
    states = [
        torch.randn(1, heads, length, given.width, device=given.device, dtype=kind, requires_grad=True)
        for heads in (given.heads[0], given.heads[1], given.heads[1])
    ]
    module: Any = torch.nn.Module()
    module.num_key_value_groups = given.heads[0] // given.heads[1]
    # Untyped, for the library's types know neither plans nor lists of states.
    whole: Any = scaled_dot_product_attention
    spans: Any = tree_attention.attend
    blocks: Any = flex_attention.attend
    plan, dense = tree_attention.plan_of(ends, kind), additive_mask(ancestor_mask(ends), kind)
    ways: dict[str, Callable[[], Tensor]] = {
        "dense": lambda: whole(*states, attn_mask=dense, enable_gqa=True),
        "tree": lambda: spans(module, *states, plan)[0].transpose(1, 2),
    }
    if given.device != "cpu":
        mask = flex_attention.block_mask(ends)
        ways["flex"] = lambda: blocks(module, *states, mask)[0].transpose(1, 2)
    return {name: _timed(way, states, given) for name, way in ways.items()}


def _longer(given: argparse.Namespace, more: int) -> argparse.Namespace:
    return argparse.Namespace(**vars(given) | {"media": given.media + more, "times": 1})


def forest_of(media: int, answers: int) -> Tensor:
    """Return the ends of a row: a shared prefix, then answers."""
    paths = [
        Path(np.r_[0:media, start : start + ANSWER], np.zeros((1, media + ANSWER), dtype=np.int64), "media")
        for start in range(media, media + ANSWER * answers, ANSWER)
    ]
    ends: Tensor = grow_forest(paths, limit=None).ends
    return ends


def _timed(way: Callable[[], Tensor], states: list[Tensor], given: argparse.Namespace) -> dict[str, Any]:
    times = []
    for _ in range(given.times + 1):
        for state in states:
            state.grad = None
        began = time.perf_counter()
        output = way()
        output.float().pow(2).sum().backward()  # type: ignore[no-untyped-call]  # torch has no types here
        if given.device != "cpu":
            torch.cuda.synchronize()
        times.append(1000 * (time.perf_counter() - began))
    values = [output.detach(), *(state.grad for state in states)]
    return {"ms": statistics.median(times[1:]), "first_ms": times[0], "values": values}


def _distance(one: Any, other: Any) -> float:
    return float((one - other).float().norm() / other.float().norm())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
