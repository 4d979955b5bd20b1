"""What a person sees of a run: a bar of optimiser steps, and a short line at each report."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from transformers import (
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)

SHOWN = {
    "loss": "loss",
    "rewards/margins": "margin",
    "rewards/accuracies": "accuracy",
    "eval_loss": "held-out loss",
    "eval_rewards/margins": "margin",
    "eval_rewards/accuracies": "accuracy",
    "start/difference_max": "furthest from the reference",
    "best_step": "best weights of step",
}
"""The few numbers of a report that are printed, in this order; the log has all of them."""


class Steps(TrainerCallback):
    """Shows the steps of the first process of a launch."""

    def __init__(self) -> None:
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

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **rest: Any
    ) -> None:
        """Show the bar, from the step where a stopped run goes on."""
        del args, control, rest
        if state.is_world_process_zero:
            self.bar.update(self._task, total=state.max_steps, completed=state.global_step)
            self.bar.start()

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **rest: Any
    ) -> None:
        """Move the bar."""
        del args, control, rest
        self.bar.update(self._task, completed=state.global_step)

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: Mapping[str, float] | None = None,
        **rest: Any,
    ) -> None:
        """Print a line of what is reported."""
        del args, control, rest
        told = line(logs or {})
        if told and state.is_world_process_zero:
            place = f"step {state.global_step}/{state.max_steps}"
            self.console.print(f"{place}  {told}", highlight=False, soft_wrap=True)


@contextmanager
def shown(trainer: Trainer) -> Iterator[None]:
    """Show what a trainer does, instead of whole reports, and leave the terminal as it was."""
    steps = Steps()
    trainer.remove_callback(PrinterCallback)
    trainer.add_callback(steps)
    try:
        yield
    finally:
        steps.bar.stop()


def line(logs: Mapping[str, float]) -> str:
    """Return the few numbers of a report that a person follows.

    >>> line({"loss": 1.38629, "rewards/margins": 0.25, "epoch": 1.0})
    'loss 1.386  margin 0.25'
    """
    return "  ".join(f"{said} {logs[name]:.4g}" for name, said in SHOWN.items() if name in logs)
