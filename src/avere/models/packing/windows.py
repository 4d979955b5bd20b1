"""Cutting a stream of candidates so that each part fits one forward."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from avere.errors import MediaError
from avere.interfaces import Candidate, Prompt
from avere.models.packing.packer import Packer
from avere.models.packing.prompts import root_of

T = TypeVar("T")


def cut_windows(
    items: Iterable[T], candidate_of: Callable[[T], Candidate], packer: Packer, limit: int
) -> Iterator[list[T]]:
    """Yield parts of a stream of about ``limit`` tokens; neighbours with the same media share theirs."""
    window: list[T] = []
    total, shared = 0, None
    for item in items:
        candidate = candidate_of(item)
        own, name = packer.length(candidate), root_of(candidate.prompt)
        cost = own + (_media_tokens(packer, candidate.prompt) if name != shared else 0)
        if window and total + cost > limit:
            yield window
            window, total = [], 0
            cost = own + _media_tokens(packer, candidate.prompt)
        window.append(item)
        total, shared = total + cost, name
    if window:
        yield window


def _media_tokens(packer: Packer, prompt: Prompt) -> int:
    """Count the media tokens of a prompt; none where its media cannot be used."""
    try:
        tokens = packer.media_tokens(prompt)
    except MediaError:
        return 0
    return tokens.audio + tokens.video
