"""Reward for the right verdict.

Range 0 or 1. Formula: 1 where the answer opens with the right one of yes and no, and does not take it back.
Source: verifiable rewards on closed questions (DeepSeek-R1, arXiv 2501.12948, section 2.2.2). Applies where a
verdict is asked for. Gamed by always saying yes, or always no, where the prompts are not balanced.
"""

from avere.preference.online.truth import PolicyAnswer, Truth, find_verdict
from avere.settings import Settings


class Config(Settings):
    """What a recipe may say of this reward: nothing."""


def reward(answer: PolicyAnswer, truth: Truth, config: Config) -> float | None:
    """Compute whether the verdict is right."""
    del config
    if truth.verdict is None:
        return None
    return float(find_verdict(answer.text) == truth.verdict)
