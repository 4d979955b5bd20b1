"""The verb ``compare``: two models, or two arms of several seeds, on the same questions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from avere import files

if TYPE_CHECKING:
    from avere.analyse import Comparison, Contrast


def compare(
    first: Annotated[
        str, typer.Argument(help="A run folder, or those of several seeds with commas between.")
    ],
    second: Annotated[str, typer.Argument(help="As many run folders, in the same order of seeds.")],
    *,
    condition: Annotated[str, typer.Option(help="Which of the runs' conditions.")] = "av",
    label_error: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Share of the benchmark's labels taken to be wrong.")
    ] = 0.0,
    draws: Annotated[int, typer.Option(min=2, help="Resamplings of clips.")] = 2000,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the resamplings.")] = 0,
    json: Annotated[Path | None, typer.Option(help="Also write the numbers here.")] = None,
) -> None:
    """Say how much better SECOND is than FIRST, how sure that is, and what the benchmark could have found.

    For example: avere compare runs/dpo-0,runs/dpo-1 runs/avem_dpo-0,runs/avem_dpo-1 --label-error 0.01
    """
    from avere.analyse import contrast_runs, read_run

    arms = tuple([read_run(Path(name)) for name in arm.split(",") if name] for arm in (first, second))
    found = contrast_runs((arms[0], arms[1]), condition, label_error, draws, seed)
    if json is not None:
        files.write_text(json, found.model_dump_json(indent=1) + "\n")
    show(found)


def show(found: Contrast) -> None:
    """Print the differences by measure, then by task, then what to doubt."""
    from rich.console import Console
    from rich.table import Table

    from avere.analyse.contrast import contrast_title

    console = Console()
    seeds = len(found.first)
    about = f"second minus first, 95 % intervals over clips, {seeds} {'seed' if seeds == 1 else 'seeds'}"
    rows = Table("measure", "first", "second", "difference", "p", "detectable", title=about)
    for one in found.measures:
        rows.add_row(
            contrast_title(one.measure, found.titles), *_numbers(one.first, one.second), *_change(one)
        )
    console.print(rows)
    heads = (
        "task",
        "n",
        "difference",
        "only first",
        "only second",
        "McNemar p",
        "Holm",
        "odds ratio",
        "Cohen's h",
    )
    rows = Table(*heads, title="right answers by task")
    for task in found.tasks:
        counts = (str(task.questions), _change(task.accuracy)[0], str(task.first_only), str(task.second_only))
        odds = "-" if task.odds_ratio is None else f"{task.odds_ratio:.2f}"
        rows.add_row(task.task, *counts, f"{task.p:.4f}", f"{task.p_holm:.4f}", odds, f"{task.cohen_h:+.2f}")
    console.print(rows)
    for warning in found.warnings:
        console.print(f"note: {warning}", markup=False, highlight=False)


def _numbers(*values: float | None) -> tuple[str, ...]:
    return tuple("-" if value is None else f"{value:.1f}" for value in values)


def _change(one: Comparison) -> tuple[str, str, str]:
    """Return a difference with its interval, its p value, and what could have been found."""
    if one.difference is None or one.low is None or one.high is None:
        return "-", "-", "-"
    found = "-" if one.detectable is None else f"{one.detectable:.1f}"
    text = f"{one.difference:+.1f} [{one.low:+.1f}, {one.high:+.1f}]"
    return text, f"{one.p:.4f}", found
