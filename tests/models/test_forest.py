"""Merged paths: what is shared, what is attended to, and that nothing changes."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from avere.models.packing.forest import Path, ancestor_mask, grow_forest
from avere.models.packing.options import row_limit_of
from avere.models.qwen.options import QwenOptions

keys = st.lists(st.integers(0, 3), min_size=1, max_size=8)


def path(tokens, root="clip"):
    positions = np.broadcast_to(np.arange(len(tokens)), (3, len(tokens)))
    return Path(np.array(tokens), positions, root)


def test_a_shared_beginning_is_stored_once():
    forest = grow_forest([path([1, 2, 5, 6]), path([1, 2, 3]), path([1, 2, 5, 7])])
    # In order of keys: 1 2 3, then 5 6 and 7 below 1 2.
    assert forest.keys.tolist() == [[1, 2, 3, 5, 6, 7]]
    assert forest.ends.tolist() == [[6, 6, 3, 6, 5, 6]]
    assert forest.positions[0].tolist() == [[0, 1, 2, 2, 3, 3]]
    assert [places.tolist() for places in forest.places] == [[0, 1, 3, 4], [0, 1, 2], [0, 1, 3, 5]]


@given(st.lists(st.tuples(keys, st.sampled_from(["a", "b"])), min_size=1, max_size=8), st.integers(1, 30))
def test_each_path_keeps_its_keys_and_attends_to_itself_alone(drawn, limit):
    paths = [path(tokens, root) for tokens, root in drawn]
    forest = grow_forest(paths, limit)
    mask = ancestor_mask(forest.ends).squeeze(1)
    width = forest.keys.shape[1]
    for own, places in zip(paths, forest.places, strict=True):
        assert forest.keys.flatten()[places].tolist() == own.keys.tolist()
        rows, columns = places // width, places % width
        assert len(set(rows.tolist())) == 1
        for depth, column in enumerate(columns):
            attended = mask[rows[0], column].nonzero().squeeze(1).tolist()
            assert attended == columns[: depth + 1].tolist()


def sizes(*lengths):
    """Return paths of these lengths that share nothing."""
    return [path([number] * length, str(number)) for number, length in enumerate(lengths)]


def test_padding_attends_to_itself_only():
    forest = grow_forest(sizes(4, 3), limit=1)
    assert forest.keys.shape == (2, 4)
    assert torch.equal(ancestor_mask(forest.ends)[1, 0, 3], torch.tensor([False, False, False, True]))


def test_without_a_limit_there_is_one_row_without_padding():
    assert grow_forest(sizes(4, 3, 1)).keys.shape == (1, 8)


def test_rows_are_few_and_even():
    # 4 + 1 and 3 + 2; a tree of 6 makes rows of 6, which hold 3 + 2 + 1.
    assert grow_forest(sizes(4, 3, 2, 1), limit=5).keys.shape == (2, 5)
    assert grow_forest(sizes(6, 3, 2, 1), limit=5).keys.shape == (2, 6)


def branches(shared, own, count):
    return [path([*range(100, 100 + shared), *[branch] * own]) for branch in range(count)]


def test_a_long_beginning_is_never_computed_twice():
    """A record over the published media: 2,100 tokens, then some words and three answers."""
    for limit in (None, 1, 1024, 4096):
        assert grow_forest(branches(2100, 80, 3), limit).keys.shape == (1, 2100 + 3 * 80)


def test_a_tree_of_many_branches_is_cut_where_little_is_shared():
    # 10 + 4 * 20 = 90 fit into a row of 100; ten branches need three such trees.
    assert grow_forest(branches(10, 20, 10), limit=100).keys.shape == (3, 90)
    assert grow_forest(branches(10, 20, 10)).keys.shape == (1, 210)


def test_rows_have_a_limit_under_dense_masks_only():
    assert [row_limit_of(QwenOptions(attention=each)) for each in ("auto", "tree", "flex")] == [None] * 3
    assert [row_limit_of(QwenOptions(attention=each)) for each in ("sdpa", "eager")] == [4096, 4096]
