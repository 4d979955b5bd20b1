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

from avere.interfaces import ModelAbilities
from avere.models.service import options as remote_options
from avere.models.service.options import ServiceOptions
from avere.models.service.protocol import (
    CUT,
    CUT_WORDLESS,
    MALFORMED,
    WORDLESS,
    Call,
    ServiceAnswer,
    ServiceError,
    explain_code,
    explain_transport,
    find_key,
    lost_answer,
    shorten_text,
)
from avere.models.service.responder import Remote
from avere.models.service.transport import guard_response

if TYPE_CHECKING:
    import aiohttp

ABILITIES = ModelAbilities("openai:MODEL@URL", ("video", "audio"), needs=("aiohttp",), extra="api")
PREFIXES = ("openai:", "openai_compatible:")
PATH = "/chat/completions"
BROKEN = frozenset({"error", "abort"})
"""Ends of a reply that the server did not mean to end."""
BAD, FAILED = 400, 500
"""The first code that is an error, and the one of a server that failed."""
OFFICIAL, KEY = "https://api.openai.com/v1", "OPENAI_API_KEY"


class _Part(BaseModel):
    text: str | None = None


class _Message(BaseModel):
    content: str | tuple[_Part | str, ...] | None = None
    refusal: str | None = None

    @property
    def text(self) -> str:
        """The words, which some servers send in parts."""
        content = self.content or ""
        if isinstance(content, str):
            return content
        return "".join(part if isinstance(part, str) else part.text or "" for part in content)


class _Error(BaseModel):
    message: str | None = None
    code: int | str | None = None
    type: str | None = None

    @property
    def words(self) -> str:
        """The server's own words, with the name of the error where it has one."""
        names = [name for name in (self.type, self.code) if isinstance(name, str)]
        return " ".join([self.message or "", *(f"({name})" for name in names)]).strip()


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None
    error: _Error | None = None


class _Details(BaseModel):
    audio_tokens: int | None = None


class _Usage(BaseModel):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: _Details | None = None


class _Completion(BaseModel):
    """The part of a completion that is read; servers differ in the rest."""

    choices: tuple[_Choice, ...] | None = None
    usage: _Usage | None = None
    error: _Error | str | None = None


class _Failure(BaseModel):
    """What comes with an error code; servers put their words in different places."""

    usage: _Usage | None = None
    error: _Error | str | None = None
    detail: str | None = None
    message: str | None = None

    @property
    def words(self) -> str | None:
        """The server's own words; None where they stand elsewhere."""
        error = self.error.words if isinstance(self.error, _Error) else self.error
        return error or self.detail or self.message


class Chat:
    """A Service over chat completions."""

    def __init__(self, model: str, address: str, options: ServiceOptions) -> None:
        self.model, self.address, self.options = model, address, options
        official = address == OFFICIAL
        self.secret = find_key(options.key_variable or (KEY if official else None), model)
        self.token_field = options.token_field or ("max_completion_tokens" if official else "max_tokens")
        self._session: aiohttp.ClientSession | None = None

    async def answer(self, call: Call) -> ServiceAnswer:
        """Ask the server once."""
        if self._session is None:
            self._session = self._opened()
        sent = BytesIO(json.dumps(self.request(call)).encode())
        async with self._session.post(self.address + PATH, data=sent, allow_redirects=False) as response:
            said = await response.read()
        if response.status >= BAD:
            raise _explain_failure(response.status, said.decode(errors="replace"), response.headers)
        return _parse(said)

    def explain(self, error: Exception) -> ServiceError | None:
        """Find what an error of the client means."""
        import aiohttp

        if isinstance(error, aiohttp.ClientError):
            reason = f"the connection to {self.address} broke: {type(error).__name__}"
            return ServiceError("failed", reason, passing=True, answer=lost_answer(error))
        return explain_transport(error)

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    def _opened(self) -> aiohttp.ClientSession:
        """Open a session of as many connections as there are calls; the caller watches the time."""
        import aiohttp

        headers = {"Content-Type": "application/json"}
        if self.secret is not None:
            headers["Authorization"] = f"Bearer {self.secret}"
        return aiohttp.ClientSession(
            headers=headers,
            timeout=aiohttp.ClientTimeout(total=None),
            connector=aiohttp.TCPConnector(limit=0),
            proxy=_proxy(self.address),
            middlewares=(guard_response,),
        )

    def request(self, call: Call) -> dict[str, Any]:
        """Make the fields of a request."""
        fields: dict[str, Any] = {
            "model": self.model,
            "messages": _messages(call, self.options.audio),
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
    """True where a source is ``openai:MODEL`` or ``openai:MODEL@URL``."""
    return source.startswith(PREFIXES)


def load(source: str | Path, **options: object) -> Remote:
    """Load the model of ``openai:MODEL@URL?option=value&...``; without a URL it is one of OpenAI's own.

    Raises:
        AvereError: the source names no model, an option is wrong, or the key is missing.
    """
    name, chosen = remote_options.split(str(source), options)
    model, address = remote_options.place(name, OFFICIAL)
    return Remote(Chat(model, address, chosen), chosen)


def _proxy(address: str) -> str | None:
    """Find the proxy that the environment names for an address; None: there is none."""
    url = urlsplit(address)
    passed = urllib.request.proxy_bypass(url.netloc)
    return None if passed else urllib.request.getproxies().get(url.scheme)


def _messages(call: Call, audio: str) -> list[dict[str, Any]]:
    """Make a conversation; the media stand before its first words."""
    messages: list[dict[str, Any]] = []
    for turn in call.prompt.history:
        messages.append({"role": "user", "content": turn.text})
        messages.append({"role": "assistant", "content": turn.response})
    messages.append({"role": "user", "content": call.prompt.text})
    media = _media(call, audio)
    if media:
        messages[0]["content"] = [*media, {"type": "text", "text": messages[0]["content"]}]
    return messages


def _media(call: Call, audio: str) -> list[dict[str, Any]]:
    """Make the media into parts of a message."""
    sent = call.media
    parts: list[dict[str, Any]] = [
        {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{_letters(picture)}"}}
        for picture in sent.pictures
    ]
    if sent.film is not None:
        url = f"data:video/mp4;base64,{_letters(sent.film)}"
        parts.append({"type": "video_url", "video_url": {"url": url}})
    if sent.sound is not None:
        parts.append(_sound(_letters(sent.sound), audio))
    return parts


def _sound(letters: str, audio: str) -> dict[str, Any]:
    """Make a sound into a part of a message, in the form that the server takes."""
    if audio == "audio_url":
        return {"type": audio, audio: {"url": f"data:audio/wav;base64,{letters}"}}
    return {"type": audio, audio: {"data": letters, "format": "wav"}}


def _letters(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _explain_failure(code: int, body: str, headers: Mapping[str, str]) -> ServiceError:
    """Find what an answer with an error code means."""
    try:
        failure = _Failure.model_validate_json(body)
    except ValidationError:
        return explain_code(code, body, headers)
    found = explain_code(code, failure.words or body, headers)
    found.answer = _counted(failure.usage) or found.answer
    return found


def _parse(said: bytes) -> ServiceAnswer:
    """Parse what a completion says.

    Raises:
        ServiceError: it is no completion, the server broke off, or no word came.
    """
    try:
        heard = _Completion.model_validate_json(said)
    except ValidationError:
        raise ServiceError("failed", MALFORMED, passing=True, answer="unread") from None
    if not heard.choices:
        raise _explain_no_choice(heard)
    choice, end = heard.choices[0], heard.choices[0].finish_reason
    text = choice.message.text
    answer = (_counted(heard.usage) or ServiceAnswer(text="")).model_copy(update={"text": text})
    if end in BROKEN:
        words = choice.error.words if choice.error else end
        reason = f"the server broke off the reply: {shorten_text(words)}"
        raise ServiceError("failed", reason, passing=True, answer=answer)
    if choice.message.refusal:
        reason = shorten_text(choice.message.refusal)
        return answer.model_copy(update={"status": "refused", "reason": reason})
    if end == "content_filter":
        words = f": {shorten_text(choice.error.words)}" if choice.error else ""
        return answer.model_copy(
            update={"status": "refused", "reason": f"the server filtered the reply{words}"}
        )
    if end == "length":
        cut = {"reason": CUT} if text else {"status": "unparsed", "reason": CUT_WORDLESS}
        return answer.model_copy(update=cut)
    if not text:
        raise ServiceError("unparsed", f"{WORDLESS} (it ended with: {end})", answer=answer)
    return answer


def _counted(usage: _Usage | None) -> ServiceAnswer | None:
    """Make an answer without words of what a server counted; None where it did not count."""
    if usage is None or not (usage.prompt_tokens or usage.completion_tokens):
        return None
    return ServiceAnswer(
        text="",
        # A prompt has tokens, and so have words: servers that send 0 do not count.
        input_tokens=usage.prompt_tokens or None,
        output_tokens=usage.completion_tokens or None,
        audio_tokens=(usage.prompt_tokens_details or _Details()).audio_tokens or None,
    )


def _explain_no_choice(heard: _Completion) -> ServiceError:
    """Find what an answer means that holds an error in place of choices, though its code is 200."""
    error, answer = heard.error, _counted(heard.usage)
    if error is None:
        return ServiceError("failed", MALFORMED, passing=True, answer=answer or "unread")
    words = error if isinstance(error, str) else error.words
    code = error.code if isinstance(error, _Error) and isinstance(error.code, int) else FAILED
    found = explain_code(code if code >= BAD else FAILED, words)
    found.answer = answer or found.answer
    return found
