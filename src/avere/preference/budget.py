"""Forwards of up to so many distinct tokens: a step is cut where the least is computed twice.

Candidates of one forward share prefixes, so records do not add up: what counts is the union of their pieces.
A piece is a medium, a prompt or an answer behind what stands before it; pieces of the same name stand once.

Two records of clip ``a``, then two of clip ``b``, whose media are 100 tokens and whose texts are 10. One cut
between the clips computes 240 tokens; any other computes the media of a clip twice:

>>> pieces = [{clip: 100, f"{clip} {number}": 10} for number, clip in enumerate("aabb")]
>>> cut_step([0, 1, 2, 3], pieces, limit=150, parts=2)
[[0, 1], [2, 3]]
>>> count_tokens(pieces[:2]), count_tokens(pieces)
(120, 240)
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

Pieces = Mapping[str, int]
"""The pieces of a record's candidates by name, with the tokens of each."""


class Budget(NamedTuple):
    """How the steps of a run are cut."""

    pieces: Sequence[Pieces]
    """Of every record."""
    limit: int
    """Distinct tokens of a forward; a record that has more stands alone."""
    parts: int
    """Forwards of every step, over all processes."""

    def cut(self, step: Sequence[int]) -> list[list[int]]:
        """Cut the records of a step into forwards."""
        return cut_step(step, self.pieces, self.limit, self.parts)


def count_tokens(pieces: Iterable[Pieces]) -> int:
    """Count the distinct tokens of some records."""
    return sum({name: tokens for each in pieces for name, tokens in each.items()}.values())


def make_budget(
    pieces: Sequence[Pieces], limit: int, steps: Iterable[Sequence[int]], processes: int
) -> Budget:
    """Find the fewest forwards, the same number in every step, that keep all steps of a run to the limit."""
    most = max(_count_forwards(step, pieces, limit) for step in steps)
    return Budget(pieces, limit, math.ceil(most / processes) * processes)


def cut_step(step: Sequence[int], pieces: Sequence[Pieces], limit: int, parts: int) -> list[list[int]]:
    """Cut records, in their order, into so many forwards that together compute the fewest tokens.

    No forward passes the limit but one of a single record, as long as so many forwards suffice. A step of
    fewer records has a forward a record.
    """
    count = len(step)
    parts = min(parts, count)
    costs = [_costs_from(step[start:], pieces, limit) for start in range(count)]
    best: list[list[tuple[float, int]]] = [[(math.inf, 0)] * (count + 1) for _ in range(parts + 1)]
    best[0][0] = (0.0, 0)
    for part in range(1, parts + 1):
        for end in range(part, count + 1):
            best[part][end] = min(
                (best[part - 1][start][0] + costs[start][end - start - 1], start)
                for start in range(part - 1, end)
            )
    ends = [count]
    for part in range(parts, 0, -1):
        ends.append(best[part][ends[-1]][1])
    ends.reverse()
    return [list(step[start:end]) for start, end in pairwise(ends)]


def _costs_from(step: Sequence[int], pieces: Sequence[Pieces], limit: int) -> list[float]:
    """Count the tokens of the first record, of the first two, ...; far too many where they pass the limit."""
    seen: dict[str, int] = {}
    costs: list[float] = []
    for place in step:
        seen |= pieces[place]
        total = sum(seen.values())
        costs.append(total if total <= limit or not costs else total + 1e12)
    return costs


def _count_forwards(step: Sequence[int], pieces: Sequence[Pieces], limit: int) -> int:
    """Count the forwards of a step, each as full as can be: no cut makes fewer."""
    count, seen = 1, dict[str, int]()
    for place in step:
        together = {**seen, **pieces[place]}
        if seen and sum(together.values()) > limit:
            count, together = count + 1, dict(pieces[place])
        seen = together
    return count
