"""Rates of a warm-up begin above zero and end at the peak; later ones are the library's."""

import pytest
import torch
from transformers import get_scheduler

from avere.preference.schedule import make_schedule, scale_rate


def rates(schedule, optimizer, steps):
    found = []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return found


def optimizer():
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)


@pytest.mark.parametrize("name", ["linear", "cosine", "constant", "constant_with_warmup"])
@pytest.mark.parametrize("warmup", [0, 1, 4])
def test_after_the_warm_up_rates_are_those_of_the_library(name, warmup):
    one, two = optimizer(), optimizer()
    ours = rates(make_schedule(one, warmup, 12, name), one, 12)
    library = get_scheduler(name, two, num_warmup_steps=warmup, num_training_steps=12)
    theirs = rates(library, two, 12)
    assert ours[warmup:] == pytest.approx(theirs[warmup:])
    assert all(rate > 0 for rate in ours)


def test_a_warm_up_of_four_steps_by_hand():
    assert [scale_rate(step, 4, 10, "cosine") for step in range(5)] == [0.25, 0.5, 0.75, 1.0, 1.0]
    assert scale_rate(0, 4, 10, "constant") == 1.0
