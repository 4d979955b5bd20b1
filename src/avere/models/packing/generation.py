"""Greedy replies to many prompts at once: they share their beginnings, then each goes on alone."""

from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Int64
from torch import Tensor
from transformers import DynamicCache

from avere.interfaces import Decoding
from avere.models.packing.module import PackedModel, additive_mask
from avere.models.packing.rows import PackedPrompts


@torch.no_grad()
def generate(
    module: PackedModel,
    packed_prompts: PackedPrompts,
    *,
    max_tokens: int,
    end: int,
    decoding: Decoding | None = None,
) -> list[list[int]]:
    """Choose the next tokens of each prompt, up to and without the end token.

    The likeliest are chosen, or what a decoding chooses; ``packed_prompts`` then hold all views, in turn.
    """
    views, axes = 1 if decoding is None else decoding.count, len(packed_prompts.packed.positions)
    merged = DynamicCache()
    states = module.states(packed_prompts.packed, merged).flatten(0, 1)
    index, valid = own_nodes(packed_prompts, states.device)
    cache = unmerge_cache(merged, index)
    last = torch.tensor([int(places[-1]) for places in packed_prompts.places], device=states.device)
    state = states[last]
    replies: list[list[int]] = [[] for _ in range(len(packed_prompts.places) // views)]
    unfinished = set(range(len(replies)))
    for step in range(max_tokens):
        logits = module.active.lm_head(state)
        chosen = logits.argmax(-1) if decoding is None else decoding.choose(logits.unflatten(0, (views, -1)))
        for prompt, token in enumerate(chosen.tolist()):
            if prompt in unfinished and token == end:
                unfinished.discard(prompt)
            elif prompt in unfinished:
                replies[prompt].append(token)
        if not unfinished or step == max_tokens - 1:
            break
        valid = torch.cat([valid, torch.ones_like(valid[:, :1])], dim=1)
        positions = (packed_prompts.starts.to(states.device) + step).expand(axes, -1).unsqueeze(2)
        embedded = module.active.get_input_embeddings()(chosen.repeat(views).unsqueeze(1))
        state = module.read(embedded, positions, additive_mask(valid[:, None, None], states.dtype), cache)[
            :, 0
        ]
    return replies


def own_nodes(
    packed_prompts: PackedPrompts, device: torch.device
) -> tuple[Int64[Tensor, "prompts longest"], Bool[Tensor, "prompts longest"]]:
    """List where each prompt's nodes lie, padded on the left, and mark the entries that are real."""
    longest = max(len(places) for places in packed_prompts.places)
    index = np.zeros((len(packed_prompts.places), longest), dtype=np.int64)
    valid = np.zeros(index.shape, dtype=bool)
    for row, places in enumerate(packed_prompts.places):
        index[row, longest - len(places) :] = places
        valid[row, longest - len(places) :] = True
    return torch.from_numpy(index).to(device), torch.from_numpy(valid).to(device)


def unmerge_cache(merged: DynamicCache, index: Int64[Tensor, "prompts longest"]) -> DynamicCache:
    """Gather a cache with one row a prompt from the packed rows.

    Keys already carry their rotary positions, so that moving them changes nothing.
    """
    cache = DynamicCache()
    layers: Any = merged.layers
    for number, layer in enumerate(layers):
        keys, values = (
            states.transpose(1, 2).flatten(0, 1)[index].transpose(1, 2)
            for states in (layer.keys, layer.values)
        )
        cache.update(keys, values, number)
    return cache
