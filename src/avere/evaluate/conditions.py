"""Taking media away from an ask, or exchanging them: what a model answers then is the control."""

import hashlib
from collections.abc import Sequence
from typing import Literal

import numpy as np

from avere.errors import AvereError
from avere.interfaces import Ask
from avere.records import Clip, Medium

Condition = Literal["av", "text", "a", "v", "swap-audio", "swap-video"]
KEPT: dict[Condition, tuple[bool, bool]] = {
    "text": (False, False),
    "a": (True, False),
    "v": (False, True),
}
"""Which of audio and video stays; the other conditions keep both."""


def apply(ask: Ask, condition: Condition, other: Clip | None = None) -> Ask:
    """Return an ask as a condition has it; ``other`` lends its media to the swap conditions.

    Raises:
        AvereError: a swap without another clip.
    """
    audio, video = KEPT.get(condition, (True, True))
    ask = ask.model_copy(update={} if audio else {"audio": None})
    ask = ask.model_copy(update={} if video else {"video": None})
    if not condition.startswith("swap-"):
        return ask
    if other is None:
        raise AvereError(f"condition '{condition}' needs a second clip; evaluate at least two")
    medium = "audio" if condition == "swap-audio" else "video"
    path = getattr(other, medium)
    return ask.model_copy(update={medium: None if path is None else Medium(path=path)})


def donor(clip: Clip, clips: Sequence[Clip], seed: int) -> Clip | None:
    """Return the clip that stands in for another: any but itself, the same for a seed and a set of clips."""
    others = [other for other in clips if other.id != clip.id]
    if not others:
        return None
    number = int.from_bytes(hashlib.sha256(clip.id.encode()).digest()[:8], "big")
    return others[int(np.random.default_rng([seed, number]).integers(len(others)))]
