"""What a run of construction made, lost and cost, in one file beside its records: read by the data card."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from avere import files
from avere.errors import RecordError
from avere.records import MediaTokens, Provenance, Record, jsonl

FILE = "construction.json"
Counts = Mapping[str, int]
Stage = Literal["describe", "infer", "confirm", "blind"]
"""Stages that ask annotators, and the last one, which asks models without media."""


class Dropped(Record):
    """Something that was left out, and why."""

    what: Literal["clip", "side", "cue", "question", "pair"]
    id: str
    stage: str
    reason: str
    """Counted."""
    detail: str | None = None
    """What is special to this one."""


class StageCost(Record):
    """What the questions of a stage took."""

    stage: Stage
    model: str
    fingerprint: str
    calls: int = 0
    repairs: int = 0
    failed: int = 0
    characters_sent: int = 0
    characters_received: int = 0
    media_tokens: MediaTokens = MediaTokens()
    seconds: float = 0.0
    """Summed over replies; concurrent ones overlap."""
    input_tokens: int = 0
    """This and the next two: of services that tell them."""
    output_tokens: int = 0
    money: float = 0.0


class Construction(Record):
    """One run of construction; what a run has no part of stays empty."""

    made_by: Provenance | None = None
    annotator: str | None = None
    validators: tuple[str, ...] = ()
    blind: tuple[str, ...] = ()
    prompts: Mapping[str, str] = Field(default_factory=dict)
    """Digests by name."""
    recipe: Mapping[str, Any] = Field(default_factory=dict)
    clips: Counts = Field(default_factory=dict)
    support: Counts = Field(default_factory=dict)
    """Which modalities convey the label."""
    labels: Counts = Field(default_factory=dict)
    """Of the clips that something is known of."""
    cues: Counts = Field(default_factory=dict)
    contradicted: Mapping[str, float] = Field(default_factory=dict)
    """Share of the checked cues that validators did not bear out: of those said to be present, and absent."""
    questions: Mapping[str, Counts] = Field(default_factory=dict)
    """By task, then kind."""
    answers: Mapping[str, Counts] = Field(default_factory=dict)
    """By task, then letter of the right option."""
    emotions: Mapping[str, Counts] = Field(default_factory=dict)
    """By task, then emotion of the cue that is asked about."""
    pairs: Counts = Field(default_factory=dict)
    """By target."""
    corrupted_inputs: Counts = Field(default_factory=dict)
    """Of the pairs: valid, or why there is none."""
    replacements: Counts = Field(default_factory=dict)
    """Of the pairs with media of another clip: mutual where its pairs take this one's too, else one way."""
    dropped: Mapping[str, Counts] = Field(default_factory=dict)
    """By stage, then reason."""
    not_made: Counts = Field(default_factory=dict)
    """Questions and pairs that could not be made, by reason."""
    waiting: int = 0
    """Cues in queue.jsonl."""
    costs: tuple[StageCost, ...] = ()
    licences: Mapping[str, str] = Field(default_factory=dict)
    """What may be done with the clips, by source."""
    limits: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    """What a reader must know before using the data."""

    def roles(self) -> dict[str, str]:
        """List the models by the part that they played."""
        told = {
            "annotator": self.annotator,
            "validators": ", ".join(self.validators),
            "blind": ", ".join(self.blind),
        }
        return {role: names for role, names in told.items() if names}

    def counts(self) -> dict[str, float]:
        """Count the records that came out of each stage; questions and pairs are in their own files."""
        told: dict[str, Mapping[str, float]] = {
            "clips": self.clips,
            "support": self.support,
            "cues": self.cues,
            "contradicted": self.contradicted,
        }
        rows = {f"{title}, {name}": count for title, found in told.items() for name, count in found.items()}
        return rows | ({"waiting": self.waiting} if self.waiting else {})

    def losses(self) -> dict[str, int]:
        """Count the records that were left out or could not be made, by reason."""
        rows = {
            f"{stage}, {why}": count for stage, found in self.dropped.items() for why, count in found.items()
        }
        return rows | dict(self.not_made)

    def spent(self) -> dict[str, float]:
        """List the amounts spent, by stage, model and unit."""
        return {
            f"{cost.stage}, {cost.model}, {unit}": number
            for cost in self.costs
            for unit, number in _units(cost)
            if number
        }


def read(folder: Path) -> Construction:
    """Read the record of the last run; an empty one where it wrote no file.

    Raises:
        RecordError: the file is there and tells something else.
    """
    file = folder / FILE
    if not file.exists():
        return Construction()
    try:
        return jsonl.parse(file.read_bytes(), Construction, str(file))
    except (OSError, RecordError) as error:
        raise RecordError(f"{error}; construct again, or take the file away") from error


def write(folder: Path, told: Construction) -> Path:
    """Write it beside the records, whole or not at all."""
    return files.write_text(folder / FILE, told.model_dump_json(indent=2) + "\n")


def _units(cost: StageCost) -> Iterator[tuple[str, float]]:
    """Yield the numbers of a cost."""
    for name, value in cost:
        if isinstance(value, MediaTokens):
            yield from ((f"{modality} tokens", count) for modality, count in value)
        elif isinstance(value, int | float):
            yield name.replace("_", " "), value
