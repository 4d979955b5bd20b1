"""What a run of construction tells of itself, beside the records that it wrote: read by the data card."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import Field

from avere.errors import RecordError
from avere.records import Record, jsonl

FILE = "construction.json"
ROLES = ("annotator", "validators", "blind")


class Construction(Record):
    """What was done, what it cost and what was left out; a run that does not know a field leaves it out."""

    recipe: str | None = None
    seed: int | None = None
    version: str | None = None
    annotators: Mapping[str, str] = Field(default_factory=dict)
    """What each role was played by: ``{"annotator": "openai:...", "validators": "gemini:..."}``."""
    prompts: Mapping[str, str] = Field(default_factory=dict)
    """Digest of each prompt, by name."""
    counts: Mapping[str, int | float] = Field(default_factory=dict)
    """How many came out of each stage, and what share was not borne out."""
    drops: Mapping[str, int | float] = Field(default_factory=dict)
    """How many were left out, by reason."""
    costs: Mapping[str, int | float] = Field(default_factory=dict)
    """What was spent, by unit: calls, tokens, money, seconds."""
    licences: Mapping[str, str] = Field(default_factory=dict)
    """What may be done with the clips, by source."""
    limits: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    """What a reader must know before using the data."""


def read(folder: Path) -> Construction:
    """Return what the last run told; nothing, where it wrote no file.

    The file may hold more: counts inside counts are named by both, costs may be told stage by stage, and what
    is no part of a card is passed over.

    Raises:
        RecordError: the file is there and is no JSON object.
    """
    file = folder / FILE
    if not file.exists():
        return Construction()
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RecordError(f"cannot read '{file}': {error}; construct again, or take it away") from error
    if not isinstance(told, dict):
        raise RecordError(f"'{file}' holds no JSON object; construct again, or take it away")
    inner = told.get("made_by")
    made = inner if isinstance(inner, dict) else told
    recipe, seed, version = (made.get(name) for name in ("recipe", "seed", "version"))
    return Construction(
        recipe=recipe if isinstance(recipe, str) else None,
        seed=seed if isinstance(seed, int) else None,
        version=version if isinstance(version, str) else None,
        annotators=_words(told.get("annotators")) | _words({role: told.get(role) for role in ROLES}),
        prompts=_words(told.get("prompts")),
        counts=_numbers(told, "counts", "clips", "support", "cues", "contradicted", "waiting"),
        drops=_numbers(told, "drops", "dropped", "not_made"),
        costs=_numbers(told, "costs"),
        licences=_words(told.get("licences")),
        limits=tuple(map(str, told.get("limits") or ())),
        warnings=tuple(map(str, told.get("warnings") or ())),
    )


def write(folder: Path, told: Construction) -> Path:
    """Write it beside the records, whole or not at all."""
    jsonl.write(folder / FILE, [told])
    return folder / FILE


def _words(told: Any) -> dict[str, str]:
    """Return the texts of an object; several under one name become one."""
    found = told.items() if isinstance(told, dict) else ()
    joined = ((name, ", ".join(map(str, one)) if isinstance(one, list) else one) for name, one in found)
    return {name: str(one) for name, one in joined if one}


def _numbers(told: Mapping[str, Any], *names: str) -> dict[str, float]:
    """Return the numbers below some names; of the project's own, the first name says nothing."""
    plain = {"counts", "drops", "dropped", "not_made", "costs"}
    return {
        key: number
        for name in names
        for key, number in _leaves(told.get(name), "" if name in plain else name)
    }


def _leaves(told: Any, name: str) -> Iterator[tuple[str, float]]:
    """Yield the numbers inside, each with the names on the way to it."""
    if isinstance(told, bool):
        return
    if isinstance(told, int | float):
        yield name, told
    elif isinstance(told, dict):
        for key, inner in told.items():
            yield from _leaves(inner, f"{name}, {key}" if name else str(key))
    elif isinstance(told, list):
        for number, inner in enumerate(told, start=1):
            named = (
                [str(inner[key]) for key in ("stage", "model") if key in inner]
                if isinstance(inner, dict)
                else []
            )
            yield from _leaves(inner, ", ".join(filter(None, (name, *(named or [str(number)])))))
