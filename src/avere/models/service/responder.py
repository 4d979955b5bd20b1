"""A model behind an API as a Responder: cached, priced, within a budget; every prompt gets its reply."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from weakref import WeakValueDictionary

from pydantic_core import from_json

from avere.asking.clips import ask_clip
from avere.errors import MediaError
from avere.interfaces import CostEstimate, Prompt, Reply, Usage
from avere.models.service import media as remote_media
from avere.models.service.cache import Cache
from avere.models.service.calls import Attempt, Caller, Loop
from avere.models.service.options import ServiceOptions
from avere.models.service.prices import Account, Tokens
from avere.models.service.protocol import Call, Service, ServiceAnswer, ServiceError
from avere.models.service.transport import hide_key
from avere.records import Clip, MediaTokens

T = TypeVar("T")
BYTES_A_TOKEN = 3
"""Of text, for estimates; English has about four, so that they are rather too high."""
FRAME = 16
"""Tokens of a turn around its words, for estimates."""
AHEAD = 16
"""Asks that wait in the event loop until a call ends, else each end would wait for the other thread; fewer
than calls, so that one call at a time keeps the order of the prompts."""
FENCE = re.compile(r"\s*```(?:json)?\s*(.*?)\s*```\s*", re.DOTALL | re.IGNORECASE)
"""What models put around JSON."""
IN_A_ROW, LULL = 3, 60.0
"""After so many calls in a row without an answer nothing is sent for so many seconds."""


class How(NamedTuple):
    """What all prompts of one call share."""

    max_tokens: int
    seed: int
    schema: Mapping[str, Any] | None


class Remote:
    """A Responder over one model of a service."""

    def __init__(self, service: Service, options: ServiceOptions) -> None:
        self.service, self.options = service, options
        self.name = service.model
        what = [type(service).__name__, service.model, service.address, options.deciding()]
        self.fingerprint = _sha(what)
        self.account = Account(service.model, options)
        self.cache = Cache(options.cache)
        self._caller = Caller(service, options)
        self._slots = asyncio.Semaphore(options.concurrency)
        self._loop = Loop(service.close)
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._lost = 0
        self._closed: tuple[float, str] | None = None

    def respond(
        self,
        prompts: Iterable[Prompt],
        *,
        max_tokens: int,
        seed: int,
        schema: Mapping[str, Any] | None = None,
    ) -> Iterator[Reply]:
        """Yield replies as they finish; one that got no answer says why, and what was answered is kept.

        A reply that is no JSON object of the schema's required keys is ``unparsed``; its text is there.
        """
        how = How(max_tokens, seed, schema)
        works = (self._reply(index, prompt, how) for index, prompt in enumerate(prompts))
        most = self.options.concurrency
        for replies in self._loop.stream(works, most + min(AHEAD, most - 1)):
            yield from sorted(replies, key=lambda reply: reply.index)

    def estimate(
        self,
        prompts: Iterable[Prompt],
        *,
        max_tokens: int,
        seed: int = 0,
        schema: Mapping[str, Any] | None = None,
    ) -> CostEstimate:
        """Estimate calls, tokens and price; nothing is sent."""
        how = How(max_tokens, seed, schema)
        found: list[Tokens] = []
        known: set[str] = set()
        kept = unusable = 0
        for prompt in prompts:
            try:
                key, _, tokens = self._foreseen(prompt, how)
            except MediaError:
                unusable += 1
                continue
            if key in known or self.cache.get(key) is not None:
                kept += 1
            else:
                known.add(key)
                found.append(tokens)
        costs = [self.account.cost(tokens) for tokens in found]
        return CostEstimate(
            calls=len(found),
            kept=kept,
            unusable=unusable,
            input_tokens=sum(tokens.input for tokens in found),
            output_tokens=sum(tokens.output for tokens in found),
            cost=None if self.account.price is None else sum(cost or 0.0 for cost in costs),
            currency=self.account.currency,
        )

    def ask(self, clip: Clip | Path | str, text: str, max_tokens: int = 128) -> str:
        """Answer a question about a clip.

        Raises:
            AvereError: there is none.
        """
        return ask_clip(self, clip, text, max_tokens).text

    async def _reply(self, index: int, prompt: Prompt, how: How) -> Reply:
        """Make the reply to one prompt, whatever happens."""
        started = time.perf_counter()
        try:
            key, media, tokens = await _aside(prompt, self._foreseen, prompt, how)
            async with self._locks.setdefault(key, asyncio.Lock()):
                answer, usage = await self._answer(key, prompt, how, tokens)
        except MediaError as error:
            return Reply(index=index, text="", status="media error", reason=str(error))
        except ServiceError as error:
            return Reply(index=index, text="", status=error.status, reason=error.reason)
        answer = _checked(_arrived(answer, media), how.schema)
        return Reply(
            index=index,
            text=answer.text,
            status=answer.status,
            reason=answer.reason,
            media_tokens=_told(answer, media),
            seconds=time.perf_counter() - started,
            usage=usage,
        )

    async def _answer(
        self, key: str, prompt: Prompt, how: How, expected: Tokens
    ) -> tuple[ServiceAnswer, Usage]:
        """Find what was answered before under this key, or what the service says now.

        Raises:
            ServiceError: there is no answer.
            MediaError: a medium cannot be read.
        """
        kept = self.cache.get(key)
        if kept is not None:
            return kept, _usage(kept, 0.0, cached=True)
        async with self._slots:
            return await self._bought(key, prompt, how, expected)

    async def _bought(
        self, key: str, prompt: Prompt, how: How, expected: Tokens
    ) -> tuple[ServiceAnswer, Usage]:
        """Ask the service, and keep what it says.

        Raises:
            ServiceError: there is no answer.
            MediaError: a medium cannot be read.
        """
        self._check_open()
        media = await _aside(prompt, remote_media.encode, prompt, self.options)
        paid: list[float] = []
        try:
            answer = await self._caller.call(
                Call(prompt, media, *how), lambda attempt: self._paid(attempt, expected, paid)
            )
            answer = self._without_key(answer, _counted(answer, expected))
            self.cache.put(key, answer)
        except ServiceError as error:
            error.reason = self._hidden(error.reason)
            self._count(error)
            raise
        self._lost = 0
        cost = None if self.account.price is None else sum(paid)
        return answer, _usage(answer, cost, cached=False)

    async def _paid(self, attempt: Attempt, expected: Tokens, paid: list[float]) -> ServiceAnswer:
        """Make one attempt, if the budget reaches, and add what it cost to ``paid``.

        What was sent and brought nothing that can be read counts as much as it may have cost: the service may
        have answered.

        Raises:
            ServiceError: the budget does not reach, or there is no answer.
        """
        most = self.account.cost(expected) or 0.0
        await self.account.hold(most)
        cost = most
        try:
            if not paid:
                self._check_open()
            answer = await attempt()
            cost = self.account.cost(_counted(answer, expected)) or 0.0
        except ServiceError as error:
            if error.answer is None:
                cost = 0.0
            elif error.answer != "unread":
                cost = self.account.cost(_counted(error.answer, expected)) or 0.0
            raise
        finally:
            paid.append(cost)
            await self.account.settle(most, cost)
        return answer

    def _check_open(self) -> None:
        """Refuse a call while the service answers nobody."""
        if self._closed is not None and time.monotonic() < self._closed[0]:
            raise ServiceError("failed", f"not asked, because before: {self._closed[1]}")

    def _count(self, error: ServiceError) -> None:
        """Remember an error, and close the door where the next call would fare no better."""
        if error.closed:
            self._closed = (float("inf"), error.reason)
        elif error.passing:
            self._lost += 1
            if self._lost >= IN_A_ROW:
                self._closed = (time.monotonic() + LULL, error.reason)

    def _foreseen(self, prompt: Prompt, how: How) -> tuple[str, MediaTokens, Tokens]:
        """Foresee a call: the key of its answer, the tokens of the media, and about what it takes.

        The digest holds all that decides the answer, never the key of the service. Of input the tokens are
        rather too many, of output all that it may be.

        Raises:
            MediaError: a medium cannot be read.
        """
        turns = [[turn.text, turn.response] for turn in prompt.history]
        given = (prompt.video, prompt.audio)
        files = [None if one is None else str(one.identity()) for one in given]
        key = _sha([self.fingerprint, turns, prompt.text, files, *how])
        media = remote_media.expected_tokens(prompt, self.options)
        words = [prompt.text, *chain(*turns), *([] if how.schema is None else [json.dumps(dict(how.schema))])]
        text = sum(FRAME + count_about(part) for part in words)
        return key, media, Tokens(text + media.video + media.audio, media.audio, how.max_tokens)

    def _without_key(self, answer: ServiceAnswer, tokens: Tokens) -> ServiceAnswer:
        """Take out the key, should the service have repeated it; fill in the tokens that it did not count."""
        reason = None if answer.reason is None else self._hidden(answer.reason)
        words = {"text": self._hidden(answer.text), "reason": reason}
        return answer.model_copy(
            update={**words, "input_tokens": tokens.input, "output_tokens": tokens.output}
        )

    def _hidden(self, text: str) -> str:
        return hide_key(text, self.service.secret)


def _checked(answer: ServiceAnswer, schema: Mapping[str, Any] | None) -> ServiceAnswer:
    """Mark an answer where it is not what the schema asks for."""
    if schema is None or answer.status != "ok":
        return answer
    try:
        fenced = FENCE.fullmatch(answer.text)
        found = from_json(fenced[1] if fenced else answer.text)
    except ValueError:
        reason = "; ".join(filter(None, ("the reply is no JSON", answer.reason)))
        return answer.model_copy(update={"status": "unparsed", "reason": reason})
    missing = [
        name for name in schema.get("required", ()) if not isinstance(found, dict) or name not in found
    ]
    if missing:
        reason = f"the reply lacks {', '.join(missing)}, which the schema requires"
        return answer.model_copy(update={"status": "unparsed", "reason": reason})
    return answer


def _arrived(answer: ServiceAnswer, expected: MediaTokens) -> ServiceAnswer:
    """Mark an answer where the service says that a medium became no token."""
    for modality in ("video", "audio") if answer.status == "ok" else ():
        if getattr(expected, modality) and getattr(answer, f"{modality}_tokens") == 0:
            reason = f"the service counts no {modality} token, though {modality} was sent"
            return answer.model_copy(update={"status": "media error", "reason": reason})
    return answer


def _told(answer: ServiceAnswer, expected: MediaTokens) -> MediaTokens:
    """Count the tokens of the media: what the service counts, else what they should be."""
    return MediaTokens(
        video=expected.video if answer.video_tokens is None else answer.video_tokens,
        audio=expected.audio if answer.audio_tokens is None else answer.audio_tokens,
        audio_cut=expected.audio_cut,
    )


def _usage(answer: ServiceAnswer, cost: float | None, *, cached: bool) -> Usage:
    return Usage(
        input_tokens=answer.input_tokens or 0,
        output_tokens=answer.output_tokens or 0,
        cost=cost,
        cached=cached,
    )


def _counted(answer: ServiceAnswer, expected: Tokens) -> Tokens:
    """Count the tokens of a call: as the service does, else about, so that a budget is reached either way."""
    output = answer.output_tokens
    if output is None:
        output = count_about(answer.text)
    if answer.input_tokens is None:
        return Tokens(expected.input, expected.audio, output)
    return Tokens(answer.input_tokens, answer.audio_tokens or 0, output)


def count_about(text: str) -> int:
    """Count about how many tokens a text has, rather too many.

    >>> count_about("She laughs."), count_about("")
    (4, 0)
    """
    return -(-len(text.encode()) // BYTES_A_TOKEN)


async def _aside(prompt: Prompt, work: Callable[..., T], *given: Any) -> T:
    """Do work in a thread where media are read, which takes a while: other calls go on meanwhile."""
    if prompt.video is None and prompt.audio is None:
        return work(*given)
    return await asyncio.to_thread(work, *given)


def _sha(what: object) -> str:
    """Compute a digest of plain data."""
    return hashlib.sha256(json.dumps(what, sort_keys=True, default=dict).encode()).hexdigest()
