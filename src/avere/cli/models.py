"""The verb ``models``: what can be asked, scored and trained, and what it needs."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, NamedTuple

from avere.errors import install_extra

if TYPE_CHECKING:
    from collections.abc import Iterator

    from avere.interfaces import ModelAbilities

ROAD = "Begin"


class ModelRow(NamedTuple):
    """A line of the table."""

    module: str
    about: str
    named: str
    can: str
    media: str
    installed: str


def models() -> None:
    """List the kinds of models, what each can do, which media it takes, and what is installed.

    For example: avere models
    """
    from rich.table import Table

    from avere.cli._tables import open_console, wrap_cells

    table = Table("module", "what it is", "named by", "can", "media", "installed")
    for row in list_models():
        table.add_row(*row)
    open_console().print(wrap_cells(table))


def list_models() -> Iterator[ModelRow]:
    """Yield a row for each module of the folder; one that cannot be imported says so."""
    from avere import catalogue
    from avere.interfaces import DescribedModule, ModelModule

    for name in catalogue.names("avere.models"):
        try:
            module = catalogue.find("avere.models", name, ModelModule)
        except Exception as error:  # whatever a module does when it is imported
            yield ModelRow(name, "", "", "", "", f"no: {' '.join(str(error).split())}")
            continue
        about = (module.__doc__ or "").partition("\n")[0].partition(":")[0].rstrip(".")
        if isinstance(module, DescribedModule):
            yield _describe(name, about, module.ABILITIES)
        else:
            yield ModelRow(name, about, "", "ask", "", "")


def _describe(name: str, about: str, abilities: ModelAbilities) -> ModelRow:
    can = ["ask", *["score"] * abilities.scores, *["train", "forest"] * abilities.trains]
    absent = [package for package in abilities.needs if not _is_installed(package)]
    told = f"no {', '.join(absent)}: {install_extra(abilities.extra)}" if absent else "yes"
    media = ", ".join(abilities.media) or "none"
    return ModelRow(name, about, abilities.sources, ", ".join(can), media, told)


def _is_installed(package: str) -> bool:
    """Check that a package, and those above it, are there; nothing is imported but these."""
    parent, _, _ = package.rpartition(".")
    return (not parent or _is_installed(parent)) and find_spec(package) is not None
