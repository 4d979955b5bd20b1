"""What a run is, in ``run.json`` beside what it wrote: the verb, its recipe, its models and its data.

Equal runs have equal files but for the times. A folder holds one run: whoever goes on with it compares first.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field

from avere import __version__, files
from avere.errors import AvereError, RecordError
from avere.records import jsonl
from avere.records._base import Record

NAME = "run.json"
Verb = Literal["ask", "construct", "evaluate", "import", "judge", "sample", "train"]
ABSENT = "nothing"


def now() -> str:
    """Write the present time, in UTC and to the second, as ISO 8601 does."""
    return datetime.now(UTC).isoformat(timespec="seconds")


class ModelInfo(Record):
    """A model that took part in a run."""

    name: str
    fingerprint: str
    """Of all that decides its answers."""
    options: Mapping[str, Any] = Field(default_factory=dict)
    """How it was loaded, every value, where it tells."""
    role: str = "model"
    """What it was in the run: ``judge``, ``annotator``, ``base`` and so on."""


class RunInfo(Record):
    """What a run is: enough to do it again, and to tell it from another one."""

    verb: Verb
    benchmark: str | None = None
    recipe: Mapping[str, Any]
    """Every value, defaults included."""
    models: tuple[ModelInfo, ...] = ()
    data: Mapping[str, str] = Field(default_factory=dict)
    """SHA-256 of the content that the run began with, by what it is: ``questions``, ``pairs``."""
    limit: int | None = None
    """The first so many clips; None: all."""
    seed: int | None = None
    version: str = __version__
    """Of avere, when the run began."""
    begun: str = Field(default_factory=now)
    """This time and the next one are in UTC, as ISO 8601 writes them; nothing else differs between equal
    runs."""
    ended: str | None = None
    """None while something is still to be done."""


def describe_model(model: Any, role: str = "model", name: str | None = None) -> ModelInfo:
    """Describe a model by its name, its fingerprint and, where it has them, its options."""
    options = getattr(model, "options", None)
    told = options.model_dump(mode="json") if isinstance(options, BaseModel) else {}
    return ModelInfo(name=name or model.name, fingerprint=model.fingerprint, options=told, role=role)


def digest_records(records: Iterable[Record]) -> str:
    """Compute the SHA-256 of records in their order, whatever file they came from."""
    digest = hashlib.sha256()
    for record in records:
        digest.update(record.model_dump_json().encode() + b"\n")
    return digest.hexdigest()


def read_info(place: Path) -> RunInfo | None:
    """Read what a run is from its folder, or from the file itself; None where nothing says it.

    Raises:
        RecordError: the file is wrong.
    """
    file = _file(place)
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise RecordError(f"cannot read '{file}': {error}; bring it back, or delete it") from error
    return jsonl.parse(text, RunInfo, str(file))


def write_info(place: Path, info: RunInfo) -> Path:
    """Write what a run is to its folder, or to a file of another name, whole or not at all."""
    file = _file(place)
    return files.write_text(file, json.dumps(info.model_dump(mode="json"), indent=1) + "\n")


@contextmanager
def recorded(place: Path, info: RunInfo) -> Iterator[None]:
    """Write what a run is before it begins, and when it ended once it is whole.

    One that goes on with the same run keeps the time when that began.
    """
    old = read_info(place)
    if old is not None and not list_differences(old, info):
        info = info.model_copy(update={"begun": old.begun, "version": old.version})
    write_info(place, info)
    yield
    write_info(place, info.model_copy(update={"ended": now()}))


def refuse_other(place: Path, info: RunInfo, *, free: Collection[str] = ()) -> RunInfo | None:
    """Find the run that a folder holds already; None where it holds none.

    Args:
        place: the folder, or the file that says what the run is.
        info: what is to be done there.
        free: keys of the recipe that may differ.

    Raises:
        AvereError: the folder holds another run; the line names all that differs.
    """
    old = read_info(place)
    found = [] if old is None else list_differences(old, info, free=free)
    if found:
        raise other_run(place, found)
    return old


def other_run(place: Path, differences: Iterable[str]) -> AvereError:
    """Word the refusal of a folder that holds another run."""
    told = "; ".join(differences)
    return AvereError(f"'{place}' holds another run: {told}; give another --out, or delete what is there")


def _file(place: Path) -> Path:
    """Find the file that says what a run is: ``run.json`` of a folder, unless a file is named itself."""
    return place if place.suffix == ".json" and not place.is_dir() else place / NAME


def list_differences(old: RunInfo, new: RunInfo, *, free: Collection[str] = ()) -> list[str]:
    """List in words where two runs differ; times, version, limit and options of models do not count.

    The options of a model that decide its answers are part of its fingerprint.

    Args:
        old: the run that is there.
        new: the one that is to be.
        free: keys of the recipe that may differ.

    >>> old = RunInfo(verb="evaluate", recipe={"seed": 0}, data={"questions": "a1"})
    >>> new = RunInfo(verb="evaluate", recipe={"seed": 1}, data={"questions": "b2"})
    >>> list_differences(old, new)
    ['recipe seed is 0 there and 1 here', 'other questions']
    """
    found = [
        f"{name} is {there} there and {here} here"
        for name, there, here in (
            ("verb", old.verb, new.verb),
            ("benchmark", old.benchmark or ABSENT, new.benchmark or ABSENT),
        )
        if there != here
    ]
    found += _models(old, new)
    if old.verb == new.verb:
        found += _values(old.recipe, new.recipe, "recipe ", free)
    names = dict.fromkeys((*old.data, *new.data))
    return [*found, *(f"other {name}" for name in names if old.data.get(name) != new.data.get(name))]


def _models(old: RunInfo, new: RunInfo) -> list[str]:
    """Say which models differ, those of the same name by their fingerprints."""
    theirs, ours = ([(one.role, one.fingerprint) for one in info.models] for info in (old, new))
    if theirs == ours:
        return []
    there, here = (", ".join(one.name for one in info.models) or ABSENT for info in (old, new))
    role = (*new.models, *old.models)[0].role
    if there != here:
        return [f"{role} is {there} there and {here} here"]
    marks = [" ".join(mark[:8] for _, mark in models) for models in (theirs, ours)]
    return [f"{role} {here} has fingerprint {marks[0]} there and {marks[1]} here"]


def _values(old: Any, new: Any, name: str, free: Collection[str] = ()) -> list[str]:
    """Say which values of two recipes differ, by dotted key."""
    if not (isinstance(old, Mapping) and isinstance(new, Mapping)):
        return [] if old == new else [f"{name.rstrip('.')} is {old} there and {new} here"]
    keys = [key for key in dict.fromkeys((*old, *new)) if key not in free]
    inner = name if name.endswith(" ") else f"{name}."
    return [
        line for key in keys for line in _values(old.get(key, ABSENT), new.get(key, ABSENT), f"{inner}{key}")
    ]
