"""The learning rate of each step: a warm-up that begins above zero, then the decay of the recipe."""

from math import cos, pi
from typing import Any, Literal

from torch.optim.lr_scheduler import LambdaLR

Scheduler = Literal["linear", "cosine", "constant", "constant_with_warmup"]


def scale_rate(step: int, warmup: int, total: int, scheduler: Scheduler) -> float:
    """Scale the peak learning rate for one step, counted from 0.

    The library's schedules begin their warm-up with a step of rate 0, which learns nothing; here the first of
    ``warmup`` steps has 1 / warmup, and the last the peak. Later steps are as the library has them.

    >>> [scale_rate(step, 2, 6, "linear") for step in range(6)]
    [0.5, 1.0, 1.0, 0.75, 0.5, 0.25]
    """
    if step < warmup and scheduler != "constant":
        return (step + 1) / warmup
    done = (step - warmup) / max(1, total - warmup)
    if scheduler == "linear":
        return max(0.0, 1 - done)
    return max(0.0, 0.5 * (1 + cos(pi * done))) if scheduler == "cosine" else 1.0


def make_schedule(optimizer: Any, warmup: int, total: int, scheduler: Scheduler) -> LambdaLR:
    """Make torch's scheduler of these rates."""
    return LambdaLR(optimizer, lambda step: scale_rate(step, warmup, total, scheduler))
