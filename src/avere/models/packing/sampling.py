"""Answers drawn at random, several a prompt: what prompts share is read once, then each draw goes on alone.

A draw follows its own line of random numbers, by inversion: of the tokens in falling order of probability it
takes the first at which the sum of probabilities passes the number. So what is drawn depends on the seed, the
name of the prompt and the number of the draw, and not on what else is in the batch.
"""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor
from transformers import DynamicCache

from avere.interfaces import Drawing
from avere.models.packing.generation import own_nodes, unmerge_cache
from avere.models.packing.module import PackedModel, additive_mask
from avere.models.packing.rows import PackedPrompts


class DrawnTokens(NamedTuple):
    """One answer as it was drawn."""

    ids: list[int]
    """Without the end token."""
    log_prob: float
    """Of these tokens and, where it ended, the end token, at temperature 1 whatever they were drawn at."""
    ended: bool


def draw_numbers(names: Sequence[str], drawing: Drawing) -> Float[np.ndarray, "draws steps"]:
    """Draw the random numbers of all draws, those of a prompt behind one another.

    >>> drawing = Drawing(count=2, max_tokens=3, seed=0)
    >>> both, last = draw_numbers(["a", "b"], drawing), draw_numbers(["b"], drawing)
    >>> both.shape, bool((both[2:] == last).all())
    ((4, 3), True)
    """
    rows = []
    for name in names:
        words = np.frombuffer(hashlib.sha256(name.encode()).digest(), dtype=np.uint32).tolist()
        for number in range(drawing.count):
            stream = np.random.default_rng([drawing.seed, number, *words])
            rows.append(stream.random(drawing.max_tokens))
    return np.stack(rows)


@torch.no_grad()
def sample_tokens(
    module: PackedModel, packed_prompts: PackedPrompts, names: Sequence[str], drawing: Drawing, end: int
) -> list[list[DrawnTokens]]:
    """Draw answers to each prompt, up to the end token or ``drawing.max_tokens``.

    Prompts are read once, in merged rows; then every draw has a copy of its prompt's cache. Draws that ended
    leave the batch when they are half of it.
    """
    axes, count = len(packed_prompts.packed.positions), drawing.count
    merged = DynamicCache()
    states = module.states(packed_prompts.packed, merged).flatten(0, 1)
    index, valid = (part.repeat_interleave(count, 0) for part in own_nodes(packed_prompts, states.device))
    cache = unmerge_cache(merged, index)
    state = states[index[:, -1]]
    starts = packed_prompts.starts.to(states.device).repeat_interleave(count)
    numbers = torch.from_numpy(draw_numbers(names, drawing)).to(states.device)
    drawn = [DrawnTokens([], 0.0, ended=False) for _ in range(len(index))]
    rows = list(range(len(drawn)))  # whose draw stands in each row of the batch
    for step in range(drawing.max_tokens):
        logits = module.active.lm_head(state).float()
        chosen = choose_tokens(logits, numbers[rows, step], drawing)
        each = logits.log_softmax(-1).gather(1, chosen[:, None]).squeeze(1)
        for row, token, value in zip(rows, chosen.tolist(), each.tolist(), strict=True):
            drawn[row] = _go_on(drawn[row], token, value, end)
        going = [place for place, row in enumerate(rows) if not drawn[row].ended]
        if not going or step == drawing.max_tokens - 1:
            break
        if len(going) <= len(rows) / 2:
            kept = torch.tensor(going, device=states.device)
            rows, chosen, valid = [rows[place] for place in going], chosen[kept], valid[kept]
            cache.batch_select_indices(kept)
        valid = torch.cat([valid, torch.ones_like(valid[:, :1])], dim=1)
        positions = (starts[rows] + step).expand(axes, -1).unsqueeze(2)
        embedded = module.active.get_input_embeddings()(chosen.unsqueeze(1))
        mask = additive_mask(valid[:, None, None], states.dtype)
        state = module.read(embedded, positions, mask, cache)[:, 0]
    return [drawn[place : place + count] for place in range(0, len(drawn), count)]


def choose_tokens(
    logits: Float[Tensor, "rows tokens"], numbers: Float[Tensor, " rows"], drawing: Drawing
) -> Int64[Tensor, " rows"]:
    """Choose the token of each row at its number, among the likeliest that hold ``top_p`` of the probability.

    >>> logits = torch.tensor([[0.0, 2.0, 1.0]]).log_softmax(-1)
    >>> one = Drawing(count=1, max_tokens=1)
    >>> [choose_tokens(logits, torch.tensor([at]), one).item() for at in (0.1, 0.7, 0.95)]
    [1, 2, 0]
    """
    probabilities = (logits / drawing.temperature).softmax(-1).double()
    falling, tokens = probabilities.sort(dim=-1, descending=True, stable=True)
    total = falling.cumsum(-1)
    held = (total - falling < drawing.top_p).sum(-1, keepdim=True)
    mass = total.gather(1, held - 1)
    place = torch.searchsorted(total, numbers.double()[:, None] * mass, right=True)
    return tokens.gather(1, place.clamp(max=held - 1)).squeeze(1)


def _go_on(before: DrawnTokens, token: int, value: float, end: int) -> DrawnTokens:
    """Add a token to a draw, unless that ended."""
    if before.ended:
        return before
    ids = before.ids if token == end else [*before.ids, token]
    return DrawnTokens(ids, before.log_prob + value, ended=token == end)
