"""The JSON that annotators answer with, and the words that need no form."""

from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from avere.annotate.annotations import Verdict, Whose
from avere.answers import forms
from avere.answers.forms import Unparsed

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


def parse(reply: str, form: type[F]) -> F | Unparsed:
    """Parse an annotator's reply in the form that it was asked for; free words need none."""
    return form.model_validate({"text": reply}) if form is TextSaid else forms.parse(reply, form)
