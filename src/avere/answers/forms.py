"""Parsing the one JSON object that a model was asked for out of what it really said."""

from typing import NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from avere.answers._sentences import take_answer

OPENING, CLOSING = "{", "}"
MOST_FAULTS = 3
"""As many mistakes as a request for repair names."""

F = TypeVar("F", bound=BaseModel)


class Unparsed(NamedTuple):
    """Why a reply is not of the form that was asked for."""

    fault: str


def parse(reply: str, form: type[F]) -> F | Unparsed:
    """Parse the object of a reply, checked whole; a code fence, a sentence or reasoning around it is no harm.

    >>> class Told(BaseModel):
    ...     sure: bool
    >>> parse('Here you are: {"sure": true}', Told)
    Told(sure=True)
    >>> parse("I see a smile.", Told)
    Unparsed(fault='it holds no JSON object')
    """
    answer = take_answer(reply)
    if answer is None:
        return Unparsed("it ends within its reasoning")
    first, last = answer.find(OPENING), answer.rfind(CLOSING)
    if first < 0:
        return Unparsed("it holds no JSON object")
    try:
        return form.model_validate_json(answer[first : last + 1] if last > first else answer[first:])
    except ValidationError as error:
        faults = [
            f"{'.'.join(map(str, one['loc'])) or 'the object'}: {one['msg']}"
            for one in error.errors()[:MOST_FAULTS]
        ]
        return Unparsed("; ".join(faults))
