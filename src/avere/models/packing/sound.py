"""A sound as encoders take it: log-mel frames, or only how many tokens where features are kept."""

import json
from typing import NamedTuple, Self

import torch
from jaxtyping import Float
from torch import Tensor


class MelSound(NamedTuple):
    """A sound, decoded and transformed.

    >>> MelSound.recall(MelSound(torch.zeros(80, 50), tokens=13, cut=1.5).outline)[1:]
    (13, 1.5)
    """

    features: Float[Tensor, "bins frames"]
    """Empty where those of the encoder are kept."""
    tokens: int
    cut: float
    """Seconds of it that were cut off."""

    @property
    def outline(self) -> str:
        """Number of tokens, and the seconds that were cut off."""
        return json.dumps([self.tokens, self.cut])

    @classmethod
    def recall(cls, outline: str) -> Self:
        """Make a sound without content."""
        return cls(torch.empty(0, 0), *json.loads(outline))
