"""Spans of queries, of all nodes or of a few, attend to exactly what the dense mask allows."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from avere.models.packing.forest import Path, ancestor_mask, ancestor_mask_at, grow_forest
from avere.models.packing.tree_attention import attend, plan_of

keys = st.lists(st.integers(0, 2), min_size=1, max_size=12)


class Layer(torch.nn.Module):
    """What attention asks of a layer."""

    num_key_value_groups = 2
    is_causal = True


@given(st.lists(st.tuples(keys, st.sampled_from("ab")), min_size=1, max_size=8), st.integers(1, 9))
def test_spans_equal_the_dense_mask(drawn, size):
    paths = [Path(np.array(k), np.broadcast_to(np.arange(len(k)), (3, len(k))), root) for k, root in drawn]
    ends = grow_forest(paths).ends
    rows, length = ends.shape
    random = torch.Generator().manual_seed(0)
    shapes = [(rows, heads, length, 8) for heads in (4, 2, 2)]
    query, key, value = (torch.randn(s, generator=random, dtype=torch.float64) for s in shapes)
    inputs = [states.requires_grad_() for states in (query, key, value)]
    weights = torch.randn((rows, length, 4, 8), generator=random, dtype=torch.float64)
    results = []
    for mask in (plan_of(ends, torch.float64, size), ancestor_mask(ends)):
        output, _ = attend(Layer(), query, key, value, mask, scaling=0.5)
        results.append((output, *torch.autograd.grad((output * weights).sum(), inputs)))
    for packed, dense in zip(*results, strict=True):
        torch.testing.assert_close(packed, dense, atol=1e-10, rtol=1e-10)


@given(
    st.lists(st.tuples(keys, st.sampled_from("ab")), min_size=1, max_size=8),
    st.integers(1, 9),
    st.sampled_from([None, 9]),
    st.randoms(use_true_random=False),
)
def test_chosen_nodes_attend_as_among_all(drawn, size, limit, draw):
    paths = [Path(np.array(k), np.broadcast_to(np.arange(len(k)), (3, len(k))), root) for k, root in drawn]
    ends = grow_forest(paths, limit).ends
    rows, length = ends.shape
    places = torch.tensor(sorted(draw.sample(range(rows * length), draw.randint(1, rows * length))))
    random = torch.Generator().manual_seed(0)
    query, key, value = (
        torch.randn((rows, heads, length, 8), generator=random, dtype=torch.float64) for heads in (4, 2, 2)
    )
    every, _ = attend(Layer(), query, key, value, ancestor_mask(ends), scaling=0.5)
    one_row = [states.transpose(1, 2).flatten(0, 1).transpose(0, 1)[None] for states in (query, key, value)]
    one_row[0] = one_row[0][:, :, places]
    for mask in (plan_of(ends, torch.float64, size, places), ancestor_mask_at(ends, places)):
        chosen, _ = attend(Layer(), one_row[0], one_row[1], one_row[2], mask, scaling=0.5)
        torch.testing.assert_close(chosen[0], every.flatten(0, 1)[places], atol=1e-10, rtol=1e-10)
