"""What a run of construction tells of itself, beside the records that it wrote: read by the data card."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import Field

from avere.errors import RecordError
from avere.records import Record, jsonl

FILE = "construction.json"


class Construction(Record):
    """What was done, what it cost and what was left out; a run that does not know a field leaves it out."""

    recipe: str | None = None
    seed: int | None = None
    version: str | None = None
    annotators: Mapping[str, str] = Field(default_factory=dict)
    """What each role was played by: ``{"describe": "openai:...", "confirm": "gemini:..."}``."""
    prompts: Mapping[str, str] = Field(default_factory=dict)
    """Digest of each prompt, by name."""
    counts: Mapping[str, int] = Field(default_factory=dict)
    """How many came out of each stage, in the order of the stages."""
    drops: Mapping[str, int] = Field(default_factory=dict)
    """How many were left out, by reason."""
    costs: Mapping[str, float] = Field(default_factory=dict)
    """What was spent, by unit: calls, tokens in, tokens out, USD, hours."""
    licences: Mapping[str, str] = Field(default_factory=dict)
    """What may be done with the clips, by source."""
    limits: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    """What a reader must know before using the data."""


def read(folder: Path) -> Construction:
    """Return what the last run told; nothing, where it wrote no file.

    Raises:
        RecordError: the file is there and is wrong.
    """
    file = folder / FILE
    if not file.exists():
        return Construction()
    try:
        content = file.read_bytes()
    except OSError as error:
        raise RecordError(f"cannot read '{file}': {error.strerror}") from error
    return jsonl.parse(content, Construction, str(file))


def write(folder: Path, told: Construction) -> Path:
    """Write it beside the records, whole or not at all."""
    jsonl.write(folder / FILE, [told])
    return folder / FILE
