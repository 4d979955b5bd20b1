"""What a judge reads in a free description: its claims, and what each is to the clip."""

from typing import Literal

from avere.records._base import Record
from avere.records.clips import Modality

ClaimVerdict = Literal[
    "supporting", "displaced", "spurious", "hallucinated", "wrong_modality", "mentioned", "denied"
]


class Claim(Record):
    """One observation that a description states."""

    text: str
    """The description's own words."""
    modality: Modality
    cue: str | None = None
    """Name of the clip's cue that means the same; None where the list of cues holds none."""
    verdict: ClaimVerdict
    """``mentioned``: stated, but not as evidence; ``denied``: said not to be there. Both count as nothing."""


class Judgement(Record):
    """What one judge read in one answer, the first or a later time."""

    question: str
    condition: str
    judge: str
    fingerprint: str
    repeat: int = 0
    claims: tuple[Claim, ...] | None = None
    """None: the judge gave no readable answer."""
    missed: tuple[str, ...] = ()
    """Supporting cues that no claim gives as evidence."""
    reason: str | None = None
    """Why there are no claims, where there are none."""
