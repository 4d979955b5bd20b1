"""Calls to a service from ordinary code: in a thread of their own, few at a time, paced and tried again."""

from __future__ import annotations

import asyncio
import threading
import time
import weakref
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

from avere.models._remote_options import Options
from avere.models._remote_service import Answer, Call, Service, ServiceError

T = TypeVar("T")


class Loop:
    """An event loop in a daemon thread, so that callers may be inside another one, as in notebooks."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Start work; cancelling what is returned cancels it."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            threading.Thread(target=_forever, args=(self._loop,), daemon=True).start()
            weakref.finalize(self, self._loop.call_soon_threadsafe, self._loop.stop)
        return asyncio.run_coroutine_threadsafe(work, self._loop)


class Pace:
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

    def __init__(self, service: Service, options: Options) -> None:
        self.service, self.options = service, options
        self.pace = Pace(options.requests_per_minute)
        self._slots = asyncio.Semaphore(options.concurrency)

    async def call(self, call: Call) -> Answer:
        """Return the answer.

        Raises:
            ServiceError: there is none after all attempts.
        """
        from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt, wait_random_exponential

        options = self.options
        doubling = wait_random_exponential(multiplier=options.wait, max=options.longest_wait)
        retrying = AsyncRetrying(
            stop=stop_after_attempt(options.attempts),
            wait=lambda state: _asked_for(state.outcome) or doubling(state),
            retry=retry_if_exception(self._may_pass),
            sleep=asyncio.sleep,
            reraise=True,
        )
        return await retrying(self._attempt, call)

    async def _attempt(self, call: Call) -> Answer:
        """Make one call.

        Raises:
            ServiceError: it brought no answer.
        """
        async with self._slots:
            await self.pace.turn()
            try:
                async with asyncio.timeout(self.options.timeout):
                    return await self.service.answer(call)
            except TimeoutError:
                reason = f"no answer within {self.options.timeout:g} s"
                raise ServiceError("timeout", reason, passing=True) from None
            except ServiceError:
                raise
            except Exception as error:
                known = self.service.error(error)
                if known is None:
                    raise
                if known.after is not None and known.after <= self.options.longest_wait:
                    self.pace.pause(known.after)
                # The client's error may hold what was sent, the key included: it goes no further.
                raise known from None

    def _may_pass(self, error: BaseException) -> bool:
        """Tell whether another attempt makes sense."""
        if not isinstance(error, ServiceError) or not error.passing:
            return False
        return error.after is None or error.after <= self.options.longest_wait


def _asked_for(outcome: Future[Any] | None) -> float | None:
    """Return the seconds that the service asked to wait after a failed attempt."""
    error = outcome.exception() if outcome else None
    return error.after if isinstance(error, ServiceError) else None


def _forever(loop: asyncio.AbstractEventLoop) -> None:
    """Run a loop until it is stopped."""
    loop.run_forever()
    loop.close()
