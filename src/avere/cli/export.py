"""The verb ``export``: write a benchmark as a task of another harness."""

from pathlib import Path
from typing import Annotated

import typer

ROAD = "Share"


def export(
    harness: Annotated[str, typer.Argument(help="lmms-eval or inspect.")],
    folder: Annotated[Path, typer.Argument(help="Folder for the task; media stay where they are.")],
    *,
    data: Annotated[Path, typer.Option(help="Folder with questions.jsonl and clips.jsonl.")],
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first so many clips.")] = None,
) -> None:
    """Write the closed questions of a benchmark as a task that another harness runs; it needs no avere there.

    For example: avere export lmms-eval plugin --data data/test
    """
    from avere import catalogue
    from avere.benchmark import read_data
    from avere.errors import unknown_name
    from avere.evaluate.recipe import EvaluationRecipe
    from avere.exchange import harnesses
    from avere.interfaces import HarnessExporter

    known = harnesses.names(HarnessExporter)
    if harness not in known:
        raise unknown_name("harness", harness, known)
    recipe = EvaluationRecipe()
    made = catalogue.find(harnesses.PACKAGE, known[harness], HarnessExporter).export(
        read_data(recipe.benchmark, recipe.config(), data, limit), folder, recipe.closed_tokens
    )
    for task, count in made.tasks.items():
        print(f"{count:>6}  {task}")
    if made.left_out:
        print(f"{made.left_out:>6}  left out: open, or without a known answer")
    print(folder)
