"""Reward for the right emotion.

Range 0 or 1. Formula: 1 where the answer names the one emotion that is shown, and no other. Source: the
accuracy reward of R1-Omni (arXiv 2503.05379). Applies where what is asked about shows one known emotion.
Gamed by an explanation that does not look at the media: the emotion alone says nothing of the evidence for
it.
"""

from avere.answers import emotions
from avere.preference.online.truth import PolicyAnswer, Truth
from avere.settings import Settings


class Config(Settings):
    """What a recipe may say of this reward: nothing."""


def reward(answer: PolicyAnswer, truth: Truth, config: Config) -> float | None:
    """Compute whether the answer names the emotion that is shown."""
    del config
    if truth.emotion is None:
        return None
    labels = tuple(dict.fromkeys((*truth.emotions, truth.emotion)))
    return float(emotions.parse(answer.text, labels, "lenient").label == truth.emotion)
