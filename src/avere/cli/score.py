"""The verb ``score``: score a run again from its journal, without the model."""

from pathlib import Path
from typing import Annotated

import typer


def score(
    out: Annotated[Path, typer.Argument(help="Folder that `avere evaluate` wrote.")],
    draws: Annotated[int, typer.Option(min=1, help="Resamplings of clips for the intervals.")] = 2000,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the resamplings.")] = 0,
) -> None:
    """Write scores.jsonl and summary.json of a run anew."""
    from avere.analyse import summarise
    from avere.evaluate import rescore

    rescore(out)
    summarise(out, draws, seed)
    show(out)


def show(out: Path) -> None:
    """Print the headline of a run, one column a condition."""
    from rich.console import Console
    from rich.table import Table

    from avere.analyse import HEADLINE, MEASURES, read_summary

    summary = read_summary(out)
    rows = Table("measure", title=f"{summary.model}, 95 % intervals over clips", title_justify="left")
    for condition in summary.conditions:
        rows.add_column(condition, justify="right")
    for name in (*HEADLINE, "mean_accuracy", "stress_yes_rate/supporting", "description/supporting"):
        found = [numbers.measures[name] for numbers in summary.conditions.values()]
        rows.add_row(
            MEASURES[name].title,
            *(
                "-" if one.low is None else f"{one.value:.1f} [{one.low:.1f}, {one.high:.1f}]"
                for one in found
            ),
        )
    console = Console()
    console.print(rows)
    for condition, numbers in summary.conditions.items():
        failed = {status: count for status, count in numbers.status.items() if status != "ok"}
        if failed:
            console.print(f"{condition}: not answered, and counted as wrong: {failed}")
    console.print(f"numbers: {out / 'summary.json'}", soft_wrap=True)
