"""Every record stands in one step of an epoch, on any number of processes; shared media stand together."""

from collections import Counter
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from avere.preference.sampling import HeldOutSampler, Shape, StepSampler, deal_step, order_records
from avere.records import Corruption, Corruptions, PreferencePair, Provenance

GROUPS: tuple[Any, ...] = ("none", "clip", "replacements")


def record(number: int, clip: str, audio: str | None = None) -> PreferencePair:
    change = None if audio is None else Corruption(kind="clip", clip=audio)
    return PreferencePair(
        id=f"p{number}",
        clip=clip,
        target="audio",
        prompt="?",
        chosen="a",
        hallucinated="b",
        corruption=Corruptions(audio=change),
        made_by=Provenance(version="0"),
    )


# Three records a clip; clips 0 and 1, 2 and 3, ... lend each other their sound.
PAIRS = [record(n, f"c{n // 3}", f"c{(n // 3) ^ 1}") for n in range(36)]


@pytest.mark.parametrize("group", GROUPS)
@given(
    records=st.integers(1, 30), step=st.integers(1, 9), forward=st.integers(1, 5), processes=st.integers(1, 4)
)
def test_every_record_counts_once_and_all_processes_run_as_many_forwards(
    group, records, step, forward, processes
):
    shapes = [Shape(step, forward, processes, rank) for rank in range(processes)]
    samplers = [StepSampler(PAIRS[:records], shape, 3, group) for shape in shapes]
    dealt = [list(sampler) for sampler in samplers]
    assert {len(forwards) for forwards in dealt} == {len(samplers[0])}
    slots = [slot for forwards in dealt for each in forwards for slot in each]
    assert sorted(slot.place for slot in slots if slot.counts) == list(range(records))
    assert all(0 < len(each) <= forward for forwards in dealt for each in forwards)


@pytest.mark.parametrize("group", GROUPS)
def test_steps_hold_the_same_records_on_any_number_of_processes(group):
    def steps(processes: int, forward: int) -> list[set[int]]:
        found: list[set[int]] = []
        dealt = [
            list(StepSampler(PAIRS, Shape(8, forward, processes, rank), 0, group))
            for rank in range(processes)
        ]
        at_once = -(-8 // (forward * processes))
        for start in range(0, len(dealt[0]), at_once):
            slots = [s for own in dealt for each in own[start : start + at_once] for s in each]
            found.append({slot.place for slot in slots if slot.counts})
        return found

    assert steps(1, 1) == steps(2, 3) == steps(3, 2) == steps(1, 8)


def test_thirteen_records_in_steps_of_four_on_two_processes_by_hand():
    first, second = deal_step([4, 5, 6, 7], 1, 2)
    assert [slot.place for each in first for slot in each] == [4, 6]
    assert [slot.place for each in second for slot in each] == [5, 7]
    # The last step has one record; the second process repeats it and counts nothing.
    first, second = deal_step([12], 1, 2)
    assert (first[0][0].counts, second[0][0].counts) == (True, False)
    assert len(StepSampler(PAIRS[:13], Shape(4, 1, 2), 0)) == 3 * 2 + 1


def test_the_plain_order_is_that_of_torchs_random_sampler():
    drawn = torch.randperm(36, generator=torch.Generator().manual_seed(5)).tolist()
    assert order_records(PAIRS, 5, "none", 8) == drawn


def test_epochs_have_other_orders_and_come_back():
    sampler = StepSampler(PAIRS, Shape(8, 8), 0, "replacements")
    one = list(sampler)
    sampler.set_epoch(1)
    other = list(sampler)
    sampler.set_epoch(0)
    assert one == list(sampler) != other


@pytest.mark.parametrize(("group", "clips"), [("clip", 4), ("replacements", 2)])
def test_grouped_steps_need_few_clips(group, clips):
    order = order_records(PAIRS, 7, group, 6)
    needed = []
    for start in range(0, 36, 6):
        pairs = [PAIRS[place] for place in order[start : start + 6]]
        # Two clips and their two partners, or two that are partners.
        lent = {pair.corruption.audio.clip for pair in pairs if pair.corruption.audio}
        needed.append(len({pair.clip for pair in pairs} | lent))
    assert max(needed) == clips
    mixed = order_records(PAIRS, 7, "none", 6)
    assert len({PAIRS[place].clip for place in mixed[:6]}) > 2


def test_a_clip_of_many_records_is_cut_by_the_step_alone():
    pairs = [record(n, "long") for n in range(10)] + [record(10 + n, f"c{n}") for n in range(3)]
    order = order_records(pairs, 0, "clip", 4)
    places = [place for place, record_ in enumerate(order) if record_ < 10]
    assert places == list(range(places[0], places[0] + 10))


def test_held_out_records_keep_their_order_and_count_once():
    dealt = [list(HeldOutSampler(5, Shape(8, 2, 2, rank))) for rank in range(2)]
    assert [[slot.place for slot in each] for each in dealt[0]] == [[0, 1], [4]]
    assert [[slot.place for slot in each] for each in dealt[1]] == [[2, 3], [0]]
    counted = Counter(slot.place for own in dealt for each in own for slot in each if slot.counts)
    assert counted == Counter(range(5))
