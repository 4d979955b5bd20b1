"""Rewards and margins, the algebra that preference losses share."""

from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor

from avere.preference.views import LogProbs, Response, View

CHOSEN = View("real", "chosen")


def reward_of(logps: LogProbs, view: View, beta: float) -> Float[Tensor, " batch"]:
    """Return beta * (log pi(y | x) - log pi_ref(y | x)), the implicit reward of Rafailov et al. (2023)."""
    return beta * (logps.policy[view] - logps.reference[view].detach())


def rejected_reward(
    logps: LogProbs, weights: Mapping[Response, float], beta: float
) -> Float[Tensor, " batch"]:
    """Return the weighted sum of the rejected answers' rewards on the real media."""
    each = [weight * reward_of(logps, View("real", which), beta) for which, weight in weights.items()]
    return torch.stack(each).sum(dim=0)


def two_weights(beta_vr: float, beta_er: float) -> dict[Response, float]:
    """Return the weight of every rejected answer that is read, those with weight zero left out.

    Raises:
        ValueError: the weights do not sum to one.
    """
    total = beta_vr + beta_er
    if abs(total - 1) > 1e-6:
        raise ValueError(
            f"beta_vr + beta_er is {total:g}, not 1; only with 1 does a constant added to all answers "
            "of a record (log Z) cancel"
        )
    both: dict[Response, float] = {"spurious": beta_vr, "hallucinated": beta_er}
    return {which: weight for which, weight in both.items() if weight > 0}
