"""Reward for naming all the evidence there is.

Range 0 to 1. Formula: supporting cues named / max(supporting cues shown, facts named / most). Source: recall,
with a limit on lists of our own: up to ``most`` times as many facts as there are cues cost nothing, and a
list of everything earns next to nothing. Gamed by lists up to that limit: give `cue_precision` a weight too.
"""

from pydantic import Field

from avere.preference.online.truth import PolicyAnswer, Side, Truth, count_cues
from avere.settings import Settings


class Config(Settings):
    """What a recipe may say of this reward."""

    of: Side = "target"
    """Whose cues count."""
    most: float = Field(default=3.0, ge=1)
    """How many facts may be named for each cue that is shown."""


def reward(answer: PolicyAnswer, truth: Truth, config: Config) -> float | None:
    """Compute the share of the shown cues that the answer names; None where the clip shows none."""
    counts = count_cues(answer, truth, config.of)
    if counts is None or not counts.recallable:
        return None
    return counts.supporting / max(counts.recallable, counts.named / config.most)
