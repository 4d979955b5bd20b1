"""Merged paths: what is shared, what is attended to, and that nothing changes."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from avere.models._forest import Path, ancestors, grow

keys = st.lists(st.integers(0, 3), min_size=1, max_size=8)


def path(tokens, root="clip"):
    positions = np.broadcast_to(np.arange(len(tokens)), (3, len(tokens)))
    return Path(np.array(tokens), positions, root)


def test_a_shared_beginning_is_stored_once():
    forest = grow([path([1, 2, 5, 6]), path([1, 2, 3]), path([1, 2, 5, 7])])
    # In order of keys: 1 2 3, then 5 6 and 7 below 1 2.
    assert forest.keys.tolist() == [[1, 2, 3, 5, 6, 7]]
    assert forest.ends.tolist() == [[6, 6, 3, 6, 5, 6]]
    assert forest.positions[0].tolist() == [[0, 1, 2, 2, 3, 3]]
    assert [places.tolist() for places in forest.places] == [[0, 1, 3, 4], [0, 1, 2], [0, 1, 3, 5]]


@given(st.lists(st.tuples(keys, st.sampled_from(["a", "b"])), min_size=1, max_size=8), st.integers(1, 30))
def test_each_path_keeps_its_keys_and_attends_to_itself_alone(drawn, limit):
    paths = [path(tokens, root) for tokens, root in drawn]
    forest = grow(paths, limit)
    mask = ancestors(forest.ends).squeeze(1)
    width = forest.keys.shape[1]
    for own, places in zip(paths, forest.places, strict=True):
        assert forest.keys.flatten()[places].tolist() == own.keys.tolist()
        rows, columns = places // width, places % width
        assert len(set(rows.tolist())) == 1
        for depth, column in enumerate(columns):
            attended = mask[rows[0], column].nonzero().squeeze(1).tolist()
            assert attended == columns[: depth + 1].tolist()


def test_padding_attends_to_itself_only():
    forest = grow([path([1, 2, 3, 4], "a"), path([1, 2, 3], "b"), path([1], "c")])
    assert forest.keys.shape == (2, 4)
    forest = grow([path([1, 2, 3, 4], "a"), path([1, 2, 3], "b")])
    assert torch.equal(ancestors(forest.ends)[1, 0, 3], torch.tensor([False, False, False, True]))
