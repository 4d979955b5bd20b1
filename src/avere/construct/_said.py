"""The JSON that annotators answer with, and reading it out of what they really say."""

import json
import re
from typing import Annotated, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from avere.construct.annotations import Verdict, Whose

OPENING, CLOSING = "{", "}"
FENCE = re.compile(r"^```\w*\s*|\s*```$")
MOST_FAULTS = 3
"""As many mistakes as a request for repair names."""
FORM = ConfigDict(frozen=True, extra="ignore", json_schema_extra={"additionalProperties": False})

Text = Annotated[str, Field(min_length=1, max_length=80)]


class CueSaid(BaseModel):
    """One thing that was perceived."""

    model_config = FORM
    cue: Text
    whose: Whose
    start: float | None
    end: float | None


class DescriptionSaid(BaseModel):
    """Everything that one modality holds."""

    model_config = FORM
    cues: Annotated[list[CueSaid], Field(max_length=40)]
    transcript: str | None


class EvidenceSaid(BaseModel):
    """What one entry of a list speaks for."""

    model_config = FORM
    cue: int
    emotion: str | None


class InferenceSaid(BaseModel):
    """What a list of entries conveys."""

    model_config = FORM
    emotion: str | None
    evidence: list[EvidenceSaid]


class VerdictSaid(BaseModel):
    """Whether one entry of a list is there."""

    model_config = FORM
    cue: int
    answer: Verdict


class ConfirmationSaid(BaseModel):
    """Whether each entry of a list is there."""

    model_config = FORM
    verdicts: list[VerdictSaid]


class TextSaid(BaseModel):
    """Words in no form at all."""

    model_config = FORM
    text: str


F = TypeVar("F", bound=BaseModel)


class Unreadable(NamedTuple):
    """Why a reply is not of the form that was asked for."""

    fault: str


def read(reply: str, form: type[F]) -> F | Unreadable:
    """Return the one JSON object of a reply; a code fence or a sentence around it does no harm.

    >>> read('Here you are: {"cues": [], "transcript": null}', DescriptionSaid)
    DescriptionSaid(cues=[], transcript=None)
    >>> read("I see a smile.", DescriptionSaid)
    Unreadable(fault='it holds no JSON object')
    """
    if form is TextSaid:
        return form.model_validate({"text": reply})
    text = FENCE.sub("", reply.strip())
    first, last = text.find(OPENING), text.rfind(CLOSING)
    if first < 0:
        return Unreadable("it holds no JSON object")
    try:
        data = json.loads(text[first : last + 1] if last > first else text[first:])
    except (json.JSONDecodeError, RecursionError) as error:
        return Unreadable(f"it is no valid JSON ({error})")
    try:
        return form.model_validate(data)
    except ValidationError as error:
        faults = [
            f"{'.'.join(map(str, e['loc'])) or 'the object'}: {e['msg']}"
            for e in error.errors()[:MOST_FAULTS]
        ]
        return Unreadable("; ".join(faults))
