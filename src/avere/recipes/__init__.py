"""Recipes that people copy: data, shipped with the package, and how one is found by its name."""

from pathlib import Path
from typing import Literal

from avere.errors import unknown_name

LAUNCHING = "accelerate"
"""The folder of settings that ``accelerate launch --config_file`` reads; only accelerate can check them."""
Sharding = Literal["ddp", "zero2", "zero3", "fsdp2"]
"""How devices share a step, by the names of these settings: with ``ddp`` every device holds all; ``zero2``
deals out gradients and moments, ``zero3`` and ``fsdp2`` the weights as well."""


def list_shipped() -> dict[str, Path]:
    """List the recipes of the package by name; each lies in the folder of its kind."""
    return {name: file for name, file in list_files().items() if file.parent.name != LAUNCHING}


def list_files() -> dict[str, Path]:
    """List all that can be shown and copied by name: the recipes, then settings for launching."""
    (folder,) = __path__
    found = sorted(Path(folder).glob("*/*.yaml"), key=lambda file: (file.parent.name == LAUNCHING, file))
    return {file.stem: file for file in found}


def locate_recipe(name: str, kind: str | None = None) -> Path:
    """Find the file of a recipe: one that is there, or a shipped one, for which ``train/dpo`` means ``dpo``.

    Args:
        name: a file or a name.
        kind: the folder that the shipped one must be of.

    Raises:
        AvereError: no recipe of this kind has this name.
    """
    if Path(name).is_file():
        return Path(name)
    known, stem = list_files(), Path(name).stem
    if kind is not None and (stem not in known or known[stem].parent.name != kind):
        of_kind = [one for one, path in known.items() if path.parent.name == kind]
        raise unknown_name(f"recipe to {kind} by", name, of_kind)
    if stem not in known:
        raise unknown_name("recipe", name, known)
    return known[stem]
