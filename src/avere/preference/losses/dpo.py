"""Direct preference optimisation (Rafailov et al., 2023, equation 7) against one or both rejected answers."""

from typing import Literal

import torch
from pydantic import Field
from torch.nn.functional import logsigmoid

from avere.preference.losses._anchor import Anchor, AnchorWeight, add_anchor, measure_fall, read_anchor
from avere.preference.losses._rewards import CHOSEN, reward_of
from avere.preference.views import LogProbs, LossTerms, Response, View, Views
from avere.settings import Settings


class Config(Settings):
    """What the ``loss:`` section of a recipe may say."""

    beta: float = Field(default=0.1, gt=0)
    """Strength of the pull to the reference; 0.1 as in AVERE (arXiv 2602.07054)."""
    rejected: Literal["hallucinated", "spurious", "either", "both"] = "hallucinated"
    """``both`` is the mean of the two single losses."""
    anchor: Anchor = "none"
    """What holds up the chosen answer; none as published."""
    anchor_weight: AnchorWeight = 1.0


def _rejected(config: Config) -> tuple[View, ...]:
    which: tuple[Response, ...] = (
        ("spurious", "hallucinated") if config.rejected == "both" else (config.rejected,)
    )
    return tuple(View("real", each) for each in which)


def views(config: Config) -> Views:
    """Read the chosen and the rejected answers under policy and reference."""
    read = frozenset({CHOSEN, *_rejected(config)})
    return read_anchor(Views(policy=read, detached=frozenset(), reference=read), config)


def loss(logps: LogProbs, config: Config) -> LossTerms:
    """Return -log sigmoid(r_w - r_l), r = beta * (log pi - log pi_ref), and the anchor, for each record."""
    chosen = reward_of(logps, CHOSEN, config.beta)
    rejected = torch.stack([reward_of(logps, view, config.beta) for view in _rejected(config)])
    each = -logsigmoid(chosen - rejected - measure_fall(chosen, config)).mean(dim=0)
    terms = LossTerms(
        each=each,
        parts={"response": each},
        rewards={"chosen": chosen, "rejected": rejected.mean(dim=0)},
    )
    return add_anchor(terms, logps, config)
