"""What scoring makes of the reply to an open question."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from avere.records import Prediction, Question


class Tally(NamedTuple):
    """The counts from which measures are made, and the value of the one reply."""

    value: float | None
    """None where it has none; then ``reason`` says why."""
    parts: Mapping[str, float]
    reason: str | None = None


Tallies = Callable[[Question, Prediction | None], Tally]
"""Returns the tally of a prediction; of None, what a question counts that has no answer."""
