"""The verb ``ablate``: arms × seeds on one base, one test set and one table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from avere.study.experiment import Experiment


def ablate(
    recipe: Annotated[str, typer.Argument(help="A YAML file, or the name of a shipped study.")] = "method",
    out: Annotated[
        Path | None, typer.Option(help="Folder of the study; a stopped one goes on. Default: the name.")
    ] = None,
    overrides: Annotated[
        list[str] | None, typer.Option("--set", help="key.sub=value, to change the recipe.")
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, help="Stages at a time, each with its share of the cores.")
    ] = 1,
) -> None:
    """Train every arm with every seed on the same pairs and compare them on the same test clips.

    For example: avere ablate method --out method --workers 2
    """
    from avere.cli.recipes import locate
    from avere.settings import read
    from avere.study.recipe import Recipe
    from avere.study.run import run

    path = Path(recipe) if Path(recipe).is_file() else locate(recipe)
    show(run(read(path, Recipe, overrides or []), out or Path(path.stem), workers))


def show(experiment: Experiment) -> None:
    """Print the headline of the base and of every arm's first seed, and where the rest stands."""
    from rich.console import Console
    from rich.table import Table

    from avere.analyse import MEASURES
    from avere.study import run, table

    folders = table.rows(experiment, experiment.recipe.seeds[:1])
    found = [table.numbers(folder) for folder in folders.values()]
    rows = Table("measure", *folders, title="95 % intervals over clips", title_justify="left")
    for name in table.SHOWN:
        rows.add_row(MEASURES[name].title, *(table.text(each[name]) for each in found))
    console = Console()
    console.print(rows)
    for title, file in (("table", run.TABLE), ("numbers", run.NUMBERS), ("report", run.PAGE)):
        console.print(f"{title}: {experiment.out / file}", soft_wrap=True)
