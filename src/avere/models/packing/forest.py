"""Merge token paths that begin alike into packed rows, so that every shared prefix is computed once.

A path is the token sequence of one prompt with one response. Paths that begin alike become a tree; trees
stand in rows, node after node in depth-first order. A node attends to its ancestors and itself and keeps the
position it has on its own path; therefore the hidden states equal those of separate sequences.

Three candidates that share a prefix, tokens 1 2; the first and the third share 5 as well:

>>> def path(*keys):
...     return Path(np.array(keys), np.arange(len(keys))[None], root="clip")
>>> forest = grow_forest([path(1, 2, 5, 6), path(1, 2, 3), path(1, 2, 5, 7)])

The keys: equal prefixes once, branches in the order of their tokens. Eleven tokens became six nodes.

>>> forest.keys.tolist()
[[1, 2, 3, 5, 6, 7]]

The positions: both branches of the prefix go on at 2, both leaves below 5 at 3.

>>> forest.positions[0].tolist()
[[0, 1, 2, 2, 3, 3]]

The ends: the descendants of node a are the nodes after a and before ends[a]. The prefix reaches to the end of
the row, node 2 (token 3) is a leaf, node 3 (token 5) has the two leaves behind it.

>>> forest.ends.tolist()
[[6, 6, 3, 6, 5, 6]]

The places: where each path, in the order given, finds its own nodes.

>>> [places.tolist() for places in forest.places]
[[0, 1, 3, 4], [0, 1, 2], [0, 1, 3, 5]]

The mask, from the ends alone: token 7 sees 1, 2, 5 and itself, but neither 3 nor 6.

>>> ancestor_mask(forest.ends)[0, 0, 5].int().tolist()
[1, 1, 0, 1, 0, 1]
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Int64, Real
from torch import Tensor


class Path(NamedTuple):
    """One token sequence on its own."""

    keys: Int64[np.ndarray, " length"]
    """Token ids; negative ones stand for media tokens. Equal keys from the start mean equal content."""
    positions: Real[np.ndarray, "axes length"]
    """Rotary positions on the path, whole or not; the same number of axes in all paths."""
    root: str
    """Paths of different roots are never merged."""


class Forest(NamedTuple):
    """Packed rows of merged paths, nodes in depth-first order."""

    keys: Int64[Tensor, "rows length"]
    positions: Real[Tensor, "axes rows length"]
    ends: Int64[Tensor, "rows length"]
    """First column after a node's descendants; padding ends right after itself."""
    places: tuple[Int64[np.ndarray, " _"], ...]
    """For each path, where its nodes lie in the flattened rows."""


class _Tree(NamedTuple):
    keys: Int64[np.ndarray, " nodes"]
    positions: Real[np.ndarray, "axes nodes"]
    ends: Int64[np.ndarray, " nodes"]
    places: dict[int, Int64[np.ndarray, " path"]]


def grow_forest(paths: Sequence[Path], limit: int | None = None, padding: int = 0) -> Forest:
    """Merge paths and pack the trees into rows.

    Args:
        paths: any number, in any order.
        limit: about how many nodes a row holds; a path is never cut, nor a tree whose paths share much. None
            makes one row of everything: no prefix twice, no padding.
        padding: token that fills the rows.
    """
    trees = [_tree(paths, group) for group in _groups(paths, limit)]
    rows = _pack([len(tree.keys) for tree in trees], limit)
    length = max(sum(len(trees[index].keys) for index in row) for row in rows)
    keys = np.full((len(rows), length), padding, dtype=np.int64)
    kind = paths[0].positions.dtype
    positions = np.zeros((len(paths[0].positions), len(rows), length), dtype=kind)
    ends = np.tile(np.arange(1, length + 1), (len(rows), 1))
    places: dict[int, Int64[np.ndarray, " path"]] = {}
    for number, row in enumerate(rows):
        begin = 0
        for tree in (trees[index] for index in row):
            span = slice(begin, begin + len(tree.keys))
            keys[number, span] = tree.keys
            positions[:, number, span] = tree.positions
            ends[number, span] = tree.ends + begin
            places |= {index: place + number * length + begin for index, place in tree.places.items()}
            begin = span.stop
    ordered = tuple(places[index] for index in range(len(paths)))
    return Forest(torch.from_numpy(keys), torch.from_numpy(positions), torch.from_numpy(ends), ordered)


def ancestor_mask(ends: Int64[Tensor, "rows length"]) -> Bool[Tensor, "rows 1 length length"]:
    """Mark the columns that each node attends to: itself and its ancestors.

    In depth-first order, ``a`` is an ancestor of ``b`` or ``b`` itself where a <= b < end of a.
    """
    column = torch.arange(ends.shape[1], device=ends.device)
    inside = column[None, :, None] < ends[:, None, :]
    return (inside & (column[:, None] >= column[None, :])).unsqueeze(1)


def ancestor_mask_at(
    ends: Int64[Tensor, "rows length"], places: Int64[Tensor, " chosen"]
) -> Bool[Tensor, "1 1 chosen nodes"]:
    """Mark the nodes of the flattened rows that the chosen ones attend to."""
    rows, length = ends.shape
    flat = (ends + length * torch.arange(rows, device=ends.device)[:, None]).flatten()
    column = torch.arange(len(flat), device=ends.device)
    return ((column <= places[:, None]) & (places[:, None] < flat))[None, None]


def _groups(paths: Sequence[Path], limit: int | None) -> list[list[int]]:
    """List the paths of each tree by index, sorted so that equal beginnings are neighbours."""
    roots: dict[str, list[int]] = {}
    for index, path in enumerate(paths):
        roots.setdefault(path.root, []).append(index)
    for members in roots.values():
        members.sort(key=lambda index: paths[index].keys.tolist())
    if limit is None:
        return list(roots.values())
    return [group for members in roots.values() for group in _split(paths, members, limit)]


def _split(paths: Sequence[Path], members: Sequence[int], limit: int) -> Iterator[list[int]]:
    """Cut sorted paths into trees of ``limit`` nodes, or of four times what a cut would compute again."""
    group, size = [members[0]], len(paths[members[0]].keys)
    for before, index in pairwise(members):
        length, shared = len(paths[index].keys), _shared(paths[before], paths[index])
        if size + length - shared > max(limit, 4 * shared):
            yield group
            group, size = [], shared
        group.append(index)
        size += length - shared
    yield group


def _tree(paths: Sequence[Path], members: Sequence[int]) -> _Tree:
    """Merge sorted paths into one tree in depth-first order.

    Sorted, each path shares its longest known beginning with the one right before it. So what the path before
    has beyond that beginning is complete: no later path goes through it, and its nodes end here.
    """
    keys: list[Int64[np.ndarray, " part"]] = []
    positions: list[Real[np.ndarray, "axes part"]] = []
    places: dict[int, Int64[np.ndarray, " path"]] = {}
    ends = np.zeros(sum(len(paths[index].keys) for index in members), dtype=np.int64)
    count, before = 0, None
    for index in members:
        path = paths[index]
        shared = 0 if before is None else _shared(paths[before], path)
        old = places[before][:shared] if before is not None else np.empty(0, dtype=np.int64)
        if before is not None:
            ends[places[before][shared:]] = count
        new = np.arange(count, count + len(path.keys) - shared)
        keys.append(path.keys[shared:])
        positions.append(path.positions[:, shared:])
        places[index] = np.concatenate([old, new])
        count, before = count + len(new), index
    ends[places[members[-1]]] = count
    return _Tree(np.concatenate(keys), np.concatenate(positions, axis=1), ends[:count], places)


def _shared(first: Path, second: Path) -> int:
    """Measure the common beginning of two paths."""
    length = min(len(first.keys), len(second.keys))
    different = np.flatnonzero(first.keys[:length] != second.keys[:length])
    return int(different[0]) if len(different) else length


def _pack(sizes: Sequence[int], limit: int | None) -> list[list[int]]:
    """Put trees into the fewest rows that hold them, each into the emptiest, largest first."""
    capacity = max(*sizes, sum(sizes) if limit is None else limit)
    order = sorted(range(len(sizes)), key=lambda index: -sizes[index])
    for count in range(-(-sum(sizes) // capacity), len(sizes)):
        rows: list[list[int]] = [[] for _ in range(count)]
        loads = [0] * count
        for index in order:
            row = loads.index(min(loads))
            rows[row].append(index)
            loads[row] += sizes[index]
        if max(loads) <= capacity:
            return rows
    return [[index] for index in order]
