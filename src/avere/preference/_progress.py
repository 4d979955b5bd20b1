"""What a person sees of a run: a bar of optimiser steps, and a short line at each report."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from transformers import TrainerState

from avere import files

SHOWN = {
    "loss": "loss",
    "rewards/margins": "margin",
    "rewards/accuracies": "accuracy",
    "eval_loss": "held-out loss",
    "eval_rewards/margins": "margin",
    "eval_rewards/accuracies": "accuracy",
    "eval_drift/chosen": "drift of chosen",
    "eval_answers/broken": "broken answers",
    "start/difference_max": "furthest from the reference",
    "best_step": "best weights of step",
}
"""The few numbers of a report that are printed, in this order; the log has all of them."""


LOG = "log.jsonl"


class Steps:
    """The bar and the lines of one run; nothing is seen before the first of them."""

    def __init__(self, checkpoints: str) -> None:
        """Keep the reports in a file beside the folder of checkpoints, which grows while the run trains."""
        self._file = Path(checkpoints).with_name(LOG)
        self.console = Console(stderr=True)
        self.bar = Progress(
            TextColumn("training"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("steps"),
            TimeRemainingColumn(),
            console=self.console,
            transient=True,
            disable=not self.console.is_terminal,
        )
        self._task = self.bar.add_task("training")

    def move(self, state: TrainerState) -> None:
        """Show how many steps are done."""
        self.bar.update(self._task, total=state.max_steps, completed=state.global_step)
        self.bar.start()

    def tell(self, state: TrainerState, logs: Mapping[str, float]) -> None:
        """Print a line of what is reported, and write all reports so far."""
        write_log(self._file, state.log_history)
        told = line(logs)
        if told:
            place = f"step {state.global_step}/{state.max_steps}"
            self.console.print(f"{place}  {told}", highlight=False, soft_wrap=True)

    def close(self) -> None:
        """Leave the terminal as it was."""
        self.bar.stop()


def write_log(file: Path, history: Sequence[Mapping[str, float]]) -> None:
    """Write what was reported, in order; whole each time, for a run that goes on begins before its end."""
    files.write_text(file, "\n".join(json.dumps(entry, sort_keys=True) for entry in history) + "\n")


def line(logs: Mapping[str, float]) -> str:
    """Return the few numbers of a report that a person follows.

    >>> line({"loss": 1.38629, "rewards/margins": 0.25, "epoch": 1.0})
    'loss 1.386  margin 0.25'
    """
    return "  ".join(f"{said} {logs[name]:.4g}" for name, said in SHOWN.items() if name in logs)
