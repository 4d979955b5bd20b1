"""The verb ``compare``: two models, or two arms of several seeds, on the same questions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from avere import files
from avere.cli._tables import open_console, wrap_cells

if TYPE_CHECKING:
    from avere.analyse import Contrast

ROAD = "Evaluate"


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
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from avere.analyse.compare import format_difference, format_over_seeds
    from avere.analyse.contrast import TEST, contrast_title
    from avere.analyse.findings import word_changes

    console = open_console()
    seeds = len(found.first)
    about = f"second minus first, 95 % intervals over clips, {seeds} {'seed' if seeds == 1 else 'seeds'}"
    heads = ("first", "second", "difference", *(("by t over seeds",) if seeds > 1 else ()), "p", "detectable")
    rows = Table("measure", *heads, title=about)
    for one in found.measures:
        by_seeds = (format_over_seeds(one),) if seeds > 1 else ()
        values = (*map(_number, (one.first, one.second)), format_difference(one), *by_seeds)
        p = "-" if one.p is None else f"{one.p:.4f}"
        rows.add_row(contrast_title(one.measure, found.titles), *values, p, _number(one.detectable))
    console.print(wrap_cells(rows))
    heads = ("n", "change", "only first", "only second", "p", "Holm", "odds ratio", "Cohen's h")
    # Nine columns stand in 80 signs only without lines between them, and with names that may part at blanks.
    title = f"right answers by task; p: {TEST}"
    rows = Table("task", *heads, title=title, box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for task in found.tasks:
        change = format_difference(task.accuracy)
        counts = (str(task.questions), change, str(task.first_only), str(task.second_only))
        odds = "-" if task.odds_ratio is None else f"{task.odds_ratio:.2f}"
        rows.add_row(
            task.task.replace("_", " "),
            *counts,
            f"{task.p:.4f}",
            f"{task.p_holm:.4f}",
            odds,
            f"{task.cohen_h:+.2f}",
        )
    rows.columns[0].min_width = max(
        (len(word) for task in found.tasks for word in task.task.split("_")), default=4
    )
    console.print(wrap_cells(rows))
    for sentence in word_changes("the first", "the second", found.measures, found.titles).sentences:
        console.print(sentence)
    for warning in found.warnings:
        console.print(f"note: {warning}", markup=False, highlight=False)


def _number(value: float | None) -> str:
    """Write a number; a dash where there is none."""
    return "-" if value is None else f"{value:.1f}"
