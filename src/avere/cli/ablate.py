"""The verb ``ablate``: arms × seeds on one base, one test set and one table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from avere.cli._tables import open_console, wrap_cells

if TYPE_CHECKING:
    from avere.study.experiment import Experiment

ROAD = "Evaluate"

ARM = 30
"""Characters of an arm's name that stay in one line where others must give way."""


def ablate(
    recipe: Annotated[str, typer.Argument(help="A YAML file, or the name of a shipped study.")] = "method",
    out: Annotated[
        Path | None, typer.Option(help="Folder of the study; a stopped one goes on. Default: the name.")
    ] = None,
    base: Annotated[
        str | None, typer.Option(help="What to train instead of the recipe's base; as for avere ask.")
    ] = None,
    overrides: Annotated[
        list[str] | None, typer.Option("--set", help="key.sub=value, to change the recipe.")
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, help="Stages at a time, each with its share of the cores.")
    ] = 1,
    minutes: Annotated[
        float | None, typer.Option(min=0, help="Begin no stage after these; what is left is 'not run'.")
    ] = None,
) -> None:
    """Train every arm with every seed on the same pairs and compare them on the same test clips.

    For example: avere ablate method --out method --workers 2
    """
    from avere import settings
    from avere.recipes import locate_recipe
    from avere.study.recipe import StudyRecipe
    from avere.study.run import run_study

    path = locate_recipe(recipe, "study")
    changes = [*(overrides or []), *([f"base={base}"] if base else [])]
    show_arms(run_study(settings.read(path, StudyRecipe, changes), out or Path(path.stem), workers, minutes))


def show_arms(experiment: Experiment) -> None:
    """Print the headline of the base and of every arm's first seed, and where the rest stands."""
    from rich.table import Column, Table

    from avere.analyse import MEASURES
    from avere.study import run, table
    from avere.study.search import TUNED

    titles = (MEASURES[name].title for name in TUNED)
    rows = table.rows(experiment, experiment.recipe.seeds[:1])
    arm = Column("arm", min_width=min(ARM, max(len(row.label) for row in rows)))
    shown = Table(arm, *titles, title="95 % intervals over clips", title_justify="left")
    for row in rows:
        found = row.measures if row.found else None
        shown.add_row(row.label, *(table.text(found[name]) if found else table.NOT_RUN for name in TUNED))
    console = open_console()
    console.print(wrap_cells(shown))
    files = {
        "table": run.TABLE,
        "cells": run.CELLS,
        "numbers": run.NUMBERS,
        "plot of all arms": run.FOREST,
        "what each arm changes": run.EFFECTS,
        "curves": run.CURVES,
        "report": run.PAGE,
    }
    for title, file in files.items():
        if (experiment.out / file).exists():
            console.print(f"{title}: {experiment.out / file}", soft_wrap=True)
