"""Losses with what they read drawn at random, for laws that hold whatever the numbers are."""

from typing import Any

import torch
from torch import Tensor

from avere import catalogue
from avere.interfaces import LossModule
from avere.preference.recipe import LOSSES
from avere.preference.views import LogProbs, View, Views, every_view
from avere.settings import check

CHOSEN = View("real", "chosen")
SIZE = 5
"""Records in a batch."""
PREFERENCES = [
    name
    for name in catalogue.names(LOSSES)
    if "anchor" in catalogue.find(LOSSES, name, LossModule).Config.model_fields
]
"""The losses that can be anchored."""


def prepare(name: str, options: dict[str, Any]) -> tuple[LossModule, Any, Views]:
    module = catalogue.find(LOSSES, name, LossModule)
    config = check(options, module.Config, "test")
    return module, config, module.views(config)


def draw(read: Views, seed: int = 0, scale: float = 10.0) -> LogProbs:
    """Return random log-probabilities for all that is read, each a leaf that could take a gradient."""
    generator = torch.Generator().manual_seed(seed)

    def leaf(_: object) -> Tensor:
        return (-scale * torch.rand(SIZE, generator=generator)).requires_grad_()

    policy, detached, reference = ({view: leaf(view) for view in sorted(views)} for views in read[:3])
    lengths = {which: torch.arange(1.0, SIZE + 1) for which in read.lengths}
    return LogProbs(policy, detached, reference, lengths)


def at_start(read: Views) -> LogProbs:
    """Return log-probabilities before training: policy equals reference; text priors are unequal."""
    logps = draw(Views(every_view(read), read.detached, frozenset(), read.lengths))
    return logps._replace(
        policy={view: logps.policy[view] for view in read.policy},
        reference={view: logps.policy[view] for view in read.reference},
    )
