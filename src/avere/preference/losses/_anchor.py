"""Anchors: what holds up the chosen answer while a preference loss pushes the rejected ones down.

A preference loss only reads differences, so it may lower the chosen answer as long as the rejected ones
fall faster; before yes/no answers heal, free descriptions can fall apart. ``nll`` adds the chosen answer's
negative log-likelihood a token (Pang et al., 2024, arXiv 2404.19733). ``dpop`` takes the part by which the
chosen answer fell below the reference out of the preference margin (Pal et al., 2024, arXiv 2402.13228,
equation 3). Without an anchor both add exactly nothing.
"""

from typing import Annotated, Literal, Protocol

from jaxtyping import Float
from pydantic import Field
from torch import Tensor

from avere.preference.losses._rewards import CHOSEN
from avere.preference.views import LogProbs, LossTerms, Views

Anchor = Literal["none", "nll", "dpop"]
AnchorWeight = Annotated[float, Field(ge=0)]
"""Of the anchor; arXiv 2404.19733 takes 1 for ``nll``, arXiv 2402.13228 takes 50 for ``dpop``."""


class Anchored(Protocol):
    """The settings of a loss that can be anchored."""

    @property
    def anchor(self) -> Anchor: ...

    @property
    def anchor_weight(self) -> float: ...


def read_anchor(views: Views, config: Anchored) -> Views:
    """Add what the anchor reads: for ``nll``, the length of the chosen answer."""
    if config.anchor != "nll":
        return views
    return views._replace(lengths=views.lengths | {CHOSEN.response})


def measure_fall(chosen: Float[Tensor, " batch"], config: Anchored) -> Float[Tensor, " batch"]:
    """Compute weight * max(0, -r(y_w)) for ``dpop``, to take out of a margin; zero for other anchors.

    >>> import torch
    >>> from types import SimpleNamespace
    >>> measure_fall(torch.tensor([-0.5, 0.5]), SimpleNamespace(anchor="dpop", anchor_weight=2.0))
    tensor([1., 0.])
    """
    if config.anchor != "dpop":
        return chosen.new_zeros(chosen.shape)
    return config.anchor_weight * (-chosen).clamp(min=0)


def add_anchor(terms: LossTerms, logps: LogProbs, config: Anchored) -> LossTerms:
    """Add weight * -log pi(y_w | a, v, x) / |y_w| to the loss of each record for ``nll``; else nothing."""
    if config.anchor != "nll":
        return terms
    nll = -logps.policy[CHOSEN] / logps.lengths[CHOSEN.response]
    return terms._replace(each=terms.each + config.anchor_weight * nll, parts={**terms.parts, "nll": nll})
