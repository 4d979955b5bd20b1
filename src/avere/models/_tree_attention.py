"""Attention over packed rows in blocks of queries: each sees its ancestors and its own block only.

In depth-first order, every ancestor outside a block of a node in it is also an ancestor of the block's first
node. So a block needs the keys of those ancestors and its own, instead of the whole row's.
"""

from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int64
from torch import Tensor
from torch.nn.functional import pad
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

NAME = "avere_tree"
BLOCK = 64


class Blocks(NamedTuple):
    """What each block of queries attends to; stands where the library expects a mask."""

    above: Int64[Tensor, "blocks depth"]
    """Ancestors of each block's first node, as places in the flattened rows; unused entries hold 0."""
    mask: Float[Tensor, "blocks 1 queries keys"]
    """0 where a query attends to a key (ancestors, then the block itself), else -infinity."""


def blocks_of(ends: Int64[Tensor, "rows length"], dtype: torch.dtype, size: int = BLOCK) -> Blocks:
    """Return the blocks of packed rows, whose length is rounded up to a multiple of ``size``."""
    rows, length = ends.shape
    padded = pad(ends, (0, -length % size))
    column = torch.arange(padded.shape[1], device=ends.device)
    starts = column[::size]
    inside = (column < starts[:, None]) & (padded[:, None] > starts[:, None])
    depth = int(inside.sum(-1).max())
    above = inside.int().argsort(dim=-1, descending=True, stable=True)[..., :depth]
    known = inside.gather(-1, above)
    own = column.view(1, -1, size).expand(rows, -1, -1)
    keys = torch.cat([above, own], dim=-1)
    valid = torch.cat([known, torch.ones_like(own, dtype=torch.bool)], dim=-1)
    limits = padded.gather(1, keys.flatten(1)).view_as(keys)
    query, key = own[..., None], keys[..., None, :]
    seen = (key <= query) & (query < limits[..., None, :])
    # Columns that fill up the last block end before they begin; they see themselves, for a finite softmax.
    seen = (seen | (key == query)) & valid[..., None, :]
    mask = torch.zeros(seen.shape, dtype=dtype, device=ends.device).masked_fill(~seen, -torch.inf)
    offset = torch.arange(rows, device=ends.device).view(-1, 1, 1) * length
    places = torch.where(known, above + offset, 0)
    return Blocks(places.flatten(0, 1), mask.flatten(0, 1).unsqueeze(1))


def attend(
    module: torch.nn.Module,
    query: Float[Tensor, "rows heads length width"],
    key: Float[Tensor, "rows kv_heads keys width"],
    value: Float[Tensor, "rows kv_heads keys width"],
    attention_mask: Blocks | Tensor | None,
    **options: Any,
) -> tuple[Tensor, None]:
    """Attend in blocks where the mask is one of blocks, else as SDPA does."""
    if not isinstance(attention_mask, Blocks):
        return sdpa_attention_forward(module, query, key, value, attention_mask, **options)
    rows, _, length, _ = query.shape
    above, mask = attention_mask
    size = mask.shape[2]
    keys, values = (torch.cat([_gather(s, above), _cut(s, size)], dim=2) for s in (key, value))
    output, _ = sdpa_attention_forward(module, _cut(query, size), keys, values, mask, **options)
    return output.reshape(rows, -1, *output.shape[2:])[:, :length], None


def _cut(
    states: Float[Tensor, "rows heads length width"], size: int
) -> Float[Tensor, "blocks heads size width"]:
    """Cut rows into blocks."""
    rows, heads, length, width = states.shape
    padded = pad(states, (0, 0, 0, -length % size))
    return padded.view(rows, heads, -1, size, width).transpose(1, 2).reshape(-1, heads, size, width)


def _gather(
    states: Float[Tensor, "rows heads length width"], places: Int64[Tensor, "blocks depth"]
) -> Float[Tensor, "blocks heads depth width"]:
    """Return the states of each block's ancestors."""
    flat = states.transpose(1, 2).flatten(0, 1)
    return flat.index_select(0, places.flatten()).view(*places.shape, *flat.shape[1:]).transpose(1, 2)


AttentionInterface.register(NAME, attend)
AttentionMaskInterface.register(NAME, sdpa_mask)
