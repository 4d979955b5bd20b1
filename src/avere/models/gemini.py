"""Gemini models, through Google's official client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
    shorten_text,
)
from avere.models.service.responder import Remote
from avere.models.service.transport import guard_response

if TYPE_CHECKING:
    import aiohttp
    from google.genai import types
    from google.genai.client import AsyncClient

OFFICIAL, KEY = "https://generativelanguage.googleapis.com", "GEMINI_API_KEY"
ABILITIES = ModelAbilities("gemini:MODEL", ("video", "audio"), needs=("google.genai",), extra="api")

NO_KEY = "none"
"""What a server without keys is sent, because the client insists on one."""
ENDED = frozenset({"STOP", "MAX_TOKENS", "FINISH_REASON_UNSPECIFIED"})
"""Ends of a reply that are no refusal."""
BROKEN = frozenset({"OTHER", "MALFORMED_RESPONSE"})
FASTEST = 24.0
"""Frames a second that the service samples at most."""


class GenerateContent:
    """A Service over generateContent."""

    def __init__(self, model: str, address: str, options: ServiceOptions) -> None:
        self.model, self.address, self.options = model, address, options
        self.secret = find_key(options.key_variable or (KEY if address == OFFICIAL else None), model)
        self._session: aiohttp.ClientSession | None = None
        self._client: AsyncClient | None = None

    @property
    def client(self) -> AsyncClient:
        """The client, made inside the event loop, over a session that guards every response, uploads too."""
        import aiohttp
        from google.genai import Client, types

        if self._client is None:
            self._session = aiohttp.ClientSession(trust_env=True, middlewares=(guard_response,))
            # Without retry options the client never tries again: that is for the caller, who keeps to limits.
            http = types.HttpOptions(
                base_url=self.address,
                timeout=round(self.options.timeout * 1000),
                aiohttp_client=self._session,
            )
            self._client = Client(vertexai=False, api_key=self.secret or NO_KEY, http_options=http).aio
        return self._client

    async def answer(self, call: Call) -> ServiceAnswer:
        """Ask the service once."""
        async with self._media(call) as media:
            response = await self.client.models.generate_content(
                model=self.model, contents=_contents(call, media), config=self._config(call)
            )
        return _parse(response)

    def explain(self, error: Exception) -> ServiceError | None:
        """Find what an error of the client means."""
        from google.genai import errors

        if isinstance(error, errors.APIError):
            headers = getattr(error.response, "headers", None)
            named = f" ({error.status})" if error.status else ""
            return explain_code(error.code, f"{error.message or ''}{named}", headers)
        # The client raises the first two where an upload gets another answer than it is used to.
        if isinstance(error, ValueError | KeyError | errors.UnknownApiResponseError):
            return ServiceError("failed", MALFORMED, passing=True, answer="unread")
        return explain_transport(error)

    async def close(self) -> None:
        """Close all connections."""
        if self._client is not None and self._session is not None:
            await self._client.aclose()
            await self._session.close()

    def _config(self, call: Call) -> types.GenerateContentConfig:
        """Say how the service is to answer."""
        from google.genai import types

        fields: dict[str, Any] = {"max_output_tokens": call.max_tokens, **self.options.extra}
        if self.options.temperature is not None:
            fields["temperature"] = self.options.temperature
        if self.options.send_seed:
            fields["seed"] = call.seed
        if call.schema is not None:
            fields |= {
                "response_mime_type": "application/json",
                "response_json_schema": dict(call.schema),
            }
        return types.GenerateContentConfig(**fields)

    @asynccontextmanager
    async def _media(self, call: Call) -> AsyncIterator[Sequence[types.Part]]:
        """Yield the media as parts of a message; large ones are uploaded, and deleted in the end."""
        from google.genai import types

        sent = call.media
        contents = [(picture, "image/jpeg") for picture in sent.pictures]
        contents += [(sent.film, "video/mp4")] if sent.film is not None else []
        contents += [(sent.sound, "audio/wav")] if sent.sound is not None else []
        parts: list[types.Part] = []
        uploaded: list[str] = []
        try:
            for content, kind in contents:
                if len(content) <= self.options.inline_bytes:
                    part = types.Part.from_bytes(data=content, mime_type=kind)
                else:
                    file = await self._upload(content, kind, uploaded)
                    part = types.Part.from_uri(file_uri=file.uri or "", mime_type=kind)
                if content is sent.film:
                    part.video_metadata = types.VideoMetadata(fps=min(FASTEST, sent.fps))
                parts.append(part)
            yield parts
        finally:
            for name in uploaded:
                await self.client.files.delete(name=name)

    async def _upload(self, content: bytes, kind: str, uploaded: list[str]) -> types.File:
        """Upload a file and wait until it can be used; its name is noted for deletion at once.

        Raises:
            ServiceError: the service cannot read it.
        """
        file = await self.client.files.upload(file=BytesIO(content), config={"mime_type": kind})
        name = file.name or ""
        uploaded.append(name)
        while file.state is not None and file.state.value == "PROCESSING":
            await asyncio.sleep(self.options.wait)
            file = await self.client.files.get(name=name)
        if file.state is not None and file.state.value == "FAILED":
            raise ServiceError("media error", f"the service cannot read the {kind} that was uploaded")
        return file


def handles(source: str) -> bool:
    """True where a source is ``gemini:MODEL``."""
    return source.startswith("gemini:")


def load(source: str | Path, **options: object) -> Remote:
    """Load the model of ``gemini:MODEL?option=value&...``.

    Raises:
        AvereError: the source names no model, an option is wrong, or the key is missing.
    """
    name, chosen = remote_options.split(str(source), options)
    model, address = remote_options.place(name, OFFICIAL)
    return Remote(GenerateContent(model, address, chosen), chosen)


def _contents(call: Call, media: Sequence[types.Part]) -> list[types.Content]:
    """Make a conversation; the media stand before its first words."""
    from google.genai import types

    said = [("user", call.prompt.text)]
    for turn in reversed(call.prompt.history):
        said = [("user", turn.text), ("model", turn.response), *said]
    contents = [types.Content(role=role, parts=[types.Part(text=text)]) for role, text in said]
    contents[0].parts = [*media, *(contents[0].parts or [])]
    return contents


def _parse(response: types.GenerateContentResponse) -> ServiceAnswer:
    """Parse what a response says.

    Raises:
        ServiceError: it says nothing, or the service broke off.
    """
    counts = response.usage_metadata
    answer = ServiceAnswer(
        text="",
        # A prompt has tokens, and so have words: where there are 0, nothing was counted.
        input_tokens=(counts and counts.prompt_token_count) or None,
        output_tokens=sum(filter(None, (counts.candidates_token_count, counts.thoughts_token_count))) or None
        if counts
        else None,
        video_tokens=_counted(counts, {"VIDEO", "IMAGE"}),
        audio_tokens=_counted(counts, {"AUDIO"}),
    )
    blocked = response.prompt_feedback
    if blocked is not None and blocked.block_reason is not None:
        words = " ".join(filter(None, (blocked.block_reason.value, blocked.block_reason_message)))
        reason = f"the service blocks the prompt: {shorten_text(words)}"
        return answer.model_copy(update={"status": "refused", "reason": reason})
    if not response.candidates:
        raise ServiceError("failed", MALFORMED, passing=True, answer=answer)
    candidate = response.candidates[0]
    parts = (candidate.content.parts if candidate.content else None) or []
    text = "".join(part.text for part in parts if part.text and not part.thought)
    end = candidate.finish_reason.value if candidate.finish_reason else "STOP"
    answer = answer.model_copy(update={"text": text})
    words = shorten_text(" ".join(filter(None, (end, candidate.finish_message))))
    if end in BROKEN:
        reason = f"the service broke off the reply: {words}"
        raise ServiceError("failed", reason, passing=True, answer=answer)
    if end not in ENDED:
        reason = f"the service ended the reply: {words}"
        return answer.model_copy(update={"status": "refused", "reason": reason})
    if end == "MAX_TOKENS":
        cut = {"reason": CUT} if text else {"status": "unparsed", "reason": CUT_WORDLESS}
        return answer.model_copy(update=cut)
    if not text:
        raise ServiceError("unparsed", f"{WORDLESS} (it ended with: {words})", answer=answer)
    return answer


def _counted(counts: types.GenerateContentResponseUsageMetadata | None, modalities: set[str]) -> int | None:
    """Count the input tokens of some modalities; None where the service does not split them up."""
    if counts is None or not counts.prompt_tokens_details:
        return None
    return sum(
        detail.token_count or 0
        for detail in counts.prompt_tokens_details
        if detail.modality is not None and detail.modality.value in modalities
    )
