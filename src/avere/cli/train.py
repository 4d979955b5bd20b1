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
    """Train a model on preference pairs, or make the tiny base anew.

    For example: avere train avem_dpo_tiny --set data.pairs=pairs.jsonl --set seed=1 --out runs/mine
    """
    from avere.cli.recipes import kind_of, locate

    path = Path(recipe) if Path(recipe).is_file() else locate(recipe)
    folder = out or Path("runs") / path.stem
    if kind_of(path) == "tiny_base":
        _make_base(path, overrides or [], folder)
    else:
        _optimise(path, overrides or [], folder, resume=resume)


def _optimise(path: Path, overrides: list[str], out: Path, *, resume: bool) -> None:
    from avere import settings
    from avere.preference.recipe import Recipe

    checked = settings.read(path, Recipe, overrides)
    from avere.preference.train import train as run

    run(checked, out, resume=resume)
    print(f"trained weights, log, metrics and model card: {out}")


def _make_base(path: Path, overrides: list[str], out: Path) -> None:
    from avere import settings
    from avere.study import tiny_base

    tiny_base.train(settings.read(path, tiny_base.Recipe, overrides), out)
    print(f"weights, log and the clips they learnt from: {out}")
