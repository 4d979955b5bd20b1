"""Reward for naming nothing but evidence.

Range 0 to 1. Formula: supporting facts named / facts named, each fact once; 0 where none is named. Source:
the complement of CHAIR's hallucination rate (Rohrbach et al., 2018, arXiv 1809.02156), by the exact cue
parser or a judge's claims. Gamed by naming a single cue of which the policy is sure: give `cue_recall` a
weight too.
"""

from avere.preference.online.truth import PolicyAnswer, Side, Truth, count_cues
from avere.settings import Settings


class Config(Settings):
    """What a recipe may say of this reward."""

    of: Side = "target"
    """Whose cues count."""


def reward(answer: PolicyAnswer, truth: Truth, config: Config) -> float | None:
    """Compute the share of the named facts that are evidence of the person's expression."""
    counts = count_cues(answer, truth, config.of)
    if counts is None:
        return None
    return counts.supporting / counts.named if counts.named else 0.0
