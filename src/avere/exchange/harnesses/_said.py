"""One reply as another harness recorded it."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from avere.errors import RecordError
from avere.records import Status


class HarnessReply(NamedTuple):
    """What a model said to one question, and where that stands."""

    question: str
    reply: str
    place: str
    """File, and line where it has lines."""
    choices: tuple[str, ...] | None = None
    """The options as the harness showed them; None where it does not record them."""
    status: Status = "ok"
    reason: str | None = None


def parse_object(text: str | bytes, place: str) -> Mapping[str, Any]:
    """Parse the JSON object of a text.

    Raises:
        RecordError: it is none; the place is named.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RecordError(f"{place}: not JSON: {error}; give a file as the harness wrote it") from error
    if not isinstance(found, dict):
        raise RecordError(f"{place}: no JSON object; give a file as the harness wrote it")
    return found
