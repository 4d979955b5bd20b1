"""What a service behind an API is to the rest: one call, one answer, or an error that says what to do."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from time import time
from typing import Any, NamedTuple, Protocol

from avere.errors import AvereError
from avere.interfaces import Prompt
from avere.models.service.media import Sent
from avere.records import Record, Status

TRANSPORTS = frozenset({"httpx", "httpcore", "httpx2", "httpcore2", "aiohttp"})
"""Libraries that carry the calls; their errors mean that no whole answer came."""
PASSING = frozenset({408, 409, 425, 429})
"""Codes of HTTP that mean: ask again; so does every code from 500 on."""
CLOSED = frozenset({401, 402, 403, 404})
"""Codes that mean: no other ask will fare better. The key, the account or the model is wrong."""
MALFORMED = "the service sent an answer that cannot be read"
LONGEST_REASON = 500


class ServiceAnswer(Record):
    """What a service said, as the cache keeps it."""

    text: str
    status: Status = "ok"
    reason: str | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    video_tokens: int | None = None
    """Of the input tokens; None where the service does not tell, and so for ``audio_tokens``."""
    audio_tokens: int | None = None


class Call(NamedTuple):
    """All that a service is sent."""

    prompt: Prompt
    media: Sent
    max_tokens: int
    seed: int
    schema: Mapping[str, Any] | None


class ServiceError(Exception):
    """No answer to a call; ``status`` and ``reason`` become those of the reply."""

    def __init__(
        self,
        status: Status,
        reason: str,
        *,
        passing: bool = False,
        closed: bool = False,
        after: float | None = None,
    ) -> None:
        super().__init__(reason)
        self.status: Status = status
        self.reason = reason
        self.passing = passing
        """Whether the same call may be answered another time."""
        self.closed = closed
        """Whether every other call would fail too."""
        self.after = after
        """Seconds that the service asks to wait."""


class Service(Protocol):
    """One model of one API."""

    model: str
    address: str
    """Where it is, without any key."""
    secret: str | None
    """The key, which must stand nowhere else."""

    async def answer(self, call: Call) -> ServiceAnswer:
        """Return what the service says; every error of the client may be raised."""

    def error(self, error: Exception) -> ServiceError | None:
        """Return what an error of the client means; None for a defect."""

    async def close(self) -> None:
        """Close all connections."""


def of_code(code: int, text: str, headers: Mapping[str, str] | None = None) -> ServiceError:
    """Return what an HTTP code means.

    >>> of_code(429, "slow down", {"retry-after": "2"}).after
    2.0
    """
    said = " ".join(text.split())[:LONGEST_REASON]
    if code in PASSING or code >= 500:
        reason = f"the service failed with {code}: {said}"
        return ServiceError("failed", reason, passing=True, after=_after(headers or {}))
    if code in CLOSED:
        return ServiceError("failed", f"the service lets nobody in ({code}): {said}", closed=True)
    return ServiceError("refused", f"the service refused the call with {code}: {said}")


def of_transport(error: Exception) -> ServiceError | None:
    """Return what an error below the client means: a broken connection, or a body that is no JSON."""
    if isinstance(error, json.JSONDecodeError | UnicodeDecodeError):
        return ServiceError("failed", MALFORMED, passing=True)
    below = type(error).__module__.partition(".")[0]
    if isinstance(error, OSError) or below in TRANSPORTS:
        late = isinstance(error, TimeoutError) or "Timeout" in type(error).__name__
        reason = f"the connection broke: {type(error).__name__}"
        return ServiceError("timeout" if late else "failed", reason, passing=True)
    return None


def key_of(variable: str | None, model: str) -> str | None:
    """Return the key that an environment variable holds; None where no variable is named.

    Raises:
        AvereError: it holds none, or what cannot be sent; the text does not repeat it.
    """
    if variable is None:
        return None
    key = os.environ.get(variable, "").strip()
    if not key:
        raise AvereError(f"no key for '{model}'; set the environment variable {variable}")
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise AvereError(
            f"the environment variable {variable} holds characters that no key has; set it again"
        )
    return key


def _after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of Retry-After, which is a number or a date."""
    value = headers.get("retry-after") or headers.get("Retry-After")
    if value is None:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time())
    except ValueError:
        return None
