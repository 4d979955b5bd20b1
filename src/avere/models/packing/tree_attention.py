"""Attention over packed rows in spans of queries: each sees its ancestors and its own span only.

Under a dense mask every node computes scores with the whole row, and most are thrown away. But in
depth-first order, every ancestor outside a span of a node in it is also an ancestor of the span's first node.
So a span needs the keys of those ancestors and its own, instead of the whole row's. A long path from its
root, such as the media and the first response about them, is one span that needs no mask.

The forest of :mod:`avere.models.packing.forest`: prefix 1 2, below it 3 and 5, below 5 the leaves 6 and 7.
With spans of up to two nodes, [1 2 3] runs down to the first leaf without a branch: a plain span. [5 6] and
[7] follow; the second needs the keys of 1, 2 and 5.

>>> ends = np.array([6, 6, 3, 6, 5, 6])
>>> for span in _spans(ends, size=2):
...     print(span.above.tolist(), span.own.tolist(), "plain" if span.plain else "masked")
[] [0, 1, 2] plain
[0, 1] [3, 4] masked
[0, 1, 3] [5] masked
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

NAME = "avere_tree"
SPAN = 128
"""Branches are put together up to this many queries: fewer calls, at the price of some masked products."""

Places = Int64[np.ndarray, " _"]


class SpanGroup(NamedTuple):
    """Spans of about the same size, for one call."""

    queries: Int64[Tensor, "spans queries"]
    """Places in the flattened queries; what fills up a shorter span repeats the first place."""
    keys: Int64[Tensor, "spans keys"]
    """Ancestors of each span's first node, then the span itself."""
    mask: Float[Tensor, "spans 1 queries keys"] | None
    """0 where a query attends to a key, else -infinity. None: to every key up to itself."""


class AttentionPlan(NamedTuple):
    """How packed rows attend; stands where the library expects a mask."""

    groups: tuple[SpanGroup, ...]
    order: Int64[Tensor, " queries"]
    """Where each query's output lies when those of the groups stand one after the other."""


class _Span(NamedTuple):
    above: Places
    own: Places
    plain: bool
    """A single path from its root."""
    asked: Places
    """Which of the nodes attend; all of a plain span."""


def plan_of(
    ends: Int64[Tensor, "rows length"],
    dtype: torch.dtype,
    size: int = SPAN,
    places: Int64[Tensor, " chosen"] | None = None,
) -> AttentionPlan:
    """Plan how rows attend whose branches are put together up to ``size`` queries.

    Args:
        ends: of the rows' nodes.
        dtype: of the masks.
        size: of a span.
        places: in the flattened rows, ascending, of the only nodes that attend; they are one row of queries
            over all nodes as one row of keys. None: all attend.
    """
    rows, length = ends.shape
    flat = (ends.cpu().numpy() + np.arange(rows)[:, None] * length).ravel()
    chosen = np.arange(len(flat)) if places is None else places.cpu().numpy()
    kinds: dict[tuple[bool, int, int], list[_Span]] = {}
    for span in _asked(_spans(flat, size), chosen):
        kind = span.plain, len(span.asked) // 64, (len(span.above) + len(span.own)) // 256
        kinds.setdefault(kind, []).append(span)
    groups, order, count = [], np.empty(len(chosen), dtype=np.int64), 0
    like = torch.empty(0, dtype=dtype, device=ends.device)
    for spans in kinds.values():
        queries = _filled([np.searchsorted(chosen, span.asked) for span in spans])
        known = queries >= 0
        order[queries[known]] = count + np.flatnonzero(known)
        count += queries.size
        groups.append(_group(spans, torch.from_numpy(queries.clip(min=0)), flat, like))
    return AttentionPlan(tuple(groups), torch.from_numpy(order).to(ends.device))


def attend(
    module: torch.nn.Module,
    query: Float[Tensor, "rows heads length width"],
    key: Float[Tensor, "rows kv_heads keys width"],
    value: Float[Tensor, "rows kv_heads keys width"],
    attention_mask: AttentionPlan | Tensor | None,
    **options: Any,
) -> tuple[Tensor, None]:
    """Attend in spans where the mask is a plan, else as SDPA does."""
    if not isinstance(attention_mask, AttentionPlan):
        return sdpa_attention_forward(module, query, key, value, attention_mask, **options)
    rows, _, length, _ = query.shape
    queries, keys, values = (states.transpose(1, 2).flatten(0, 1) for states in (query, key, value))
    outputs = []
    for group in attention_mask.groups:
        given = _gather(queries, group.queries), _gather(keys, group.keys), _gather(values, group.keys)
        outputs.append(_attend_group(module, given, group.mask, options).flatten(0, 1))
    merged = torch.cat(outputs).index_select(0, attention_mask.order)
    return merged.view(rows, length, *merged.shape[1:]), None


def _attend_group(
    module: torch.nn.Module,
    states: tuple[Tensor, Tensor, Tensor],
    mask: Tensor | None,
    options: dict[str, Any],
) -> Float[Tensor, "spans queries heads width"]:
    """Attend in one group; a CPU reads shared heads where they are, other kernels want copies with a mask."""
    if states[0].device.type != "cpu":
        output: Tensor = sdpa_attention_forward(module, *states, mask, **{**options, "is_causal": True})[0]
        return output
    return scaled_dot_product_attention(
        *states,
        attn_mask=mask,
        dropout_p=options.get("dropout", 0.0),
        is_causal=mask is None,
        scale=options.get("scaling"),
        enable_gqa=True,
    ).transpose(1, 2)


def _spans(ends: Places, size: int) -> Iterator[_Span]:
    """Cut a forest in depth-first order into spans: whole runs down to a leaf, small ones together."""
    # A node that ends right after itself is a leaf; cuts lie behind leaves only.
    stops = np.flatnonzero(ends == np.arange(1, len(ends) + 1)) + 1
    start, runs = 0, 0
    far = len(ends) + size + 1
    for stop, following in pairwise([*stops.tolist(), far]):
        runs += 1
        if following - start > size:
            # Ancestors of the span's first node: what began before it and has not ended.
            above = np.flatnonzero(ends[:start] > start)
            own = np.arange(start, stop)
            yield _Span(above, own, plain=runs == 1 and not len(above), asked=own)
            start, runs = stop, 0


def _asked(spans: Iterable[_Span], chosen: Places) -> Iterator[_Span]:
    """Yield the spans in which chosen nodes attend, with these nodes."""
    for span in spans:
        first, last = np.searchsorted(chosen, [span.own[0], span.own[-1] + 1])
        asked = chosen[first:last]
        if len(asked):
            yield span._replace(asked=asked, plain=span.plain and len(asked) == len(span.own))


def _group(
    spans: Sequence[_Span], queries: Int64[Tensor, "spans queries"], ends: Places, like: Tensor
) -> SpanGroup:
    """Lay out the places and the mask of some spans, with the type and device of ``like``."""
    own = torch.from_numpy(_filled([span.own for span in spans]).clip(min=0)).to(like.device)
    if spans[0].plain:
        return SpanGroup(queries.to(like.device), own, None)
    keys = _filled([np.concatenate([span.above, span.own]) for span in spans])
    # Within a span, a query sees a key that stands at or before it and ends behind it, as in the forest.
    query, key = _filled([span.asked for span in spans])[:, :, None], keys[:, None, :]
    seen = (key >= 0) & (key <= query) & (query < ends[key])
    # What fills up a span sees everything, for a finite softmax; nothing reads it.
    hidden = torch.from_numpy(~(seen | (query < 0))).unsqueeze(1).to(like.device)
    mask = like.new_zeros(hidden.shape).masked_fill(hidden, -torch.inf)
    return SpanGroup(queries.to(like.device), torch.from_numpy(keys.clip(min=0)).to(like.device), mask)


def _filled(parts: Sequence[Places]) -> Int64[np.ndarray, "parts longest"]:
    """Write parts of different lengths as rows; -1 fills them up."""
    whole = np.full((len(parts), max(map(len, parts))), -1, dtype=np.int64)
    for row, part in zip(whole, parts, strict=True):
        row[: len(part)] = part
    return whole


def _gather(
    states: Float[Tensor, "nodes heads width"], places: Int64[Tensor, "spans each"]
) -> Float[Tensor, "spans heads each width"]:
    """Gather the states at some places of the flattened rows."""
    return states.index_select(0, places.flatten()).view(*places.shape, *states.shape[1:]).transpose(1, 2)


AttentionInterface.register(NAME, attend)
AttentionMaskInterface.register(NAME, sdpa_mask)
