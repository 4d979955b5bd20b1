"""The options of a basic question: two cues of the shown emotion, two of another, one of them true."""

from collections import Counter

import numpy as np

from avere.construct.facts import Side
from avere.world.cues import BY_NAME, EMOTIONS

Draw = np.random.Generator


class Opposites:
    """Choose the other emotion of a question, so that no emotion is true more often than it is false.

    Without this, an emotion that the clips show more often than others would be the better guess.
    """

    def __init__(self) -> None:
        self._asked: Counter[tuple[str, str]] = Counter()

    def choose(self, side: Side, random: Draw) -> str:
        """Return the emotion of the displaced cue where it is another one, else the one that balances."""
        displaced = displaced_emotion(side)
        if displaced in (None, side.emotion):
            others = [emotion for emotion in EMOTIONS if emotion != side.emotion]
            random.shuffle(others)
            other = min(others, key=lambda emotion: self._surplus(side.emotion, emotion))
        else:
            other = str(displaced)
        self._asked[side.emotion, other] += 1
        return other

    def _surplus(self, shown: str, other: str) -> int:
        return self._asked[shown, other] - self._asked[other, shown]


def options(side: Side, other: str, random: Draw) -> tuple[str, ...]:
    """Return the names of four cues, the true one first.

    They are {true, absent | displaced} of the shown emotion and {displaced | absent, absent} of ``other``:
    within an emotion every pair of cues is equally likely, so that text alone is right one time in four.
    """
    true = pick(side.supporting, random)
    if displaced_emotion(side) == side.emotion:
        return (true, side.displaced[0], *_some(side.absent(other), 2, random))
    absent = pick(side.absent(side.emotion), random)
    if displaced_emotion(side) == other:
        return (true, absent, side.displaced[0], pick(side.absent(other), random))
    return (true, absent, *_some(side.absent(other), 2, random))


def displaced_emotion(side: Side) -> str | None:
    """Return what the displaced cue would be evidence of, were it the person's."""
    return BY_NAME[side.displaced[0]].emotion if side.displaced else None


def pick(names: tuple[str, ...], random: Draw) -> str:
    """Return one name, each equally likely."""
    return names[int(random.integers(len(names)))]


def _some(names: tuple[str, ...], count: int, random: Draw) -> tuple[str, ...]:
    return tuple(str(name) for name in random.choice(names, size=count, replace=False))
