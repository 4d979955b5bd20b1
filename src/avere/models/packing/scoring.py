"""Log-probabilities of chosen tokens from hidden states, a few at a time, so that no logits are kept."""

import torch
from jaxtyping import Float, Float32, Int64
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, linear

CHUNK = 128
"""States at a time: 128 rows of 152,064 logits in float32 are 78 MB."""


def score_targets(
    head: nn.Module, states: Float[Tensor, "targets width"], targets: Int64[Tensor, " targets"]
) -> Float32[Tensor, " targets"]:
    """Compute log p(target | state), differentiable in the states and, where it trains, in the head.

    Where the head is frozen, each value's gradient, W^T (onehot - softmax), is computed along with it; the
    backward pass then needs neither logits nor head.
    """
    learns = torch.is_grad_enabled() and any(weight.requires_grad for weight in head.parameters())
    if learns or type(head) is not nn.Linear or not _is_whole(head):
        return -cross_entropy(head(states).float(), targets, reduction="none")
    wanted = torch.is_grad_enabled() and states.requires_grad
    weight = head.weight  # the head is not called: ZeRO-3 counts the calls, and chunks differ among processes
    with torch.no_grad():
        parts = zip(torch.split(states, CHUNK), torch.split(targets, CHUNK), strict=True)
        found = [_chunk(weight, part, target, pulled=wanted) for part, target in parts]
    values = torch.cat([value for value, _ in found])
    if not wanted:
        return values
    product = (states.float() * torch.cat([pull for _, pull in found])).sum(-1)
    return values + (product - product.detach())  # adds zero, and the gradient


def _is_whole(head: nn.Linear) -> bool:
    """True where a head is a product with weights that lie here, not scattered over processes."""
    return head.bias is None and head.weight.shape == (head.out_features, head.in_features)


def _chunk(
    weight: Float[Tensor, "words width"],
    states: Float[Tensor, "few width"],
    targets: Int64[Tensor, " few"],
    *,
    pulled: bool,
) -> tuple[Float32[Tensor, " few"], Tensor]:
    """Compute the values of some targets, and their gradients in the states where wanted."""
    logits = linear(states, weight).float()
    total = logits.logsumexp(-1, keepdim=True)
    chosen = logits.gather(1, targets.unsqueeze(1))
    values = (chosen - total).squeeze(1)
    if not pulled:
        return values, values
    rest = logits.sub_(total).exp_().neg_()
    rest.scatter_add_(1, targets.unsqueeze(1), torch.ones_like(chosen))
    return values, (rest.to(weight.dtype) @ weight).float()
