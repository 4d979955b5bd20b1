"""Reward for an answer of the form that was asked for.

Range 0 or 1. Formula: 1 where the answer is not empty, does not go round in a loop, has at most ``words``
words and, with ``tags``, is ``<think>...</think><answer>...</answer>`` and nothing else. Source: the format
reward of DeepSeek-R1 (arXiv 2501.12948, section 2.2.2). Gamed by any short answer: its weight should be
small.
"""

import re

from pydantic import Field

from avere.preference import _watch
from avere.preference.online.truth import PolicyAnswer, Truth
from avere.settings import Settings

TAGS = re.compile(r"\s*<think>(?:(?!</?think>).)+</think>\s*<answer>(?P<answer>[^<]+)</answer>\s*", re.DOTALL)


class Config(Settings):
    """What a recipe may say of this reward."""

    words: int = Field(default=60, ge=1)
    """At most, of the whole answer."""
    tags: bool = False
    """Whether reasoning and answer must stand in tags."""


def reward(answer: PolicyAnswer, truth: Truth, config: Config) -> float | None:
    """Compute whether the answer has the form."""
    words = answer.text.split()
    if not words or len(words) > config.words:
        return 0.0
    if _watch.is_broken(answer.text, truth.reference or answer.text):
        return 0.0
    return float(not config.tags or TAGS.fullmatch(answer.text) is not None)
