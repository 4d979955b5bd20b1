"""What may be said of a model behind an API, and the sources that name one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field

from avere import settings
from avere.errors import AvereError
from avere.settings import Settings

DEFAULT_CACHE = "replies.sqlite"


def cache_file() -> Path:
    """Name the file in which replies are kept unless another is given."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "avere" / DEFAULT_CACHE


class ServiceOptions(Settings):
    """How a service is asked; keys are never options, they come from the environment."""

    frames: int = Field(8, ge=1)
    """Pictures of a video, at even times."""
    side: int = Field(512, ge=16)
    """Longest edge of a picture in pixels; smaller ones stay as they are."""
    video: Literal["frames", "file"] = "frames"
    """Send pictures, or the same frames as one silent MP4 (``video_url``; for servers that take it)."""
    audio: Literal["input_audio", "audio_url"] = "input_audio"
    """How an OpenAI-compatible server wants a sound: as OpenAI (vLLM), or as a link (SGLang; vLLM too)."""
    audio_seconds: float | None = Field(None, gt=0)
    """Where longer sounds are cut; None sends them whole."""
    temperature: float | None = Field(0.0, ge=0)
    """None leaves it to the service, for models that take no other."""
    send_seed: bool = True
    """Whether the seed is sent; some servers refuse it."""
    token_field: Literal["max_tokens", "max_completion_tokens"] | None = None
    """What an OpenAI-compatible server calls the limit; None: the newer name at OpenAI, else the older."""
    extra: Mapping[str, Any] = Field(default_factory=dict)
    """More fields of the request, as the service documents them."""

    concurrency: int = Field(8, ge=1)
    """Calls under way at a time."""
    requests_per_minute: float | None = Field(None, gt=0)
    timeout: float = Field(120.0, gt=0)
    """Seconds for one attempt."""
    attempts: int = Field(6, ge=1)
    """Of one call, where the service is busy, fails or breaks off."""
    wait: float = Field(1.0, ge=0)
    """Seconds before the second attempt at most; the bound doubles with each attempt."""
    longest_wait: float = Field(300.0, ge=0)
    """A service that asks for a longer wait has failed."""
    inline_bytes: int = Field(10_000_000, ge=0)
    """Media above this size are uploaded to Gemini first and deleted afterwards."""
    budget: float | None = Field(None, ge=0)
    """Most that may be spent while this model is loaded, in the currency of the prices."""
    prices: Path | None = None
    """A file of prices; None for the shipped one."""
    cache: Path | None = Field(default_factory=cache_file)
    """File of replies that were paid for; None keeps none."""
    key_variable: str | None = None
    """Environment variable that holds the key; a server that a URL names gets no key unless this is given."""

    def deciding(self) -> dict[str, Any]:
        """Select the options that decide the answers, for fingerprints."""
        names = {"frames", "side", "video", "audio_seconds", "temperature", "send_seed", "extra"}
        return self.model_dump(mode="json", include=names)


def place(name: str, official: str) -> tuple[str, str]:
    """Find model and address of ``PREFIX:MODEL@URL``; without a URL the official address.

    Raises:
        AvereError: no model is named, or the address is none.

    >>> place("openai:qwen@http://127.0.0.1:8000/v1/", "https://api")
    ('qwen', 'http://127.0.0.1:8000/v1')
    """
    prefix, _, rest = name.partition(":")
    before, found, after = rest.rpartition("@http")
    model, address = (before, f"http{after}") if found else (rest, official)
    if not model:
        raise AvereError(
            f"'{prefix}:' names no model; write {prefix}:MODEL or {prefix}:MODEL@http://HOST:PORT"
        )
    url = urlsplit(address)
    if not url.hostname or url.username or url.password:
        raise AvereError(
            f"the address of '{model}' must be a plain URL such as http://127.0.0.1:8000/v1; a key goes into "
            "an environment variable, which the option key_variable names"
        )
    return model, address.rstrip("/")


def split(source: str, given: Mapping[str, object]) -> tuple[str, ServiceOptions]:
    """Split a source at its ``?`` into the model and options; ``given`` ones win over those there.

    Raises:
        AvereError: an option is wrong.

    >>> split("gemini:flash?frames=4&cache=null", {})[1].frames
    4
    """
    name, _, query = source.partition("?")
    said: dict[str, object] = {}
    for pair in filter(None, query.split("&")):
        key, found, value = pair.partition("=")
        if not found:
            raise AvereError(f"an option of '{name}' has no value; write '{name}?frames=8&timeout=60'")
        said[key] = settings.parse(value, f"the option '{key}' of '{name}'")
    return name, settings.check(said | dict(given), ServiceOptions, f"options for '{name}'")
