"""Reading the scores of a judge of descriptions: one JSON object, checked whole, or none and the reason."""

from pydantic import BaseModel, ConfigDict, Field

from avere.answers import forms
from avere.answers.forms import Unparsed


class Scores(BaseModel):
    """How good a description is, from 0 to 10; more is always better."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    clue_overlap: float = Field(ge=0, le=10)
    """How many of the reference's clues it names."""
    label_overlap: float = Field(ge=0, le=10)
    """How well its emotions fit the reference's."""
    spurious: float = Field(ge=0, le=10)
    """How well its clues speak for its emotion; 10 where none is spurious."""
    hallucination: float = Field(ge=0, le=10)
    """How free it is of clues that are not there; 10 where none is."""


NAMES = tuple(Scores.model_fields)


def parse(reply: str) -> Scores | Unparsed:
    """Parse the four scores of a judge's reply.

    >>> parse('{"clue_overlap": 7, "label_overlap": 8, "spurious": 9, "hallucination": 11}')
    Unparsed(fault='hallucination: Input should be less than or equal to 10')
    """
    return forms.parse(reply, Scores)
