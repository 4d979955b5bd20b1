"""Reading recipes: a YAML file becomes a typed, frozen value, whole or not at all."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from difflib import get_close_matches
from math import inf
from pathlib import Path
from typing import Any, ClassVar, TypeVar, get_args

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


LONGEST, MOST_VALUES = 200_000, 100_000
"""Characters of a YAML file, and values with all aliases written out: a few lines can stand for billions."""
SLOW = {"[": 5000, "{": 5000, "<<": 100}
"""Signs of which a parser takes long to read many."""

S = TypeVar("S", bound=BaseModel)


def read(path: Path, kind: type[S], overrides: Sequence[str] = ()) -> S:
    """Read a YAML recipe, apply ``key.sub=value`` overrides and check the whole.

    Raises:
        SettingsError: the file is missing or not YAML, or any value is wrong; every mistake is listed.
    """
    data = read_plain(path)
    for text in overrides:
        _apply(data, text)
    return check(data, kind, str(path))


def read_plain(path: Path) -> dict[str, Any]:
    """Read a YAML recipe as plain data.

    Raises:
        SettingsError: the file is missing, not YAML, or holds no keys.
    """
    try:
        content = path.read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"cannot read the recipe '{path}': {error.strerror}; give a file") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"'{path}' is not UTF-8 text; give a YAML recipe") from error
    data = parse(content, str(path))
    if not isinstance(data, dict):
        raise SettingsError(f"'{path}' holds no keys; a recipe is a YAML mapping")
    return data


def parse(text: str, source: str) -> object:
    """Parse YAML 1.2 text into plain data, in which ``no`` is a word and ``5e-7`` a number.

    Raises:
        SettingsError: it is not YAML; ``source`` names it.
    """
    if len(text) > LONGEST:
        raise SettingsError(f"{source} has {len(text):,} characters; a recipe has at most {LONGEST:,}")
    for sign, most in SLOW.items():
        if text.count(sign) > most:
            raise SettingsError(f"{source} holds '{sign}' more than {most:,} times; write it with fewer")
    try:
        data: object = YAML(typ="safe", pure=True).load(text)
    except (YAMLError, RecursionError, ValueError) as error:
        raise SettingsError(f"{source} is not YAML: {' '.join(str(error).split())}") from error
    if _count_values(data, {}) > MOST_VALUES:
        raise SettingsError(f"{source} repeats itself by aliases beyond {MOST_VALUES:,} values; write it out")
    return data


def _count_values(data: object, known: dict[int, float]) -> float:
    """Count the values of parsed YAML with every alias written out; infinite where one holds itself."""
    if not isinstance(data, dict | list):
        return 1
    if id(data) not in known:
        known[id(data)] = inf
        parts = data.values() if isinstance(data, dict) else data
        known[id(data)] = 1 + sum(_count_values(part, known) for part in parts)
    return known[id(data)]


def check(data: object, kind: type[S], source: str) -> S:
    """Validate plain data as ``kind``.

    Raises:
        SettingsError: one line that lists every wrong key with its reason.
    """
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        raise SettingsError(f"{source}: {word_faults(error, kind)}") from error


def word_faults(error: ValidationError, kind: type[BaseModel]) -> str:
    """Word every mistake in data that were to be ``kind``, in one line.

    >>> class Optimiser(Settings):
    ...     rate: float = 1.0
    >>> try:
    ...     Optimiser.model_validate({"rates": 2})
    ... except ValidationError as error:
    ...     word_faults(error, Optimiser)
    "rates: no such key; did you mean 'rate'?"
    """
    return "; ".join(_word_fault(kind, e["loc"], e["type"], e["msg"]) for e in error.errors())


def _word_fault(kind: type[BaseModel], place: tuple[int | str, ...], what: str, message: str) -> str:
    """Word one mistake; a key that nobody knows comes with the nearest one that is known at its place."""
    where = ".".join(map(str, place)) or "recipe"
    if what != "extra_forbidden":
        return f"{where}: {message.removeprefix('Value error, ')}"
    known = _keys_at(kind, place[:-1])
    close = get_close_matches(str(place[-1]), known, n=1)
    if close:
        return f"{where}: no such key; did you mean '{close[0]}'?"
    told = f"; there are {', '.join(sorted(known))}" if known else ""
    return f"{where}: no such key{told}"


def _keys_at(kind: type[BaseModel], place: Sequence[int | str]) -> list[str]:
    """List the keys that a recipe may have at a place; parts that are no keys number items or name kinds."""
    kinds = [kind]
    for part in place:
        fields = [found for one in kinds if (found := one.model_fields.get(str(part))) is not None]
        if fields:
            kinds = [one for field in fields for one in _sections_in(field.annotation)]
    return [name for one in kinds for name in one.model_fields]


def _sections_in(annotation: object) -> list[type[BaseModel]]:
    """List the classes of sections that an annotation names, alone, in unions and in containers."""
    if isinstance(annotation, type) and not get_args(annotation) and issubclass(annotation, BaseModel):
        return [annotation]
    return [one for part in get_args(annotation) for one in _sections_in(part)]


def override(data: dict[str, Any], dotted: str, value: object) -> None:
    """Set what stands under a dotted key, in place; sections that are missing are made.

    Raises:
        SettingsError: a part of the key names a value where a section is needed, or no item of a list.

    >>> data = {"model": {"source": "tiny"}, "arms": [{"rate": 1}]}
    >>> override(data, "model.options.frames", 2)
    >>> override(data, "arms.0.rate", 3)
    >>> data
    {'model': {'source': 'tiny', 'options': {'frames': 2}}, 'arms': [{'rate': 3}]}
    """
    *parents, last = dotted.split(".")
    place: Any = data
    for parent in parents:
        place = (
            place[_item(place, parent, dotted)] if isinstance(place, list) else place.setdefault(parent, {})
        )
        if not isinstance(place, dict | list):
            raise SettingsError(f"cannot set '{dotted}': '{parent}' is a value, not a section")
    # A copy: a later key may set a part of this value, which is its owner's.
    place[_item(place, last, dotted) if isinstance(place, list) else last] = deepcopy(value)


def _apply(data: dict[str, Any], text: str) -> None:
    """Apply one ``a.b=value``, whose value is read as YAML."""
    dotted, found, value = text.partition("=")
    if not found or not dotted:
        raise SettingsError(f"cannot read the override '{text}'; write key.sub=value")
    if any("\udc80" <= sign <= "\udcff" for sign in value):
        raise SettingsError(f"the value of '{dotted}' is not UTF-8: '{value}'; rename the file or folder")
    override(data, dotted, parse(value, f"the value of '{dotted}'"))


def _item(items: list[Any], text: str, dotted: str) -> int:
    """Find the place in a list that a part of a dotted key names."""
    if not text.isdecimal() or int(text) >= len(items):
        raise SettingsError(
            f"cannot set '{dotted}': '{text}' is none of the {len(items)} items, counted from 0"
        )
    return int(text)
