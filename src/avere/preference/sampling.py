"""Which records share a step and a forward: every record once an epoch, on any number of processes.

Records of one clip read the same video and sound, and so do the clips that replace each other's media. What
stands in one forward is computed once. An order that keeps them together saves work, and changes no gradient
of a step.

A step is dealt out to the processes in forwards of ``per_forward`` records. All processes must run the same
number of forwards; where one has no record left, it repeats a record that counts nothing:

>>> first, second = deal_step([7, 8, 9], per_forward=1, processes=2)
>>> [slot for forward in first for slot in forward]
[Slot(place=7, counts=True), Slot(place=9, counts=True)]
>>> [slot for forward in second for slot in forward]
[Slot(place=8, counts=True), Slot(place=7, counts=False)]
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from math import ceil
from typing import NamedTuple

import torch

from avere.preference.budget import Budget
from avere.preference.recipe import Group
from avere.records import PreferencePair


class Slot(NamedTuple):
    """A record in a forward."""

    place: int
    """Of the record in the list of records."""
    counts: bool
    """False for a record that only fills a forward; its loss and metrics are left out."""


Forward = tuple[Slot, ...]


class Shape(NamedTuple):
    """How records are dealt out."""

    per_step: int
    per_forward: int
    processes: int = 1
    rank: int = 0


class StepSampler:
    """The forwards of one process, epoch by epoch; a batch sampler of torch's loaders."""

    def __init__(
        self,
        pairs: Sequence[PreferencePair],
        shape: Shape,
        seed: int,
        group: Group = "none",
        budget: Budget | None = None,
    ) -> None:
        """Deal out records by their number, or by a budget of tokens."""
        self.pairs, self.shape, self.seed, self.group, self.budget = pairs, shape, seed, group, budget
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Draw another order for another epoch; loaders call this before each."""
        self.epoch = epoch

    def __len__(self) -> int:
        """Count the forwards of a process in an epoch; those of all processes are as many."""
        if self.budget is not None:
            return ceil(len(self.pairs) / self.shape.per_step) * self.budget.parts // self.shape.processes
        full, rest = divmod(len(self.pairs), self.shape.per_step)
        slots = self.shape.per_forward * self.shape.processes
        return full * ceil(self.shape.per_step / slots) + ceil(rest / slots)

    def __iter__(self) -> Iterator[Forward]:
        """Yield the forwards of this process."""
        for step in list_steps(self.pairs, self.seed + self.epoch, self.group, self.shape.per_step):
            yield from self._deal(step)[self.shape.rank]

    def _deal(self, step: Sequence[int]) -> list[list[Forward]]:
        """Deal a step out to the processes."""
        if self.budget is None:
            return deal_step(step, self.shape.per_forward, self.shape.processes)
        return _deal_forwards(self.budget.cut(step), self.budget.parts, self.shape.processes)


class HeldOutSampler:
    """The forwards of one process over held-out records, in their order and each once."""

    def __init__(self, records: int, shape: Shape) -> None:
        self.records, self.shape = records, shape

    def __len__(self) -> int:
        """Count the forwards of a process."""
        return ceil(self.records / (self.shape.per_forward * self.shape.processes))

    def __iter__(self) -> Iterator[Forward]:
        """Yield the forwards of this process."""
        return iter(
            deal_step(range(self.records), self.shape.per_forward, self.shape.processes)[self.shape.rank]
        )


def deal_step(step: Sequence[int], per_forward: int, processes: int) -> list[list[Forward]]:
    """Deal the records of a step out to processes, neighbours into one forward where they fit.

    Every process gets as many forwards, and none of them is empty.
    """
    forwards = [step[at : at + per_forward] for at in range(0, len(step), per_forward)]
    return _deal_forwards(forwards, ceil(len(forwards) / processes) * processes, processes)


def _deal_forwards(forwards: Sequence[Sequence[int]], count: int, processes: int) -> list[list[Forward]]:
    """Deal forwards out to processes in turn, after filling them up to a number."""
    filled = [tuple(Slot(place, counts=True) for place in each) for each in forwards]
    filler: Forward = (Slot(forwards[0][0], counts=False),)
    filled += [filler] * (count - len(filled))
    return [filled[rank::processes] for rank in range(processes)]


def list_steps(pairs: Sequence[PreferencePair], seed: int, group: Group, per_step: int) -> list[list[int]]:
    """List the records of each step of an epoch, see :func:`order_records`."""
    order = order_records(pairs, seed, group, per_step)
    return [order[start : start + per_step] for start in range(0, len(order), per_step)]


def order_records(pairs: Sequence[PreferencePair], seed: int, group: Group, per_step: int) -> list[int]:
    """Draw the order of an epoch: the same for a seed, whatever the number of processes.

    Args:
        pairs: the records.
        seed: of the order; another one for each epoch.
        group: what is kept together.
        per_step: records of a step; nothing is gained by keeping records of different steps together.
    """
    drawn: list[int] = torch.randperm(len(pairs), generator=torch.Generator().manual_seed(seed)).tolist()
    if group == "none":
        return drawn
    records: dict[str, list[int]] = {}
    for place in drawn:
        records.setdefault(pairs[place].clip, []).append(place)
    clips = list(records) if group == "clip" else _walk(records, _links(pairs), per_step)
    return [place for clip in clips for place in records[clip]]


def _links(pairs: Sequence[PreferencePair]) -> Mapping[str, Counter[str]]:
    """Count, for each two clips, the records of one that take media of the other."""
    links: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for pair in pairs:
        for change in (pair.corruption.audio, pair.corruption.video):
            if change is not None and change.clip is not None and change.clip != pair.clip:
                links[pair.clip][change.clip] += 1
                links[change.clip][pair.clip] += 1
    return links


def _walk(
    records: Mapping[str, Sequence[int]], links: Mapping[str, Counter[str]], per_step: int
) -> list[str]:
    """Order clips so that each shares as much as possible with the clips before it in its step."""
    waiting = {clip: place for place, clip in enumerate(records)}
    order: list[str] = []
    pull: Counter[str] = Counter()
    filled = 0
    while waiting:
        near = [clip for clip in pull if clip in waiting]
        clip = min(near, key=lambda each: (-pull[each], waiting[each])) if near else next(iter(waiting))
        del waiting[clip]
        order.append(clip)
        pull.update(links.get(clip, {}))
        filled += len(records[clip])
        if filled >= per_step:
            filled %= per_step
            # What stands over in the next step is the last clip's; only its own links still help there.
            pull = Counter(links.get(clip, {})) if filled else Counter()
    return order
