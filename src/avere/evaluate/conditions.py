"""Taking media or order away from a prompt, or exchanging them: what a model answers then is the control."""

import hashlib
from collections.abc import Sequence
from typing import Literal

import numpy as np

from avere.errors import AvereError
from avere.interfaces import Prompt
from avere.records import Clip, Corruption, Medium, Question

Condition = Literal[
    "av",
    "text",
    "a",
    "v",
    "swap-audio",
    "swap-video",
    "swap-both",
    "shuffle-frames",
    "blur-captions",
    "rotate",
]
ROTATE = "rotate"
KEPT: dict[str, tuple[bool, bool]] = {
    "text": (False, False),
    "a": (True, False),
    "v": (False, True),
}
"""Which of audio and video stays; the other conditions keep both."""
CAPTIONLESS = frozenset({"emoworld"})
"""Sources of clips that bear no captions; single clips say so by the attribute ``captions: none``."""


def apply(prompt: Prompt, condition: Condition, other: Clip | None = None, seed: int = 0) -> Prompt:
    """Put a prompt under a condition; ``other`` lends its media to the swap conditions.

    Raises:
        AvereError: a swap without another clip.
    """
    audio, video = KEPT.get(condition, (True, True))
    prompt = prompt.model_copy(update={} if audio else {"audio": None})
    prompt = prompt.model_copy(update={} if video else {"video": None})
    if condition in ("shuffle-frames", "blur-captions"):
        return _corrupted(prompt, condition, seed)
    if not condition.startswith("swap-"):
        return prompt
    if other is None:
        raise AvereError(f"condition '{condition}' needs a second clip; evaluate at least two")
    media = {"swap-audio": ("audio",), "swap-video": ("video",)}.get(condition, ("audio", "video"))
    paths = {medium: getattr(other, medium) for medium in media}
    return prompt.model_copy(
        update={medium: None if path is None else Medium(path=path) for medium, path in paths.items()}
    )


def inapplicable(condition: Condition, clips: Sequence[Clip], questions: Sequence[Question]) -> str | None:
    """Say why a condition would change nothing; None where it changes something."""
    seen = [clip for clip in clips if clip.video is not None]
    if condition in ("shuffle-frames", "blur-captions") and not seen:
        return "not applicable: no clip has video"
    if condition == "blur-captions" and not any(map(_captioned, seen)):
        return "not applicable: no clip bears captions"
    if condition == ROTATE and not any(len(question.choices) > 1 for question in questions):
        return "not applicable: no question has options"
    return None


def rotations_under(condition: Condition, question: Question) -> range:
    """List by how many places the options of a question are rotated under a condition."""
    return range(1, len(question.choices)) if condition == ROTATE else range(1)


def name(condition: Condition, rotation: int) -> str:
    """Name the condition as predictions bear it; each rotation of the options is a condition of its own."""
    return f"{ROTATE}-{rotation}" if condition == ROTATE else condition


def rotation_of(named: str) -> int:
    """Read off by how many places a prediction's condition rotated the options.

    >>> rotation_of("rotate-2"), rotation_of("av")
    (2, 0)
    """
    head, _, rotation = named.partition("-")
    return int(rotation) if head == ROTATE else 0


def base_name(named: str) -> str:
    """Name the condition of a recipe under which a prediction was made.

    >>> base_name("rotate-2"), base_name("swap-audio")
    ('rotate', 'swap-audio')
    """
    return ROTATE if named.startswith(f"{ROTATE}-") else named


def rotate_options(question: Question, rotation: int) -> Question:
    """Rotate the options of a question: option ``rotation`` stands first, those before it last."""
    count = len(question.choices)
    if not count or not rotation % count:
        return question
    choices = question.choices[rotation:] + question.choices[:rotation]
    answer, lure = (
        None if place is None else (place - rotation) % count for place in (question.answer, question.lure)
    )
    return question.model_copy(update={"choices": choices, "answer": answer, "lure": lure})


def donor(clip: Clip, clips: Sequence[Clip], seed: int) -> Clip | None:
    """Draw the clip that replaces another: any but itself, the same for a seed and a set of clips."""
    others = [other for other in clips if other.id != clip.id]
    if not others:
        return None
    number = int.from_bytes(hashlib.sha256(clip.id.encode()).digest()[:8], "big")
    return others[int(np.random.default_rng([seed, number]).integers(len(others)))]


def _captioned(clip: Clip) -> bool:
    """True where a clip may bear captions."""
    return clip.source not in CAPTIONLESS and clip.attributes.get("captions") != "none"


def _corrupted(prompt: Prompt, condition: str, seed: int) -> Prompt:
    """Put the frames of a prompt out of order, or blur their captions."""
    if prompt.video is None:
        return prompt
    shuffled = condition == "shuffle-frames"
    corruption = Corruption(kind="shuffle", seed=seed) if shuffled else Corruption(kind="blur-captions")
    return prompt.model_copy(update={"video": prompt.video.model_copy(update={"corruption": corruption})})
