"""Log-probabilities of responses under a decoding that reads several views of each prompt."""

import torch
from jaxtyping import Float32
from torch import Tensor

from avere.interfaces import Decoding
from avere.models.packing.module import PackedModel
from avere.models.packing.rows import PackedCandidates
from avere.models.packing.scoring import CHUNK


@torch.no_grad()
def score_views(
    module: PackedModel, encoded: PackedCandidates, decoding: Decoding | None
) -> Float32[Tensor, " candidates"]:
    """Sum the log-probabilities of each response's tokens, its end token included.

    ``encoded`` holds all views, view by view; each has the same responses in the same order.
    """
    if decoding is None:
        plain: Tensor = module(encoded)
        return plain
    states = module.states(encoded.packed).flatten(0, 1)
    places, targets, owners = (
        part.view(decoding.count, -1) for part in (encoded.predictors, encoded.targets, encoded.owners)
    )
    parts = zip(torch.split(places, CHUNK, dim=1), torch.split(targets[0], CHUNK), strict=True)
    each = [
        decoding.log_probs(module.active.lm_head(states[some])).gather(1, wanted.unsqueeze(1)).squeeze(1)
        for some, wanted in parts
    ]
    total = torch.zeros(encoded.count // decoding.count, device=states.device)
    return total.index_add(0, owners[0], torch.cat(each))
