"""What people decided about cues: read back from a file beside the queue that asked them."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

from avere.errors import RecordError
from avere.records import Record, jsonl

Decision = Literal["keep", "drop"]
Decisions = Mapping[str, Decision]
"""By the id of the cue."""


class Decided(Record):
    """One line of the file."""

    id: str
    """That of the line in ``queue.jsonl``; any other cue that was checked may be decided too."""
    verdict: Decision
    """Whether the cue is as it stands there: there and whose it is said to be, or absent."""
    by: str | None = None


def read(file: Path) -> Decisions:
    """Read people's decisions about cues.

    Raises:
        RecordError: the file is missing or wrong, or holds both verdicts about one cue.
    """
    found: dict[str, Decision] = {}
    for one in jsonl.read(file, Decided):
        if found.setdefault(one.id, one.verdict) != one.verdict:
            raise RecordError(f"'{file}' keeps and drops '{one.id}'; agree on one of the two")
    return found


def unknown(decisions: Decisions, cues: Iterable[str]) -> tuple[str, ...]:
    """Word a warning where verdicts are about cues that nobody named."""
    lost = sorted(decisions.keys() - set(cues))
    return (
        (f"{len(lost)} verdicts are about no cue of this run, the first about '{lost[0]}'",) if lost else ()
    )
