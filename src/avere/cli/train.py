"""The verb ``train``: optimise a model on preference pairs as a recipe says."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from avere.recipes import Sharding, locate_recipe

if TYPE_CHECKING:
    from avere.preference.costs import Devices
    from avere.preference.recipe import TrainingRecipe

ROAD = "Train"


def train(
    recipe: Annotated[str, typer.Argument(help="A YAML file, or the name of a shipped recipe.")],
    *,
    overrides: Annotated[
        list[str] | None, typer.Option("--set", help="key.sub=value; may be given more than once.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the result; by default runs/<name of the recipe>.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Take a finished run as it is; an unfinished one goes on anyway.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell steps, tokens, memory and hours; write nothing.")
    ] = False,
    flops: Annotated[
        float | None,
        typer.Option(help="For --dry-run: operations a second of a device; by default measured."),
    ] = None,
    processes: Annotated[int, typer.Option(min=1, help="For --dry-run: devices that share a step.")] = 1,
    sharding: Annotated[
        Sharding,
        typer.Option(help="For --dry-run: what the devices deal out, by the names of accelerate's settings."),
    ] = "ddp",
) -> None:
    """Train a model on preference pairs, or make the tiny base anew.

    Killed or stopped, the same command goes on after the last checkpoint.

    For example: avere train avem_dpo_tiny --set data.pairs=pairs.jsonl --set seed=1 --out runs/mine
    """
    path = locate_recipe(recipe, "train")
    folder = out or Path("runs") / path.stem
    if re.search(r"^kind: *tiny_base\b", path.read_text(encoding="utf-8", errors="replace"), re.MULTILINE):
        _make_base(path, overrides or [], folder)
    elif dry_run:
        from avere.preference.costs import Devices

        _tell(path, overrides or [], Devices(processes, sharding), flops)
    else:
        _optimise(path, overrides or [], folder, resume=resume)


def _optimise(path: Path, overrides: list[str], out: Path, *, resume: bool) -> None:
    from avere import settings

    _refuse_absent(overrides)
    from avere.errors import StoppedError
    from avere.files import check_writable
    from avere.preference.recipe import TrainingRecipe

    checked = settings.read(path, TrainingRecipe, overrides)
    # What can be wrong about files is told before the libraries of models are imported, which takes long.
    _check_files(checked)
    check_writable(out)
    from avere.preference.train import close_group, train_policy

    try:
        train_policy(checked, out, resume=resume)
    except StoppedError:
        close_group()
        raise
    close_group()
    print(f"trained weights, log, metrics and model card: {out}")


def _refuse_absent(overrides: Iterable[str]) -> None:
    """Refuse files that were named and are not there, before the losses, and so torch, are imported.

    Raises:
        AvereError: one is not there.
    """
    from avere.errors import AvereError

    for key, _, file in (text.partition("=") for text in overrides):
        if key in {"data.pairs", "data.clips", "data.held_out"} and not Path(file).exists():
            raise AvereError(f"{key}: cannot read '{file}': there is no such file; give an existing one")


def _check_files(recipe: "TrainingRecipe") -> None:
    """Read the files of a recipe as training will.

    Raises:
        AvereError: one is missing or empty, or a line of it is wrong.
    """
    from avere.errors import AvereError
    from avere.records import Clip, PreferencePair, jsonl

    for file in filter(None, (recipe.data.pairs, recipe.data.held_out)):
        if not jsonl.read_by_id(file, PreferencePair):
            raise AvereError(f"'{file}' holds no pairs; make some with avere construct")
    jsonl.read_by_id(recipe.data.clips, Clip)


def _tell(path: Path, overrides: list[str], devices: "Devices", flops: float | None) -> None:
    from avere import settings
    from avere.cli import _plan
    from avere.preference.estimate import estimate_training
    from avere.preference.recipe import TrainingRecipe

    checked = settings.read(path, TrainingRecipe, overrides)
    _check_files(checked)
    _plan.show(estimate_training(checked, devices=devices, rate=flops))


def _make_base(path: Path, overrides: list[str], out: Path) -> None:
    from avere import settings
    from avere.study.tiny_base import build

    build.train(settings.read(path, build.TinyBaseRecipe, overrides), out)
    print(f"weights and log: {out}")
