"""The last layer at chosen nodes only: all that reads its states are the nodes that predict a response.

In a decoder layer, the query of each node attends to the keys and values of its ancestors. After the last
layer, only the nodes that predict a response token are read, perhaps 60 of 2,100; but they attend to all
ancestors. So keys and values of that layer are computed for every node; queries, output and feed-forward for
the chosen ones alone.

The library's layer computes queries, keys and values of the same states. Here a hook in front of it computes
keys and values of all nodes, then hands the layer the states of the chosen ones and, as a cache, those keys
and values: the layer takes what a cache returns instead of what it computed itself.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

from jaxtyping import Float, Int64
from torch import Tensor
from torch.nn.attention.flex_attention import BlockMask
from transformers.modeling_layers import GradientCheckpointingLayer

from avere.models.packing.tree_attention import AttentionPlan

Mask = AttentionPlan | BlockMask | Tensor
"""What lets each node attend to its ancestors and itself, as the attention takes it."""


Rotate = Callable[..., tuple[Tensor, Tensor]]
"""``rotate(queries, keys, cos, sin)`` turns both by the angles of their positions."""


class _Known(NamedTuple):
    """Keys and values where the library expects a cache; they are only read."""

    keys: Float[Tensor, "1 kv_heads nodes head"]
    values: Float[Tensor, "1 kv_heads nodes head"]

    def update(self, *given: object) -> tuple[Tensor, Tensor]:
        """Give those of all nodes, whatever the layer computed for the chosen ones."""
        del given
        return self.keys, self.values


@contextmanager
def only_at(
    layer: GradientCheckpointingLayer, places: Int64[Tensor, " chosen"], mask: Mask, rotate: Rotate
) -> Iterator[None]:
    """Let a decoder layer return the states of chosen nodes, in one row.

    Args:
        layer: the last one; what it leaves out nobody may read.
        places: where the nodes lie in the flattened rows.
        mask: of the chosen nodes over all.
        rotate: the family's rotary embedding, for the keys of all nodes.
    """
    choose = partial(_choose, places=places, mask=mask, rotate=rotate)
    hook = layer.register_forward_pre_hook(choose, with_kwargs=True)
    # The library drops caches under gradient checkpointing, except from layers that say they only read them.
    layer._can_checkpoint_with_cache = True
    try:
        yield
    finally:
        del layer._can_checkpoint_with_cache
        hook.remove()


def _choose(
    layer: Any,
    inputs: tuple[Tensor, ...],
    named: dict[str, Any],
    *,
    places: Tensor,
    mask: Mask,
    rotate: Rotate,
) -> tuple[tuple[Tensor, ...], dict[str, Any]]:
    """Cut a layer's inputs down to the chosen nodes; the keys and values of all come as a cache."""
    states = inputs[0].flatten(0, 1).unsqueeze(0)
    turns = [part.flatten(0, 1).unsqueeze(0) for part in named["position_embeddings"]]
    normed, attention = layer.input_layernorm(states), layer.self_attn
    split = (1, states.shape[1], -1, attention.head_dim)
    keys, values = (project(normed).view(split) for project in (attention.k_proj, attention.v_proj))
    if hasattr(attention, "k_norm"):
        keys = attention.k_norm(keys)
    keys, values = keys.transpose(1, 2), values.transpose(1, 2)
    no_query = keys[:, :0]
    _, keys = rotate(no_query, keys, *turns)
    changed = {
        "position_embeddings": tuple(part[:, places] for part in turns),
        "past_key_values": _Known(keys, values),
        "attention_mask": mask,
    }
    return (states[:, places],), named | changed
