"""What the heads of a model attend to while it writes a response, summed by kind of token; exact.

The fast ways to attend keep no weights. So the layers run once with the library's plain attention, which
hands its weights back, and a hook on each layer sums them before the next layer makes its own: at no time
are there weights of more than one layer.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from avere.interfaces import HeadShares
from avere.models.packing.module import PackedModel
from avere.models.packing.rows import PackedCandidates
from avere.records.reasons import GROUPS


@torch.no_grad()
def share_attention(module: PackedModel, encoded: PackedCandidates, video_tokens: int) -> HeadShares:
    """Sum the attention of each head by what it is paid to, mean over the tokens of one response.

    A token of the response is written from the position before it, so its attention is that of this position.
    The end token is left out: of an answer of one letter, the letter alone counts.

    Args:
        module: the model.
        encoded: one candidate, whose row is then its path.
        video_tokens: how many of its media tokens are of the picture.
    """
    groups = _groups(encoded, video_tokens)
    queries = encoded.predictors[:-1] if len(encoded.predictors) > 1 else encoded.predictors
    found: list[Float[Tensor, "heads groups"]] = []

    def keep(_module: object, _given: object, output: tuple[Any, ...]) -> None:
        rows = output[1][0][:, queries].float().mean(1)
        found.append(rows.new_zeros(len(rows), len(GROUPS)).index_add(1, groups, rows))

    with _plain_attention(module), ExitStack() as hooks:
        for layer in module.language.layers:
            handle = layer.self_attn.register_forward_hook(keep)
            hooks.callback(handle.remove)
        module.states(encoded.packed)
    counts = torch.bincount(groups, minlength=len(GROUPS)).tolist()
    return HeadShares(
        tokens=dict(zip(GROUPS, counts, strict=True)),
        shares=tuple(tuple(tuple(head) for head in layer.tolist()) for layer in found),
    )


def _groups(encoded: PackedCandidates, video_tokens: int) -> Int64[Tensor, " length"]:
    """Name the group of each token of the row by its place in GROUPS."""
    length, packed = encoded.packed.tokens.shape[1], encoded.packed
    groups = torch.full((length,), GROUPS.index("text"), device=packed.tokens.device)
    sounds = packed.media_sources >= video_tokens
    groups[packed.media_places[sounds]] = GROUPS.index("audio")
    groups[packed.media_places[~sounds]] = GROUPS.index("video")
    groups[length - len(encoded.targets) :] = GROUPS.index("response")
    return groups


@contextmanager
def _plain_attention(module: PackedModel) -> Iterator[None]:
    """Let the language model attend with the library's plain attention."""
    config = module.language.config
    before = config._attn_implementation
    config._attn_implementation = "eager"
    try:
        yield
    finally:
        config._attn_implementation = before
