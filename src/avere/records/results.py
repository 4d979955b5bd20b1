"""What models said, how it was scored, and what people think of it."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from avere.records._base import Record
from avere.records.questions import Provenance

Status = Literal["ok", "unparsed", "refused", "out-of-memory", "media error", "timeout", "failed"]
"""``failed``: no answer came, because a service failed or the budget is spent."""
PASSING: frozenset[Status] = frozenset({"failed", "timeout"})
"""No answer came, but it may come another time: the same command asks again."""


class MediaTokens(Record):
    """How many tokens of each modality reached the model."""

    audio: int = 0
    video: int = 0
    audio_cut: float = 0.0
    """Seconds of sound that did not reach it, because it takes no more at once."""


def _rename_condition(name: Any) -> Any:
    """Turn ``permute-1``, as version 0.1 wrote it, into ``rotate-1``."""
    return name.replace("permute-", "rotate-", 1) if isinstance(name, str) else name


class Prediction(Record):
    """One reply of one model to one question under one condition."""

    key: str
    question: str
    condition: Annotated[str, BeforeValidator(_rename_condition)]
    model: str
    reply: str
    choice_log_probs: tuple[float, ...] | None = None
    media_tokens: MediaTokens = MediaTokens()
    status: Status
    reason: str | None = None
    """What went wrong, where the status is not ``ok``."""
    seconds: float | None = None
    made_by: Provenance


class Score(Record):
    """The value of one prediction; None means not scored, and says why: never dropped."""

    key: str
    value: float | None
    read_as: str | None = None
    parts: Mapping[str, float] = Field(default_factory=dict)
    reason: str | None = None


class Skipped(Record):
    """A condition that a run leaves out, because it would change nothing there."""

    condition: str
    reason: str


class Verdict(Record):
    """What one person says of one question."""

    question: str
    person: str
    """A pseudonym."""
    keep: bool
    answer: int | None = None
    """Index of the choice; None: cannot tell."""
    flags: tuple[str, ...] = ()
    note: str = ""
    at: str
    """When the person last changed it, in UTC, as ISO 8601 writes it; empty where nothing says it."""
    seconds: float | None = None
    """How long the person looked at the question."""
    plays: int | None = None
    """How often the clip was played to its end."""


class Rating(Record):
    """What a judge said of one prediction; without scores where its words could not be read, and why."""

    key: str
    """Of the prediction."""
    replies: tuple[str, ...]
    """In the judge's words, the repaired one last."""
    scores: Mapping[str, float] = Field(default_factory=dict)
    reason: str | None = None
    made_by: Provenance
    """The judge's fingerprint and the digest of its prompt."""
