from typing import NamedTuple

import pytest

from avere.construct.facts import Facts, gather
from avere.records import Clip, Cue
from avere.world import plan


class World(NamedTuple):
    clips: list[Clip]
    cues: list[Cue]
    facts: dict[str, Facts]


def draw(split: plan.Split, count: int, seed: int) -> World:
    plans = [plan.draw(index, split=split, seed=seed, identities=20) for index in range(count)]
    clips, cues = [plan.clip(one) for one in plans], [cue for one in plans for cue in plan.cues(one)]
    return World(clips, cues, gather(clips, cues))


@pytest.fixture(scope="package")
def balanced() -> World:
    return draw("balanced", 400, seed=3)


@pytest.fixture(scope="package")
def biased() -> World:
    return draw("biased", 400, seed=4)
