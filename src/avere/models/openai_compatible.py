"""Models behind an OpenAI-compatible server: OpenAI itself, vLLM, the server of llama.cpp and others."""

from __future__ import annotations

import base64
import json
import urllib.request
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

from avere.models.service import options as remote_options
from avere.models.service.options import ServiceOptions
from avere.models.service.protocol import (
    MALFORMED,
    Call,
    ServiceAnswer,
    ServiceError,
    key_of,
    of_code,
    of_transport,
)
from avere.models.service.responder import Remote

if TYPE_CHECKING:
    import aiohttp

PREFIXES = ("openai:", "openai_compatible:")
PATH = "/chat/completions"
OFFICIAL, KEY = "https://api.openai.com/v1", "OPENAI_API_KEY"


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Details(BaseModel):
    audio_tokens: int | None = None


class _Usage(BaseModel):
    prompt_tokens: int = 0
    completion_tokens: int = 0
    prompt_tokens_details: _Details | None = None


class _Completion(BaseModel):
    """The part of a completion that is read; servers differ in the rest."""

    choices: tuple[_Choice, ...]
    usage: _Usage | None = None


class _Error(BaseModel):
    message: str = ""
    code: int | str | None = None


class _Failure(BaseModel):
    """What comes with an error code."""

    error: _Error


class Chat:
    """A Service over chat completions."""

    def __init__(self, model: str, address: str, options: ServiceOptions) -> None:
        self.model, self.address, self.options = model, address, options
        official = address == OFFICIAL
        self.secret = key_of(options.key_variable or (KEY if official else None), model)
        self.token_field = options.token_field or ("max_completion_tokens" if official else "max_tokens")
        self._session: aiohttp.ClientSession | None = None

    async def answer(self, call: Call) -> ServiceAnswer:
        """Return what the server says."""
        if self._session is None:
            self._session = self._opened()
        sent = BytesIO(json.dumps(self.request(call)).encode())
        async with self._session.post(self.address + PATH, data=sent) as response:
            said = await response.read()
        if response.status >= 400:
            raise _refused(response.status, said.decode(errors="replace"), response.headers)
        return _read(said)

    def error(self, error: Exception) -> ServiceError | None:
        """Return what an error of the client means."""
        import aiohttp

        if isinstance(error, aiohttp.ClientError):
            kind = type(error).__name__
            return ServiceError("failed", f"the connection to {self.address} broke: {kind}", passing=True)
        return of_transport(error)

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    def _opened(self) -> aiohttp.ClientSession:
        """Return a session of as many connections as there are calls; the caller watches the time."""
        import aiohttp

        headers = {"Content-Type": "application/json"}
        if self.secret is not None:
            headers["Authorization"] = f"Bearer {self.secret}"
        return aiohttp.ClientSession(
            headers=headers,
            timeout=aiohttp.ClientTimeout(total=None),
            connector=aiohttp.TCPConnector(limit=0),
            proxy=_proxy(self.address),
        )

    def request(self, call: Call) -> dict[str, Any]:
        """Return the fields of a request."""
        fields: dict[str, Any] = {
            "model": self.model,
            "messages": _messages(call),
            self.token_field: call.max_tokens,
        }
        if self.options.temperature is not None:
            fields["temperature"] = self.options.temperature
        if self.options.send_seed:
            fields["seed"] = call.seed
        if call.schema is not None:
            form = {"name": "reply", "schema": dict(call.schema), "strict": True}
            fields["response_format"] = {"type": "json_schema", "json_schema": form}
        return fields | dict(self.options.extra)


def handles(source: str) -> bool:
    """Return whether a source is ``openai:MODEL`` or ``openai:MODEL@URL``."""
    return source.startswith(PREFIXES)


def load(source: str | Path, **options: object) -> Remote:
    """Return the model of ``openai:MODEL@URL?option=value&...``; without a URL it is one of OpenAI's own.

    Raises:
        AvereError: the source names no model, an option is wrong, or the key is missing.
    """
    name, chosen = remote_options.split(str(source), options)
    model, address = remote_options.place(name, OFFICIAL)
    return Remote(Chat(model, address, chosen), chosen)


def _proxy(address: str) -> str | None:
    """Return the proxy that the environment names for an address; None: there is none."""
    url = urlsplit(address)
    passed = urllib.request.proxy_bypass(url.netloc)
    return None if passed else urllib.request.getproxies().get(url.scheme)


def _messages(call: Call) -> list[dict[str, Any]]:
    """Return a conversation; the media stand before its first words."""
    messages: list[dict[str, Any]] = []
    for turn in call.prompt.history:
        messages.append({"role": "user", "content": turn.text})
        messages.append({"role": "assistant", "content": turn.response})
    messages.append({"role": "user", "content": call.prompt.text})
    media = _media(call)
    if media:
        messages[0]["content"] = [*media, {"type": "text", "text": messages[0]["content"]}]
    return messages


def _media(call: Call) -> list[dict[str, Any]]:
    """Return the media as parts of a message."""
    sent = call.media
    parts: list[dict[str, Any]] = [
        {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{_letters(picture)}"}}
        for picture in sent.pictures
    ]
    if sent.film is not None:
        url = f"data:video/mp4;base64,{_letters(sent.film)}"
        parts.append({"type": "video_url", "video_url": {"url": url}})
    if sent.sound is not None:
        sound = {"data": _letters(sent.sound), "format": "wav"}
        parts.append({"type": "input_audio", "input_audio": sound})
    return parts


def _letters(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _refused(code: int, body: str, headers: Mapping[str, str]) -> ServiceError:
    """Return what an answer with an error code means."""
    try:
        error = _Failure.model_validate_json(body).error
    except ValidationError:
        return of_code(code, body, headers)
    if error.code in {"content_filter", "content_policy_violation"}:
        return ServiceError("refused", f"the server filters this content: {error.message}")
    return of_code(code, error.message, headers)


def _read(said: bytes) -> ServiceAnswer:
    """Return what a completion says.

    Raises:
        ServiceError: it is no completion.
    """
    try:
        heard = _Completion.model_validate_json(said)
        choice = heard.choices[0]
    except (ValidationError, IndexError):
        raise ServiceError("failed", MALFORMED, passing=True) from None
    text, usage = choice.message.content or "", heard.usage or _Usage()
    answer = ServiceAnswer(
        text=text,
        input_tokens=usage.prompt_tokens,
        output_tokens=usage.completion_tokens,
        audio_tokens=(usage.prompt_tokens_details or _Details()).audio_tokens or None,
    )
    if choice.message.refusal:
        return answer.model_copy(update={"status": "refused", "reason": choice.message.refusal})
    if choice.finish_reason == "content_filter":
        return answer.model_copy(update={"status": "refused", "reason": "the server filtered the reply"})
    if choice.finish_reason == "length" and not text:
        reason = "no word came before the limit of tokens; raise it, or have the model think less"
        return answer.model_copy(update={"status": "unparsed", "reason": reason})
    return answer
