"""Reading what a judge says a free description claims, and what those claims are to the clip."""

import re
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from avere.answers import descriptions, forms
from avere.answers.descriptions import NamedFact
from avere.answers.forms import Unparsed
from avere.records import Claim, ClaimVerdict, Cue, Modality

UNLISTED = "claim: "
"""Begins the name of a claim that is no cue of the list, so that it is never taken for one."""


class SaidClaim(BaseModel):
    """One claim as a judge is asked to write it."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    text: str
    modality: Modality
    present: bool
    """False where the description says that it is not there."""
    evidence: bool
    """Whether the description gives it as a sign of the feeling."""
    cue: int | None = Field(ge=1)
    """Number in the list; None where no entry means the same."""


class SaidClaims(BaseModel):
    """A judge's whole answer; its JSON schema is what judges are held to."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    claims: tuple[SaidClaim, ...]


def listed(cues: Sequence[Cue]) -> list[Cue]:
    """List the cues as a judge gets them: each name once, in an order that hides the truth."""
    once = {(cue.modality, cue.name): cue for cue in reversed(cues)}
    return [once[place] for place in sorted(once)]


def numbered(cues: Sequence[Cue]) -> str:
    """Write the list of cues in words.

    >>> smile = Cue(clip="c", modality="video", name="smile", text="broad smile", present=True)
    >>> numbered([smile])
    '1. broad smile (seen)'
    """
    sense = {"video": "seen", "audio": "heard"}
    lines = (f"{number}. {cue.text} ({sense[cue.modality]})" for number, cue in enumerate(listed(cues), 1))
    return "\n".join(lines)


def parse(reply: str, description: str, cues: Sequence[Cue]) -> SaidClaims | Unparsed:
    """Parse the claims of a judge's reply, or say why it holds none.

    A claim in words that the description does not hold is the judge's own, so that the reply does not count.

    >>> parse("It claims nothing.", "A smile.", [])
    Unparsed(fault='it holds no JSON object')
    """
    said = forms.parse(reply, SaidClaims)
    if isinstance(said, Unparsed):
        return said
    length, words = len(listed(cues)), _words(description)
    for claim in said.claims:
        if claim.cue is not None and claim.cue > length:
            return Unparsed(f"the list of cues has no number {claim.cue}")
        if not _words(claim.text) or not _words(claim.text) <= words:
            return Unparsed(f"'{claim.text}' are not words of the description")
    return said


def classify(said: SaidClaims, cues: Sequence[Cue], target: Modality) -> tuple[Claim, ...]:
    """Classify what each claim is to a question about the expression of one modality.

    A claim that matches a cue is judged as the exact parser judges a fact that a description names; one that
    matches none is hallucinated, or of the wrong modality.
    """
    known = listed(cues)
    found = []
    for claim in said.claims:
        cue = known[claim.cue - 1] if claim.cue is not None else None
        verdict: ClaimVerdict = descriptions.judge(_named(claim.text, claim.modality, cue), cues, target)
        if not claim.present:
            verdict = "denied"
        elif not claim.evidence:
            verdict = "mentioned"
        modality = cue.modality if cue is not None else claim.modality
        name = cue.name if cue is not None else None
        found.append(Claim(text=claim.text, modality=modality, cue=name, verdict=verdict))
    return tuple(found)


def missed(claims: Sequence[Claim], cues: Sequence[Cue], target: Modality) -> tuple[str, ...]:
    """List the supporting cues that no claim gives as evidence, sorted."""
    named = {claim.cue for claim in claims if claim.verdict in descriptions.VERDICTS}
    return tuple(sorted(descriptions.supporting(cues, target) - named))


def tally(claims: Sequence[Claim], cues: Sequence[Cue], target: Modality) -> dict[str, float]:
    """Count what description measures are made from, as those of the exact parser.

    What is claimed several times counts once; ``unparsed`` is 1 where there is no claim at all.
    """
    by_name = {(cue.modality, cue.name): cue for cue in cues}
    named: dict[NamedFact, None] = {}
    for claim in claims:
        if claim.verdict in descriptions.VERDICTS:
            cue = by_name.get((claim.modality, claim.cue or ""))
            named.setdefault(_named(claim.text, claim.modality, cue))
    return descriptions.count(list(named), cues, target, parsed=bool(claims))


def _named(text: str, modality: Modality, cue: Cue | None) -> NamedFact:
    """Turn a claim into the fact that it names."""
    if cue is None:
        return NamedFact(UNLISTED + " ".join(text.casefold().split()), modality, expressive=True)
    return NamedFact(cue.name, cue.modality, expressive=cue.evidence_of is not None)


def _words(text: str) -> set[str]:
    """Find the words of a text, whatever their case."""
    return set(re.findall(r"\w+", text.casefold()))
