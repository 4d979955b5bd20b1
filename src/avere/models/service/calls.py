"""Calls to a service from ordinary code: in a thread of their own, few at a time, paced and tried again."""

from __future__ import annotations

import asyncio
import random
import threading
import time
import weakref
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from itertools import islice
from queue import SimpleQueue
from typing import Any, TypeVar

from avere.models.service.options import ServiceOptions
from avere.models.service.protocol import Call, Service, ServiceAnswer, ServiceError

T = TypeVar("T")
Attempt = Callable[[], Awaitable[ServiceAnswer]]
"""One call to a service."""
TOGETHER = 16
"""Works that are begun together: the first ones are under way while the next ones are prepared."""
CLOSING = 5.0
"""Seconds at most that dropping a loop waits for what is closed in it."""


class Loop:
    """An event loop in a daemon thread, so that callers may be inside another one, as in notebooks."""

    def __init__(self, close: Callable[[], Awaitable[None]]) -> None:
        """Call ``close`` inside the loop when this object is dropped, before the loop ends."""
        self._close = close
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def stream(self, works: Iterable[Coroutine[Any, Any, T]], most: int) -> Iterator[list[T]]:
        """Run at most so many works at a time and yield what is there whenever something ended.

        Work is taken as there is room for it; closing the iterator cancels what is under way.
        """
        loop, coming = self._running(), iter(works)
        ended: SimpleQueue[asyncio.Task[T]] = SimpleQueue()
        tasks: set[asyncio.Task[T]] = set()

        def start(batch: Iterable[Coroutine[Any, Any, T]]) -> None:
            for work in batch:
                task = loop.create_task(work)
                tasks.add(task)
                task.add_done_callback(ended.put)

        under_way, more = 0, True
        try:
            while more or under_way:
                batch = list(islice(coming, min(TOGETHER, most - under_way)))
                more = more and (bool(batch) or under_way == most)
                if batch:
                    under_way += len(batch)
                    loop.call_soon_threadsafe(start, batch)
                found = _taken(ended, wait=under_way == most or not more) if under_way else []
                under_way -= len(found)
                tasks.difference_update(found)
                if found:
                    yield [task.result() for task in found]
        finally:
            loop.call_soon_threadsafe(lambda: [task.cancel() for task in tasks])

    def _running(self) -> asyncio.AbstractEventLoop:
        """Find the loop, begun with the first work."""
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                thread = threading.Thread(target=_forever, args=(self._loop, self._close), daemon=True)
                thread.start()
                weakref.finalize(self, _stop, self._loop, thread)
            return self._loop


class RateLimiter:
    """Starts of calls, so far apart that no minute holds more than the limit."""

    def __init__(
        self,
        per_minute: float | None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.gap = 60 / per_minute if per_minute else 0.0
        self.clock, self.sleep = clock, sleep
        self._next = 0.0

    async def turn(self) -> None:
        """Wait until another call may start."""
        now = self.clock()
        start = max(now, self._next)
        self._next = start + self.gap
        if start > now:
            await self.sleep(start - now)

    def pause(self, seconds: float) -> None:
        """Let nothing start for a while, because the service asked for it."""
        self._next = max(self._next, self.clock() + seconds)


class Caller:
    """Asks a service, and asks again where that may help."""

    def __init__(self, service: Service, options: ServiceOptions) -> None:
        self.service, self.options = service, options
        self.pace = RateLimiter(options.requests_per_minute)

    async def call(self, call: Call, paying: Callable[[Attempt], Awaitable[ServiceAnswer]]) -> ServiceAnswer:
        """Ask until there is an answer; ``paying`` makes each attempt, if there is money for it.

        Raises:
            ServiceError: there is none after all attempts.
        """
        options = self.options
        failed, longest = 0, min(options.wait, options.longest_wait)
        while True:
            try:
                return await paying(lambda: self._attempt(call))
            except ServiceError as error:
                failed += 1
                if failed == options.attempts or not self._may_pass(error):
                    raise
                after = error.after
            # By chance, so that calls which failed together come back one after the other.
            await asyncio.sleep(after or random.uniform(0, longest))
            longest = min(2 * longest, options.longest_wait)

    async def _attempt(self, call: Call) -> ServiceAnswer:
        """Make one call.

        Raises:
            ServiceError: it brought no answer.
        """
        await self.pace.turn()
        try:
            async with asyncio.timeout(self.options.timeout):
                return await self.service.answer(call)
        except TimeoutError:
            reason = f"no answer within {self.options.timeout:g} s"
            raise ServiceError("timeout", reason, passing=True, answer="unread") from None
        except ServiceError:
            raise
        except Exception as error:
            known = self.service.explain(error)
            if known is None:
                raise
            if known.after is not None and known.after <= self.options.longest_wait:
                self.pace.pause(known.after)
            # The client's error may hold what was sent, the key included: it goes no further.
            raise known from None

    def _may_pass(self, error: ServiceError) -> bool:
        """True where another attempt makes sense."""
        return error.passing and (error.after is None or error.after <= self.options.longest_wait)


def _taken(ended: SimpleQueue[T], *, wait: bool) -> list[T]:
    """Take all that is in a queue; wait for one if wanted."""
    found = [ended.get()] if wait else []
    while not ended.empty():
        found.append(ended.get())
    return found


def _forever(loop: asyncio.AbstractEventLoop, close: Callable[[], Awaitable[None]]) -> None:
    """Run a loop until it is stopped, then close what lives in it: later it could not be closed."""

    async def end() -> None:
        rest = asyncio.all_tasks(loop) - {asyncio.current_task(loop)}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        await close()
        await loop.shutdown_default_executor()

    loop.run_forever()
    try:
        loop.run_until_complete(end())
    finally:
        loop.close()


def _stop(loop: asyncio.AbstractEventLoop, thread: threading.Thread) -> None:
    """Stop a loop and give it a moment to close; at the end of the program it would be cut short."""
    loop.call_soon_threadsafe(loop.stop)
    if thread is not threading.current_thread():
        thread.join(CLOSING)
