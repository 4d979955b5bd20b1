"""The verb ``score``: score a run again from its journals, without the model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from avere.cli._tables import open_console, wrap_cells

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from avere.analyse import Summary

ROAD = "Evaluate"


def score(
    out: Annotated[Path, typer.Argument(help="Folder that `avere evaluate` wrote.")],
    parser: Annotated[
        str, typer.Option(help="How replies are parsed: strict, lenient or compat-avere.")
    ] = "strict",
    draws: Annotated[int, typer.Option(min=1, help="Resamplings of clips for the intervals.")] = 2000,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the resamplings.")] = 0,
    read: Annotated[str | None, typer.Option("--read", "--reader", hidden=True)] = None,
) -> None:
    """Put the journals of all parts of a run together and score it anew; another parser's files lie beside.

    For example: avere score runs/base --parser lenient
    """
    from avere.analyse import summarise_run
    from avere.evaluate import rescore_run

    parser = read or parser  # the older spelling of the option
    rescore_run(out, parser)
    summarise_run(out, draws, seed, parser)
    show_scores(out, parser)


def show_scores(out: Path, parser: str = "strict") -> None:
    """Print the headline of a run, one column a condition, and its words under each parser."""
    from rich.table import Table

    from avere.analyse import read_summary
    from avere.analyse.controls import control_title
    from avere.analyse.intervals import format_interval
    from avere.benchmark import file_name

    summary = read_summary(out, parser)
    console = open_console()
    console.print(wrap_cells(_headline(summary, out, parser)))
    if summary.controls:
        controls = Table("control", "95 % interval", title="controls, %", title_justify="left")
        for name, one in summary.controls.items():
            controls.add_row(control_title(name), format_interval(one))
        console.print(wrap_cells(controls))
    for condition, reason in summary.skipped.items():
        console.print(f"{condition}: {reason}; not run", highlight=False)
    for condition, numbers in summary.conditions.items():
        failed = {status: count for status, count in numbers.status.items() if status != "ok"}
        if failed:
            told = ", ".join(f"{count} {status}" for status, count in failed.items())
            console.print(f"{condition}: not answered, and counted as wrong: {told}")
        if numbers.sound_cut:
            told = (
                f"of {numbers.sound_cut} of {numbers.questions} questions the model heard only the beginning"
            )
            console.print(f"{condition}: {told} of the sound", highlight=False)
        if summary.benchmark != "emorealm" and numbers.unscored:
            reasons = "; ".join(f"{count} ({reason})" for reason, count in numbers.unscored.items())
            console.print(f"{condition}: not scored: {reasons}", markup=False, highlight=False)
    _show_parsers(console, out, parser)
    console.print(f"numbers: {out / file_name('summary.json', parser)}", soft_wrap=True)


def _headline(summary: Summary, out: Path, parser: str) -> Table:
    """Return the table of the headline measures."""
    from rich.table import Table

    from avere.analyse import families, read_run, read_table
    from avere.analyse.intervals import format_interval

    parsed = "" if parser == "strict" else f", parsed as {parser}"
    rows = Table("measure", title=f"{summary.model}{parsed}, 95 % intervals over clips", title_justify="left")
    for condition in summary.conditions:
        rows.add_column(condition, justify="right")
    family = families.of(read_table(read_run(out, parser), next(iter(summary.conditions))))
    for name in family.headline:
        found = [numbers.measures[name] for numbers in summary.conditions.values()]
        rows.add_row(family.measures[name].title, *map(format_interval, found))
    if summary.people:
        known = (summary.people.get(condition) for condition in summary.conditions)
        rows.add_row("People, as published", *map(_shown, known))
    return rows


def _show_parsers(console: Console, out: Path, parser: str) -> None:
    """Print what each parser makes of the same words, or that there are none to parse otherwise."""
    from rich.table import Table

    from avere.analyse import by_parser, read_run

    run = read_run(out, parser)
    lines = {condition: by_parser(run, condition) for condition in sorted(run.predictions)}
    if parser != "strict" and not any(lines.values()):
        console.print("no closed question was answered in words: the parsers do not differ")
    for condition, found in lines.items():
        if found:
            rows = Table(
                "accuracy", title=f"{condition}: the same words under each parser, %", title_justify="left"
            )
            for line in found:
                rows.add_column(line.parser, justify="right")
            for task in found[0].accuracies:
                rows.add_row(task, *(_shown(line.accuracies[task]) for line in found))
            rows.add_row("mean", *(_shown(line.mean) for line in found), end_section=True)
            rows.add_row("not read", *(_shown(line.unread) for line in found))
            rows.add_row("questions", *(str(line.questions) for line in found))
            console.print(wrap_cells(rows))
        for line in found:
            if line.note:
                console.print(f"{condition}, {line.parser}: {line.note}")


def _shown(value: float | None) -> str:
    """Return a number as it is printed."""
    return "-" if value is None else f"{value:.1f}"
