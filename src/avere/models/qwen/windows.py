"""Cutting a stream of readings so that each part fits one forward."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from avere.errors import MediaError
from avere.interfaces import Candidate, Prompt
from avere.models.qwen.media import name_of, requested_media
from avere.models.qwen.packer import Packer

T = TypeVar("T")


def windows(
    items: Iterable[T], reading_of: Callable[[T], Candidate], packer: Packer, limit: int
) -> Iterator[list[T]]:
    """Yield parts of a stream of about ``limit`` tokens; neighbours with the same media share theirs."""
    window: list[T] = []
    total, shared = 0, None
    for item in items:
        candidate = reading_of(item)
        own, name = packer.length(candidate), root(candidate.prompt)
        cost = own + (_media_tokens(packer, candidate.prompt) if name != shared else 0)
        if window and total + cost > limit:
            yield window
            window, total = [], 0
            cost = own + _media_tokens(packer, candidate.prompt)
        window.append(item)
        total, shared = total + cost, name
    if window:
        yield window


def root(prompt: Prompt) -> str:
    """Return the same text for asks about the same media."""
    return " ".join(name_of(modality, medium) for modality, medium in requested_media(prompt))


def _media_tokens(packer: Packer, prompt: Prompt) -> int:
    """Return how many media tokens an ask has; none where its media cannot be used."""
    try:
        tokens = packer.media_tokens(prompt)
    except MediaError:
        return 0
    return tokens.audio + tokens.video
