"""Contrastive decoding on logits: what a corrupted input makes likely as well is taken off.

Source: Leng et al., CVPR 2024, arXiv:2311.16922. Pure functions; the last axis is the vocabulary.
"""

import math

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor


def contrast(
    real: Float[Tensor, "*rows tokens"], corrupted: Float[Tensor, "*rows tokens"], alpha: float
) -> Float[Tensor, "*rows tokens"]:
    """Compute (1 + alpha) · real - alpha · corrupted."""
    return (1 + alpha) * real - alpha * corrupted


def plausible(real: Float[Tensor, "*rows tokens"], beta: float) -> Bool[Tensor, "*rows tokens"]:
    """Mark the tokens that are at least ``beta`` times as likely as the likeliest, corruption apart."""
    if beta == 0:
        return torch.ones_like(real, dtype=torch.bool)
    return real >= real.amax(-1, keepdim=True) + math.log(beta)


def choose(
    real: Float[Tensor, "*rows tokens"], corrupted: Float[Tensor, "*rows tokens"], alpha: float, beta: float
) -> Int64[Tensor, "*rows"]:
    """Choose the plausible token of the largest contrast."""
    found = contrast(real.float(), corrupted.float(), alpha)
    return found.masked_fill(~plausible(real.float(), beta), -torch.inf).argmax(-1)


def log_probs(
    real: Float[Tensor, "*rows tokens"], corrupted: Float[Tensor, "*rows tokens"], alpha: float, beta: float
) -> Float[Tensor, "*rows tokens"]:
    """Compute the log-probabilities of the contrasted logits, finite for every token.

    The published rule gives implausible tokens no probability at all, so that most options could not be
    told apart. Here such a token keeps the log-probability that the real input gives it, but no more than
    the least of a plausible one; then all are normalised. So a contrast that changes nothing leaves the
    model's own.
    """
    own, other = (logits.float().log_softmax(-1) for logits in (real, corrupted))
    kept = plausible(own, beta)
    found = contrast(own, other, alpha)
    least = found.masked_fill(~kept, torch.inf).amin(-1, keepdim=True)
    return torch.where(kept, found, torch.minimum(own, least)).log_softmax(-1)
