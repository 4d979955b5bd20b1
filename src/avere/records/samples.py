"""What a policy was let say several times, and which of it became records to learn from."""

from typing import Literal

from avere.records._base import Record
from avere.records.questions import Provenance
from avere.records.results import MediaTokens, Status


class PolicySample(Record):
    """One of several answers that a policy drew for a prompt."""

    key: str
    """The prompt and the number."""
    prompt: str
    """Id of the prompt."""
    number: int
    reply: str
    log_prob: float
    """Of the tokens that were drawn, the end token included where it came, at temperature 1."""
    tokens: int
    ended: bool
    """False where it was cut off at the longest length."""
    retokenised: bool = False
    """True where the text becomes other tokens than were drawn: ``log_prob`` is not that of the text."""
    media_tokens: MediaTokens = MediaTokens()
    status: Status = "ok"
    reason: str | None = None
    made_by: Provenance


MINED = "mined.jsonl"
"""The file beside pairs that a policy's own answers became."""


class MinedReject(Record):
    """An answer of the policy that became a rejected one, and why it is that kind."""

    kind: Literal["spurious", "hallucinated"]
    sample: str | None = None
    """Its key; None where it is the prompt's own rejected answer instead."""
    reward: float | None = None
    reason: str


class MinedPair(Record):
    """Where the answers of a pair came from."""

    pair: str
    chosen: str
    """Key of the sample."""
    reward: float
    rejects: tuple[MinedReject, ...]
