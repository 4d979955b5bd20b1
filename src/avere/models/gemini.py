"""Gemini models, through Google's official client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

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
    from google.genai import types

OFFICIAL, KEY = "https://generativelanguage.googleapis.com", "GEMINI_API_KEY"
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
        from google.genai import Client, types

        self.model, self.address, self.options = model, address, options
        self.secret = key_of(options.key_variable or (KEY if address == OFFICIAL else None), model)
        # Without retry options the client never tries again: that is for the caller, who keeps to limits.
        http = types.HttpOptions(base_url=address, timeout=round(options.timeout * 1000))
        self.client = Client(vertexai=False, api_key=self.secret or NO_KEY, http_options=http).aio

    async def answer(self, call: Call) -> ServiceAnswer:
        """Return what the service says."""
        async with self._media(call) as media:
            response = await self.client.models.generate_content(
                model=self.model, contents=_contents(call, media), config=self._config(call)
            )
        return _read(response)

    def error(self, error: Exception) -> ServiceError | None:
        """Return what an error of the client means."""
        from google.genai import errors

        if isinstance(error, errors.APIError):
            headers = getattr(error.response, "headers", None)
            return of_code(error.code, error.message or "", headers)
        if isinstance(error, errors.UnknownApiResponseError | ValidationError):
            return ServiceError("failed", MALFORMED, passing=True)
        return of_transport(error)

    async def close(self) -> None:
        """Close all connections."""
        await self.client.aclose()

    def _config(self, call: Call) -> types.GenerateContentConfig:
        """Return how the service is to answer."""
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
    """Return whether a source is ``gemini:MODEL``."""
    return source.startswith("gemini:")


def load(source: str | Path, **options: object) -> Remote:
    """Return the model of ``gemini:MODEL?option=value&...``.

    Raises:
        AvereError: the source names no model, an option is wrong, or the key is missing.
    """
    name, chosen = remote_options.split(str(source), options)
    model, address = remote_options.place(name, OFFICIAL)
    return Remote(GenerateContent(model, address, chosen), chosen)


def _contents(call: Call, media: Sequence[types.Part]) -> list[types.Content]:
    """Return a conversation; the media stand before its first words."""
    from google.genai import types

    said = [("user", call.prompt.text)]
    for turn in reversed(call.prompt.history):
        said = [("user", turn.text), ("model", turn.response), *said]
    contents = [types.Content(role=role, parts=[types.Part(text=text)]) for role, text in said]
    contents[0].parts = [*media, *(contents[0].parts or [])]
    return contents


def _read(response: types.GenerateContentResponse) -> ServiceAnswer:
    """Return what a response says.

    Raises:
        ServiceError: it says nothing.
    """
    counts = response.usage_metadata
    answer = ServiceAnswer(
        text="",
        input_tokens=(counts and counts.prompt_token_count) or 0,
        output_tokens=((counts and counts.candidates_token_count) or 0)
        + ((counts and counts.thoughts_token_count) or 0),
        video_tokens=_counted(counts, {"VIDEO", "IMAGE"}),
        audio_tokens=_counted(counts, {"AUDIO"}),
    )
    if response.prompt_feedback is not None and response.prompt_feedback.block_reason is not None:
        reason = f"the service blocks the prompt: {response.prompt_feedback.block_reason.value}"
        return answer.model_copy(update={"status": "refused", "reason": reason})
    if not response.candidates:
        raise ServiceError("failed", MALFORMED, passing=True)
    candidate = response.candidates[0]
    parts = (candidate.content.parts if candidate.content else None) or []
    text = "".join(part.text for part in parts if part.text and not part.thought)
    end = candidate.finish_reason.value if candidate.finish_reason else "STOP"
    if end in BROKEN:
        raise ServiceError("failed", f"the service broke off the reply: {end}", passing=True)
    if end not in ENDED:
        return answer.model_copy(
            update={"text": text, "status": "refused", "reason": f"the service ended the reply: {end}"}
        )
    if end == "MAX_TOKENS" and not text:
        reason = "no word came before the limit of tokens; raise it, or have the model think less"
        return answer.model_copy(update={"status": "unparsed", "reason": reason})
    return answer.model_copy(update={"text": text})


def _counted(counts: types.GenerateContentResponseUsageMetadata | None, modalities: set[str]) -> int | None:
    """Return the input tokens of some modalities; None where the service does not split them up."""
    if counts is None or not counts.prompt_tokens_details:
        return None
    return sum(
        detail.token_count or 0
        for detail in counts.prompt_tokens_details
        if detail.modality is not None and detail.modality.value in modalities
    )
