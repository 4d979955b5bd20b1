"""Stages of a long road: each is done once, shown while it runs, and timed even over a stop."""

import contextlib
import json
import multiprocessing
import os
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from threading import Thread

from rich.console import Console

from avere import files
from avere.errors import AvereError

TIMES, INPUTS, LOGS = "stages.json", "inputs.json", "logs"
Inputs = Callable[[str], Mapping[str, str]]
"""Tells the digests of what a stage starts from, by name of the stage."""


class Stages:
    """Runs the stages of one folder in order; finished ones are passed over."""

    def __init__(
        self, out: Path, total: int, minutes: float | None = None, inputs: Inputs = lambda _: {}
    ) -> None:
        """Begin; after so many minutes no further stage of a group is begun.

        A stage that was done with other ``inputs`` is refused: its results and those of the others would not
        be of one study.
        """
        out.mkdir(parents=True, exist_ok=True)
        self._until = None if minutes is None else time.time() + 60 * minutes
        self.total = total
        self.out = out
        self._file = out / TIMES
        self._console = Console(markup=False)
        self._number = 0
        self.seconds: dict[str, float] = {}
        """What each finished stage took."""
        if self._file.exists():
            self.seconds = files.read_json(self._file)
        self._inputs = inputs
        self._begun: dict[str, dict[str, str]] = {}
        """The inputs of each stage, as they were when it began."""
        if (out / INPUTS).exists():
            self._begun = files.read_json(out / INPUTS)

    def run(self, name: str, work: Callable[[], object]) -> None:
        """Do one stage, unless it was finished before; ``work`` itself goes on where it was stopped."""
        if self._done_before(name):
            return
        self._begin(name)
        self._console.print(self._head(name), highlight=False, style="bold")
        self._finish(name, _timed(work))

    def together(self, works: Mapping[str, Callable[[], object]], workers: int) -> None:
        """Do stages that do not wait for each other, so many at a time; one that fails stops no other.

        Each of several has a process of its own, its share of the cores, and a log under ``logs``.

        Raises:
            AvereError: a stage was done, or begun, with other inputs, and none is begun now; or stages
                failed, and the others are done.
        """
        for name in works:
            self._refuse_other_inputs(name)
        waiting = {name: work for name, work in works.items() if not self._done_before(name)}
        failed = self._aside(waiting, workers) if workers > 1 else self._in_turn(waiting)
        if failed:
            raise AvereError("; ".join(f"{name}: {reason}" for name, reason in failed.items()))

    def _in_turn(self, works: Mapping[str, Callable[[], object]]) -> dict[str, str]:
        """Do stages in this process; return which failed, and why."""
        failed = {}
        for name, work in works.items():
            if _is_past(self._until):
                self._leave(name)
                continue
            try:
                self.run(name, work)
            except AvereError as error:
                failed[name] = str(error)
        return failed

    def _aside(self, works: Mapping[str, Callable[[], object]], workers: int) -> dict[str, str]:
        """Do stages in processes of their own; return which failed, and why."""
        logs = self.out / LOGS
        logs.mkdir(exist_ok=True)
        failed = {}
        for name in works:
            self._begin(name)
        spawn = multiprocessing.get_context("spawn")  # a fork would inherit the threads of torch
        with ProcessPoolExecutor(workers, spawn, _take_share, (workers,)) as pool:
            started = {
                pool.submit(_logged, work, logs / f"{name}.log", self._until): name
                for name, work in works.items()
            }
            for future in as_completed(started):
                name = started[future]
                try:
                    seconds = future.result()
                except KeyboardInterrupt:
                    pool.shutdown(wait=False, cancel_futures=True)
                    raise
                except Exception as error:
                    failed[name] = f"{error}; see '{logs / name}.log'"
                    self._console.print(f"{self._head(name)}: failed", highlight=False)
                    continue
                if seconds is None:
                    self._leave(name)
                    continue
                self._console.print(f"{self._head(name)}: {seconds:.0f} s", highlight=False)
                self._finish(name, seconds)
        return failed

    def _begin(self, name: str) -> None:
        """Note what a stage starts from."""
        if found := dict(self._inputs(name)):
            self._begun[name] = found
            files.write_text(self.out / INPUTS, json.dumps(self._begun, indent=1) + "\n")

    def _refuse_other_inputs(self, name: str) -> None:
        """Refuse a stage that was done, or begun, with other inputs than there are now."""
        if name not in self._begun:
            return
        there, here = self._begun[name], self._inputs(name)
        changed = [what for what in there if there[what] != here.get(what)]
        if changed:
            raise AvereError(
                f"stage '{name}' of the study in '{self.out}' began with other {' and '.join(changed)}; "
                "bring back what it began with, or give another --out"
            )

    def _leave(self, name: str) -> None:
        self._console.print(f"{self._head(name)}: left for another time", highlight=False)

    def _done_before(self, name: str) -> bool:
        if name not in self.seconds:
            return False
        self._console.print(f"{self._head(name)}: done before", highlight=False)
        return True

    def _head(self, name: str) -> str:
        self._number += 1
        return f"[{self._number}/{self.total}] {name}"

    def _finish(self, name: str, seconds: float) -> None:
        self.seconds[name] = seconds
        files.write_text(self._file, json.dumps(self.seconds, indent=1) + "\n")


def _timed(work: Callable[[], object]) -> float:
    started = time.monotonic()
    work()
    return round(time.monotonic() - started, 1)


def _is_past(until: float | None) -> bool:
    return until is not None and time.time() >= until


def _logged(work: Callable[[], object], log: Path, until: float | None) -> float | None:
    """Do a stage and return its seconds, or None where it is too late to begin."""
    if _is_past(until):
        return None
    with (
        log.open("a", encoding="utf-8") as file,
        contextlib.redirect_stdout(file),
        contextlib.redirect_stderr(file),
    ):
        return _timed(work)


def _take_share(workers: int) -> None:
    """Leave the other processes their cores, and end with the process that gave the work."""
    import torch

    Thread(target=_end_with_parent, daemon=True).start()
    torch.set_num_threads(max(1, torch.get_num_threads() // workers))


def _end_with_parent() -> None:
    """Stop this process when its parent has died: the same command, run again, must find nobody writing."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
