"""What a model's answer rests on: its attention, its answers with media exchanged, and with parts covered."""

from collections.abc import Mapping
from typing import Literal

from avere.records._base import Record
from avere.records.clips import Target
from avere.records.questions import Provenance

TokenGroup = Literal["audio", "video", "text", "response"]
GROUPS: tuple[TokenGroup, ...] = ("audio", "video", "text", "response")
"""The tokens that a model can attend to: of the sound, of the picture, words of the prompt, of its answer."""


class AttentionShares(Record):
    """How a model deals out its attention while it writes one answer, layer by layer and head by head."""

    question: str
    clip: str
    task: str
    target: Target
    response: str
    tokens: Mapping[TokenGroup, int]
    """How many there are of each group: attention that is blind to content falls by these numbers."""
    shares: tuple[tuple[tuple[float, float, float, float], ...], ...]
    """Of each layer and head, the shares of ``GROUPS``; they sum to 1, up to rounding."""
    made_by: Provenance


class MediaGrid(Record):
    """How likely a model finds the answers to one question, with its media and without or with others."""

    question: str
    clip: str
    task: str
    target: Target
    donor: str | None = None
    """The clip that lends its media, where a condition exchanges them."""
    answer: int
    """The model's own answer on the real media, as an index of the options."""
    right: int | None = None
    log_probs: Mapping[str, tuple[float, ...]]
    """By condition, of every option; an open question has one, what the model replied."""
    made_by: Provenance


class OcclusionMap(Record):
    """By how much the log-odds of an answer fall where a part of a medium is covered."""

    question: str
    clip: str
    task: str
    target: Target
    answer: str
    """The model's own, in words."""
    right: bool | None
    log_odds: float
    """Of the answer against all other options, nothing covered; of an open one the log-probability."""
    picture: tuple[tuple[float, ...], ...] = ()
    """Rows of cells, from the top: the mean fall over all windows that cover a cell."""
    picture_times: tuple[float, ...] = ()
    """The same for equal parts of the time, all of the frame covered."""
    sound_times: tuple[float, ...] = ()
    sound_seconds: float | None = None
    """How much of the sound reaches the model; ``sound_times`` are parts of it."""
    made_by: Provenance
