"""The table that ``avere train --dry-run`` prints."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from avere.cli._tables import open_console, wrap_cells

if TYPE_CHECKING:
    from avere.preference.estimate import TrainingEstimate

GIBIBYTE = 2**30


def show(plan: TrainingEstimate) -> None:
    """Print what a run would do and need."""
    from rich.table import Table

    table = Table("what", "how much", show_header=False)
    for row in rows(plan):
        table.add_row(*row)
    open_console().print(wrap_cells(table))
    print("Memory and hours are estimates; docs/training.md says how they are made. Nothing was written.")


def rows(plan: TrainingEstimate) -> Iterator[tuple[str, str]]:
    """Yield the lines of the table."""
    for name, number in plan.counts.items():
        yield name.replace("_", " "), f"{number:,}"
    for reason, number in plan.reasons.items():
        yield "left out", f"{number}: {reason}"
    yield "optimiser steps", f"{plan.steps:,}"
    mean, most = plan.media
    yield "media tokens a record", f"{mean:,.0f} on average, {most:,} at most"
    step = plan.step
    forwards = (step.policy, step.detached, step.reference)
    packed, separate = (
        sum(getattr(work, name) for work in forwards) / step.records for name in ("packed", "separate")
    )
    yield "tokens a record, packed", f"{packed:,.0f} ({step.records} records laid out)"
    yield "tokens a record, separate forwards", f"{separate:,.0f} ({separate / packed:.1f} times as many)"
    for group, tokens in plan.grouped.items():
        yield f"with optimiser.group={group}", f"{tokens:,.0f}"
    yield "trained weights", f"{plan.outline.trained:,} of {plan.outline.total:,}"
    yield "peak memory of a device", f"about {plan.memory / GIBIBYTE:.1f} GiB"
    yield "duration", f"about {plan.hours:.2g} hours at {plan.rate:.2g} operations a second"
