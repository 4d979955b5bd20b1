"""The verb ``train``: optimise a model on preference pairs as a recipe says."""

from pathlib import Path
from typing import Annotated

import typer


def train(
    recipe: Annotated[str, typer.Argument(help="A YAML file, or the name of a shipped recipe.")],
    overrides: Annotated[
        list[str] | None, typer.Option("--set", help="key.sub=value; may be given more than once.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the result; by default runs/<name of the recipe>.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on after the last checkpoint, if there is one.")
    ] = False,
) -> None:
    """Train a model on preference pairs.

    For example: avere train avem_dpo_tiny --set data.pairs=pairs.jsonl --set seed=1 --out runs/mine
    """
    from avere import settings
    from avere.cli.recipes import locate
    from avere.preference.recipe import Recipe

    path = Path(recipe) if Path(recipe).is_file() else locate(recipe)
    checked = settings.read(path, Recipe, overrides or [])
    from avere.preference.train import train as run

    folder = run(checked, out or Path("runs") / path.stem, resume=resume)
    print(f"trained weights, log, metrics and model card: {folder}")
