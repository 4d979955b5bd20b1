"""Stages of a long road: each is done once, shown while it runs, and timed even over a stop."""

import contextlib
import json
import multiprocessing
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from rich.console import Console

from avere.errors import AvereError

TIMES, LOGS = "stages.json", "logs"


class Stages:
    """Runs the stages of one folder in order; finished ones are passed over."""

    def __init__(self, out: Path, total: int) -> None:
        out.mkdir(parents=True, exist_ok=True)
        self.total = total
        self.out = out
        self._file = out / TIMES
        self._console = Console()
        self._number = 0
        self.seconds: dict[str, float] = {}
        """What each finished stage took."""
        if self._file.exists():
            self.seconds = json.loads(self._file.read_text(encoding="utf-8"))

    def run(self, name: str, work: Callable[[], object]) -> None:
        """Do one stage, unless it was finished before; ``work`` itself goes on where it was stopped."""
        if self._done_before(name):
            return
        self._console.print(self._head(name), highlight=False, style="bold")
        self._finish(name, _timed(work))

    def together(self, works: Mapping[str, Callable[[], object]], workers: int) -> None:
        """Do stages that do not wait for each other, so many at a time.

        Each of several has a process of its own, its share of the cores, and a log under ``logs``.

        Raises:
            AvereError: a stage failed; those that were finished by then stay done.
        """
        if workers == 1:
            for name, work in works.items():
                self.run(name, work)
            return
        waiting = {name: work for name, work in works.items() if not self._done_before(name)}
        logs = self.out / LOGS
        logs.mkdir(exist_ok=True)
        spawn = multiprocessing.get_context("spawn")  # a fork would inherit the threads of torch
        with ProcessPoolExecutor(workers, spawn, _take_share, (workers,)) as pool:
            started = {
                pool.submit(_logged, work, logs / f"{name}.log"): name for name, work in waiting.items()
            }
            for future in as_completed(started):
                name = started[future]
                try:
                    seconds = future.result()
                except Exception as error:
                    pool.shutdown(wait=False, cancel_futures=True)
                    raise AvereError(f"{name}: {error}; see '{logs / name}.log'") from error
                self._console.print(f"{self._head(name)}: {seconds:.0f} s", highlight=False)
                self._finish(name, seconds)

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
        unfinished = self._file.with_suffix(".new")
        unfinished.write_text(json.dumps(self.seconds, indent=1) + "\n", encoding="utf-8")
        unfinished.replace(self._file)


def _timed(work: Callable[[], object]) -> float:
    started = time.monotonic()
    work()
    return round(time.monotonic() - started, 1)


def _logged(work: Callable[[], object], log: Path) -> float:
    with (
        log.open("a", encoding="utf-8") as file,
        contextlib.redirect_stdout(file),
        contextlib.redirect_stderr(file),
    ):
        return _timed(work)


def _take_share(workers: int) -> None:
    """Leave the other processes their cores."""
    import torch

    torch.set_num_threads(max(1, torch.get_num_threads() // workers))
