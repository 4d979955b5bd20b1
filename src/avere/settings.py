"""Reading recipes: a YAML file becomes a typed, frozen value, whole or not at all."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from avere.errors import SettingsError


class Settings(BaseModel):
    """A section of a recipe: frozen; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    OLD_NAMES: ClassVar[Mapping[str, str]] = {}
    """Former names of keys, which are accepted for one more version, and the present ones."""

    @model_validator(mode="before")
    @classmethod
    def _accept_old_names(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        return {
            name if name in cls.model_fields else cls.OLD_NAMES.get(name, name): data[name] for name in data
        }


S = TypeVar("S", bound=BaseModel)


def read(path: Path, kind: type[S], overrides: Sequence[str] = ()) -> S:
    """Read a YAML recipe, apply ``key.sub=value`` overrides and check the whole.

    Raises:
        SettingsError: the file is missing or not YAML, or any value is wrong; every mistake is listed.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"cannot read the recipe '{path}': {error.strerror}; give a file") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"'{path}' is not UTF-8 text; give a YAML recipe") from error
    data = parse(text, str(path))
    if not isinstance(data, dict):
        raise SettingsError(f"'{path}' holds no keys; a recipe is a YAML mapping")
    for override in overrides:
        _apply(data, override)
    return check(data, kind, str(path))


def parse(text: str, source: str) -> object:
    """Return the plain data of YAML 1.2 text, in which ``no`` is a word and ``5e-7`` a number.

    Raises:
        SettingsError: it is not YAML; ``source`` names it.
    """
    try:
        return YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        raise SettingsError(f"{source} is not YAML: {' '.join(str(error).split())}") from error


def check(data: object, kind: type[S], source: str) -> S:
    """Validate plain data as ``kind``.

    Raises:
        SettingsError: one line that lists every wrong key with its reason.
    """
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'recipe'}: {e['msg']}" for e in error.errors())
        raise SettingsError(f"{source}: {faults}") from error


def _apply(data: dict[str, Any], override: str) -> None:
    """Set one ``a.b=value`` in place; a number names an item of a list, and the value is read as YAML."""
    dotted, found, value = override.partition("=")
    if not found or not dotted:
        raise SettingsError(f"cannot read the override '{override}'; write key.sub=value")
    *parents, last = dotted.split(".")
    place: Any = data
    for parent in parents:
        place = (
            place[_item(place, parent, dotted)] if isinstance(place, list) else place.setdefault(parent, {})
        )
        if not isinstance(place, dict | list):
            raise SettingsError(f"cannot set '{dotted}': '{parent}' is a value, not a section")
    place[_item(place, last, dotted) if isinstance(place, list) else last] = parse(
        value, f"the value of '{dotted}'"
    )


def _item(items: list[Any], text: str, dotted: str) -> int:
    """Return the place in a list that a part of a dotted key names."""
    if not text.isdecimal() or int(text) >= len(items):
        raise SettingsError(
            f"cannot set '{dotted}': '{text}' is none of the {len(items)} items, counted from 0"
        )
    return int(text)
