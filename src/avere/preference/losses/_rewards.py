"""Rewards and margins, the algebra that preference losses share."""

from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor

from avere.preference.views import LogProbs, Response, View


def reward(logps: LogProbs, view: View, beta: float) -> Float[Tensor, " batch"]:
    """Return beta * (log pi(y | x) - log pi_ref(y | x)), the implicit reward of Rafailov et al. (2023)."""
    return beta * (logps.policy[view] - logps.reference[view].detach())


def rejected_reward(
    logps: LogProbs, weights: Mapping[Response, float], beta: float
) -> Float[Tensor, " batch"]:
    """Return the weighted sum of the rejected answers' rewards on the real media."""
    each = [weight * reward(logps, View("real", which), beta) for which, weight in weights.items()]
    return torch.stack(each).sum(dim=0)
