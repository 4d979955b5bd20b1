"""A model on the workers of a Ray cluster, as one Responder: stages, journals and files stay as they are.

Plain actors and not ``ray.data``: a block of ``ray.data`` comes back whole or not at all, and an answer that
was paid for must reach the journal by itself. Every stage waits for the one before it anyway.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext
from functools import partial
from itertools import islice
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Any, NamedTuple

from avere.errors import AvereError, install_extra
from avere.interfaces import PricedResponder, Prompt, Reply, Responder

LOT, AT_ONCE = 16, 16
"""Asks that a worker gets together, and how many such lots it works on at a time."""
HELD = 0.05
"""Seconds for which replies are gathered before they are sent together."""
Load = Callable[..., Responder]


class _Lot(NamedTuple):
    """Asks on their way, by their place in the call; those that are answered are taken out."""

    worker: Any
    prompts: dict[int, Prompt]


class Spread:
    """A Responder that hands its prompts to as many workers as there are, each with the model loaded.

    Workers read media where they lie, so that the file system must be shared. What a worker had not answered
    when it died goes to the others.
    """

    def __init__(self, load: Load, source: str, options: Mapping[str, object], workers: int) -> None:
        """Load the model in every worker; on the cluster that ``RAY_ADDRESS`` names, else on this machine.

        Raises:
            AvereError: Ray is not installed, the cluster is too small, or the model cannot be loaded.
        """
        self._ray = _connected()
        needed = {"num_gpus": 1} if str(options.get("device") or "").startswith("cuda") else {}
        self._check(source, workers * len(needed))
        # The budget holds for all together; each worker counts only what it spends itself.
        budget = options.get("budget")
        shared = {"budget": budget / workers} if isinstance(budget, float) else {}
        kind = self._ray.remote(max_concurrency=AT_ONCE, scheduling_strategy="SPREAD", **needed)(_Worker)
        loading = partial(load, source, **{**options, **shared})
        self._workers = [kind.remote(loading, str(Path.cwd())) for _ in range(workers)]
        found = {self._result(one.who.remote()) for one in self._workers}
        if len(found) != 1:
            raise AvereError(
                f"the workers load different models as '{source}'; install one version everywhere"
            )
        ((self.name, self.fingerprint),) = found

    def respond(
        self,
        prompts: Iterable[Prompt],
        *,
        max_tokens: int,
        seed: int,
        schema: Mapping[str, Any] | None = None,
    ) -> Iterator[Reply]:
        """Yield replies as they come from any worker.

        Raises:
            AvereError: no worker is left. What else a model raises is raised after all others have answered.
        """
        how = {"max_tokens": max_tokens, "seed": seed, "schema": schema}
        asking, back = iter(enumerate(prompts)), list[dict[int, Prompt]]()

        def lot() -> dict[int, Prompt]:
            return back.pop() if back else dict(islice(asking, LOT))

        flying: dict[Any, _Lot] = {}
        failure: Exception | None = None
        while True:
            if failure is None:
                self._send(lot, how, flying)
            if not flying:
                break
            (stream, *_), _ = self._ray.wait(list(flying), num_returns=1)
            try:
                replies = self._arrived(stream, flying, back)
            except Exception as error:  # others finish first, for theirs is paid
                failure, replies = failure or error, []
            yield from replies
        if failure is not None:
            raise failure

    def _send(
        self, lot: Callable[[], dict[int, Prompt]], how: Mapping[str, Any], flying: dict[Any, _Lot]
    ) -> None:
        """Give the workers as much as they may have, always to the one with the least to do."""
        busy = {one: sum(lot.worker is one for lot in flying.values()) for one in self._workers}
        while busy[worker := min(busy, key=busy.__getitem__)] < AT_ONCE:
            prompts = lot()
            if not prompts:
                return
            stream = worker.answer.options(num_returns="streaming").remote(prompts, how)
            flying[stream] = _Lot(worker, prompts)
            busy[worker] += 1

    def _arrived(self, stream: Any, flying: dict[Any, _Lot], back: list[dict[int, Prompt]]) -> list[Reply]:
        """Collect the replies of a lot; prompts that a dead worker left are put back.

        Raises:
            AvereError: no worker is left. What else the model raised is raised too.
        """
        lot = flying[stream]
        try:
            replies: list[Reply] = self._result(next(stream))
        except StopIteration:
            del flying[stream]
            return []
        except self._ray.exceptions.RayError as error:
            del flying[stream]
            self._bury(lot.worker, error)
            back += [lot.prompts] if lot.prompts else []
            return []
        except Exception:
            del flying[stream]
            raise
        for reply in replies:
            lot.prompts.pop(reply.index, None)
        return replies

    def _bury(self, worker: Any, error: Exception) -> None:
        """Strike out a worker that died.

        Raises:
            AvereError: it was the last one.
        """
        self._workers = [one for one in self._workers if one is not worker]
        if not self._workers:
            cause = str(error).partition("\n")[0]
            raise AvereError(
                f"every worker of {self.name} died, the last one because: {cause}; what they answered is "
                "kept: run the same command again to go on"
            ) from error

    def _result(self, reference: Any) -> Any:
        """Take a worker's result, or raise its error."""
        try:
            return self._ray.get(reference)
        except self._ray.exceptions.RayTaskError as error:
            raise error.cause from None

    def _check(self, source: str, cards: int) -> None:
        """Refuse what the cluster could never place, which Ray would wait for without end."""
        free = self._ray.available_resources().get("GPU", 0)
        if cards > free:
            raise AvereError(
                f"{cards} workers of '{source}' need a GPU each and {free:g} are free; give fewer --workers"
            )


class _Worker:
    """One process of the cluster, with the model."""

    def __init__(self, load: Callable[[], Responder], folder: str) -> None:
        self._load, self._folder = load, folder

    def who(self) -> tuple[str, str]:
        """Load the model; return its name and fingerprint.

        Raises:
            AvereError: it cannot be loaded, or this machine lacks the folder where the command runs.
        """
        try:
            os.chdir(self._folder)
        except OSError as error:
            raise AvereError(
                f"a worker's machine has no folder '{self._folder}'; run on a file system that all share"
            ) from error
        self._model = self._load()
        # A model behind an API takes many questions at a time; one that runs here takes lot after lot.
        self._turn = nullcontext() if isinstance(self._model, PricedResponder) else Lock()
        return self._model.name, self._model.fingerprint

    def answer(self, prompts: Mapping[int, Prompt], how: Mapping[str, Any]) -> Iterator[list[Reply]]:
        """Yield the replies as they finish, each with the place of its prompt in the whole call."""
        places, ready, sent = list(prompts), list[Reply](), monotonic()
        try:
            with self._turn:
                for reply in self._model.respond(prompts.values(), **how):
                    ready.append(reply.model_copy(update={"index": places[reply.index]}))
                    if monotonic() - sent >= HELD:
                        yield ready
                        ready, sent = [], monotonic()
        except Exception:
            yield ready
            raise
        yield ready


def _connected() -> Any:
    """Connect to Ray; nothing but this machine is listened to unless a cluster is named.

    Raises:
        AvereError: Ray is not installed, or the cluster cannot be reached.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ModuleNotFoundError as error:
        raise AvereError(
            f"the engine 'ray' needs Ray; {install_extra('ray')}, or take --engine asyncio"
        ) from error
    if not ray.is_initialized():
        address = os.environ.get("RAY_ADDRESS")
        alone = {} if address else {"include_dashboard": False, "_node_ip_address": "127.0.0.1"}
        try:
            ray.init(address or "local", log_to_driver=False, logging_level="error", **alone)
        except ConnectionError as error:
            raise AvereError(
                f"no Ray cluster answers at RAY_ADDRESS={address}; start it, or unset it"
            ) from error
    return ray
