"""What a service behind an API is to the rest: one call, one answer, or an error that says what to do."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from time import time
from typing import Any, Literal, NamedTuple, Protocol

from avere.errors import AvereError
from avere.interfaces import Prompt
from avere.models.service.media import Sent
from avere.records import Record, Status

TRANSPORTS = frozenset({"httpx", "httpcore", "httpx2", "httpcore2", "aiohttp"})
"""Libraries that carry the calls; their errors mean that no whole answer came."""
PASSING = frozenset({408, 409, 425, 429})
"""Codes of HTTP that mean: ask again; so does every code from 500 on."""
GATEWAYS = frozenset({502, 504, 524})
"""Codes of a gateway that stopped waiting for what works behind it; other failed calls are not paid."""
CLOSED = {
    401: "the server refused the key",
    402: "the account cannot pay",
    403: "the server refused the key or what it may do",
    404: "the server knows no such model or address",
}
"""Codes that mean: no other prompt will fare better."""
FLAGGED = re.compile(
    r"flagged|moderation|content[ _-]?(?:policy|filter|management)|polic(?:y|ies)[ _]violat|violat\w+ .*polic"
    r"|safety[ _-](?:system|policy|filter|setting)|prohibited[ _]content|responsible[ _]?ai",
    re.IGNORECASE,
)
"""Words of a server that is against one input, whatever the code."""
WRONG_KEY = re.compile(
    r"api[ _-]?key[^.]{0,40}(?:invalid|not valid|incorrect|expired|missing|leaked)"
    r"|(?:invalid|incorrect|expired|missing|wrong)[ _](?:api[ _-]?)?key",
    re.IGNORECASE,
)
"""Words of a server that is against the key, whatever the code; Gemini says so with 400."""
UNSENT = re.compile(r"Connector|ProxyConnection|ConnectionRefused|ConnectionTimeout|^Connect(Error|Timeout)$")
"""Names of errors of a connection that never stood."""
UNREAD: Literal["unread"] = "unread"
MALFORMED = "the service sent an answer that cannot be read"
WORDLESS = "the service sent a reply without a word"
CUT = "the reply was cut at its limit of tokens"
CUT_WORDLESS = "no word came before the limit of tokens; raise it, or have the model think less"
LONGEST_REASON = 500
"""Characters of a server's own words that are kept."""


class ServiceAnswer(Record):
    """What a service said, as the cache keeps it."""

    text: str
    status: Status = "ok"
    reason: str | None = None
    input_tokens: int | None = None
    """None where the service does not count, and so for ``output_tokens``."""
    output_tokens: int | None = None
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
        answer: ServiceAnswer | Literal["unread"] | None = None,
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
        self.answer = answer
        """What came and is paid for, though it is no answer; "unread" where the service may have answered
        and be paid, though nothing came that can be read."""


class Service(Protocol):
    """One model of one API."""

    model: str
    address: str
    """Where it is, without any key."""
    secret: str | None
    """The key, which must stand nowhere else."""

    async def answer(self, call: Call) -> ServiceAnswer:
        """Ask the service once; every error of the client may be raised."""

    def explain(self, error: Exception) -> ServiceError | None:
        """Find what an error of the client means; None for a defect."""

    async def close(self) -> None:
        """Close all connections."""


def explain_code(code: int, text: str, headers: Mapping[str, str] | None = None) -> ServiceError:
    """Find what an HTTP code and the server's own words mean.

    >>> explain_code(429, "slow down", {"retry-after": "2"}).after
    2.0
    >>> explain_code(403, "Your input was flagged").status, explain_code(403, "Permission denied").closed
    ('refused', True)
    """
    said = shorten_text(text)
    if code in PASSING or code >= 500:
        reason = f"the service failed with {code}: {said}"
        after, answer = _after(headers or {}), UNREAD if code in GATEWAYS else None
        return ServiceError("failed", reason, passing=True, after=after, answer=answer)
    if code != 401 and FLAGGED.search(text):
        return ServiceError("refused", f"the server flagged this input ({code}): {said}")
    if code in CLOSED or WRONG_KEY.search(text):
        return ServiceError("failed", f"{CLOSED.get(code, CLOSED[401])} ({code}): {said}", closed=True)
    return ServiceError("refused", f"the service refused the call with {code}: {said}")


def shorten_text(text: str) -> str:
    """Cut a server's own words to one line of a sane length.

    >>> shorten_text("not   now"), len(shorten_text("x" * 10_000))
    ('not now', 500)
    """
    said = " ".join(text.split())
    return said if len(said) <= LONGEST_REASON else f"{said[: LONGEST_REASON - 3]}..."


def explain_transport(error: Exception) -> ServiceError | None:
    """Find what an error below the client means: a broken connection, or a body that is no JSON."""
    if isinstance(error, json.JSONDecodeError | UnicodeDecodeError):
        return ServiceError("failed", MALFORMED, passing=True, answer=UNREAD)
    below = type(error).__module__.partition(".")[0]
    if isinstance(error, OSError) or below in TRANSPORTS:
        late = isinstance(error, TimeoutError) or "Timeout" in type(error).__name__
        reason = f"the connection broke: {type(error).__name__}"
        status: Status = "timeout" if late else "failed"
        return ServiceError(status, reason, passing=True, answer=lost_answer(error))
    return None


def lost_answer(error: Exception) -> Literal["unread"] | None:
    """Name what a broken connection may have brought; None where it never stood."""
    return None if UNSENT.search(type(error).__name__) else UNREAD


def find_key(variable: str | None, model: str) -> str | None:
    """Find the key that an environment variable holds; None where no variable is named.

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
    """Read the seconds of Retry-After, which is a number or a date."""
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
