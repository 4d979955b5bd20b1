"""Choosing learning rate and anchor weight of each arm on the development clips, by one rule for all arms."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from avere import analyse
from avere.analyse import Interval

RATE, ANCHOR, WEIGHT = "optimiser.learning_rate", "loss.anchor", "loss.anchor_weight"
"""Dotted keys of training recipes."""
TUNED = (*analyse.HEADLINE, "description/supporting")
"""The measures whose mean is made large."""
BROKEN, TOLERATED = "description/unparsed", 5.0
"""The measure that may not exceed the base's by more than so many points."""

Measures = Mapping[str, Interval]


class Setting(NamedTuple):
    """What is chosen."""

    learning_rate: float
    anchor_weight: float | None = None
    """None: the arm has no anchor, or a weight of its own."""

    @property
    def name(self) -> str:
        """How stages and folders call it.

        >>> Setting(1.2e-3).name, Setting(2.5e-3, 0.5).name
        ('0.0012', '0.0025-0.5')
        """
        return "-".join(f"{value:g}" for value in self if value is not None)

    def changes(self) -> dict[str, Any]:
        """List what differs from the training recipe, by dotted key."""
        weight = {} if self.anchor_weight is None else {WEIGHT: self.anchor_weight}
        return {RATE: self.learning_rate, **weight}


def choose_setting(tried: Mapping[Setting, Measures], base: Measures) -> Setting:
    """Choose the setting with the largest mean of `TUNED` of those that break few more answers than the base.

    An answer is broken where a description names no cue that is known; 5 points more than the base's are
    tolerated. Where every setting breaks more, the one that breaks fewest is taken.
    """
    limit = (base[BROKEN].value or 0.0) + TOLERATED
    whole = [one for one, found in tried.items() if (found[BROKEN].value or 0.0) <= limit]
    if not whole:
        return min(tried, key=lambda one: tried[one][BROKEN].value or 0.0)
    return max(whole, key=lambda one: mean_of_tuned(tried[one]))


def mean_of_tuned(found: Measures) -> float:
    """Average the measures that settings are chosen by, in points."""
    return sum(found[name].value or 0.0 for name in TUNED) / len(TUNED)
