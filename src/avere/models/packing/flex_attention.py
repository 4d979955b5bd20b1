"""Attention over packed rows by block masks that are compiled for a GPU."""

import logging
from functools import cache, partial
from types import SimpleNamespace
from typing import Any

import torch
from jaxtyping import Int64
from torch import Tensor
from torch.nn.attention.flex_attention import BlockMask, create_block_mask
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.flex_attention import flex_attention_forward
from transformers.masking_utils import sdpa_mask

from avere.models.packing import tree_attention

NAME = "avere_flex"
"""The library's own name, ``flex_attention``, is refused by the library for some families."""

KERNEL = {"FORCE_USE_FLEX_ATTENTION": True}
"""Keep the compiler from its kernel for short queries: where heads share keys it finds no size of blocks for
rows of fewer than 128 tokens (torch 2.11 and 2.13)."""

logger = logging.getLogger("avere.models")


def block_mask(ends: Int64[Tensor, "rows length"]) -> BlockMask:
    """Let each node attend to its ancestors and itself."""
    rows, length = ends.shape
    return create_block_mask(
        lambda row, _head, query, key: (key <= query) & (query < ends[row, key]),
        rows,
        None,
        length,
        length,
        device=str(ends.device),
    )


def attend(
    module: Any, query: Tensor, key: Tensor, value: Tensor, attention_mask: object, **options: Any
) -> tuple[Tensor, Tensor | None]:
    """Attend by blocks where the mask is one of blocks, else in spans or as SDPA does."""
    by_blocks: Any = partial(flex_attention_forward, kernel_options=KERNEL)
    chosen: Any = by_blocks if isinstance(attention_mask, BlockMask) else tree_attention.attend
    result: tuple[Tensor, Tensor | None] = chosen(module, query, key, value, attention_mask, **options)
    return result


@cache
def works(width: int, dtype: torch.dtype) -> bool:
    """Try forward and backward on the GPU with heads of this width; say why where they fail.

    Rows are tried shorter and longer than the compiler's blocks, which take different ways there.
    """
    given: Any = {"device": "cuda", "dtype": dtype, "requires_grad": True}
    module = SimpleNamespace(training=True)
    try:
        for length in (40, 300):
            states = [torch.randn(1, heads, length, width, **given) for heads in (2, 1, 1)]
            mask = block_mask(torch.full((1, length), length, device="cuda"))
            output, _ = attend(module, states[0], states[1], states[2], mask, scaling=1.0)
            torch.autograd.grad(output.sum(), states)
    except Exception as error:  # the compiler raises what it likes
        logger.warning("flex_attention fails on this GPU (%s); attention='tree' is used", error)
        return False
    return True


AttentionInterface.register(NAME, attend)
AttentionMaskInterface.register(NAME, sdpa_mask)
