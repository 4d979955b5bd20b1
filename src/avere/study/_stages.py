"""Stages of a long road: each is done once, shown while it runs, and timed even over a stop."""

import json
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

TIMES = "stages.json"


class Stages:
    """Runs the stages of one folder in order; finished ones are passed over."""

    def __init__(self, out: Path, total: int) -> None:
        out.mkdir(parents=True, exist_ok=True)
        self.total = total
        self._file = out / TIMES
        self._console = Console()
        self._number = 0
        self.seconds: dict[str, float] = {}
        """What each finished stage took."""
        if self._file.exists():
            self.seconds = json.loads(self._file.read_text(encoding="utf-8"))

    def run(self, name: str, work: Callable[[], object]) -> None:
        """Do one stage, unless it was finished before; ``work`` itself goes on where it was stopped."""
        self._number += 1
        head = f"[{self._number}/{self.total}] {name}"
        if name in self.seconds:
            self._console.print(f"{head}: done before", highlight=False)
            return
        self._console.print(head, highlight=False, style="bold")
        started = time.monotonic()
        work()
        self.seconds[name] = round(time.monotonic() - started, 1)
        unfinished = self._file.with_suffix(".new")
        unfinished.write_text(json.dumps(self.seconds, indent=1) + "\n", encoding="utf-8")
        unfinished.replace(self._file)
