"""The verb ``recipes``: list, show, copy and check the recipes that come with avere."""

import re
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from avere import settings
from avere.errors import AvereError, unknown_name
from avere.recipes import list_files, list_shipped, locate_recipe

ROAD = "Begin"

SCHEMAS = {
    "train": "avere.preference.recipe:TrainingRecipe",
    "construct": "avere.construct.recipe:ConstructionRecipe",
    "evaluate": "avere.evaluate.recipe:EvaluationRecipe",
    "prices": "avere.models.service.prices:PriceTable",
    "study": "avere.study.recipe:StudyRecipe",
    "online": "avere.study.online_recipe:OnlineRecipe",
    "verify": "avere.verify.rule:AcceptanceRule",
    "tiny_base": "avere.study.tiny_base.build:TinyBaseRecipe",
}
"""Kinds of recipe, and the class that reads each; a kind is a folder or what ``kind:`` says."""

Name = Annotated[str, typer.Argument(help="Name of a recipe, as `avere recipes ls` prints it.")]

app = typer.Typer(help="List, show, copy and check recipes.", no_args_is_help=True)


def kind_of(path: Path) -> str:
    """Return the kind of a recipe: what it says, else its folder, else that of its shipped namesake.

    Raises:
        AvereError: none of these tells.
    """
    said = re.search(r"^kind: *(\w+)", path.read_text(encoding="utf-8", errors="replace"), re.MULTILINE)
    if said and said[1] in SCHEMAS:
        return said[1]
    if path.parent.name in SCHEMAS:
        return path.parent.name
    original = list_shipped().get(path.stem)
    if original is None:
        raise AvereError(
            f"cannot tell what kind of recipe '{path}' is; add --kind with one of {', '.join(SCHEMAS)}"
        )
    return original.parent.name


def schema(kind: str) -> type[settings.Settings]:
    """Import the class that recipes of a kind are read as."""
    module, _, name = SCHEMAS[kind].partition(":")
    found: type[settings.Settings] = getattr(import_module(module), name)
    return found


def validate(path: Path, kind: str, overrides: list[str]) -> None:
    """Read a recipe whole or refuse it whole.

    Raises:
        AvereError: unknown kind, or any mistake in the recipe (all are listed).
    """
    if kind not in SCHEMAS:
        raise unknown_name("kind of recipe", kind, SCHEMAS)
    settings.read(path, schema(kind), overrides)


@app.command()
def ls() -> None:
    """Print the kind, name and first comment line of every recipe.

    For example: avere recipes ls
    """
    for name, path in list_files().items():
        first = path.read_text(encoding="utf-8").partition("\n")[0]
        about = first.lstrip("# ") if first.startswith("#") else ""
        print(f"{path.parent.name:<10} {name:<28} {about}".rstrip())


@app.command()
def show(name: Name) -> None:
    """Print a recipe as it is, comments included.

    For example: avere recipes show avem_dpo_tiny
    """
    print(locate_recipe(name).read_text(encoding="utf-8"), end="")


@app.command()
def copy(
    name: Name,
    to: Annotated[Path | None, typer.Argument(help="New file; by default the same name here.")] = None,
) -> None:
    """Copy a recipe, to change it; an existing file is never overwritten.

    For example: avere recipes copy avem_dpo_7b_lora mine.yaml
    """
    source = locate_recipe(name)
    target = to if to is not None else Path(source.name)
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(source.read_text(encoding="utf-8"))
    except FileExistsError as error:
        raise AvereError(f"'{target}' exists and is not overwritten; give another name") from error
    except OSError as error:
        raise AvereError(
            f"cannot write '{target}': {error.strerror}; give a file in an existing folder"
        ) from error
    print(target)


@app.command()
def check(
    recipe: Annotated[str, typer.Argument(help="A file, or the name of a shipped recipe.")],
    kind: Annotated[
        str | None, typer.Option(help=f"One of {', '.join(SCHEMAS)}; by default found out.")
    ] = None,
    overrides: Annotated[
        list[str] | None, typer.Option("--set", help="key.sub=value, as when running.")
    ] = None,
) -> None:
    """Read a recipe as the verb that runs it would, and name every mistake.

    For example: avere recipes check mine.yaml --kind train --set loss.beta=0.2
    """
    path = locate_recipe(recipe)
    found = kind or kind_of(path.resolve())
    validate(path, found, overrides or [])
    print(f"{path}: a valid {found} recipe")
