"""Reading what Potato stored: one folder a person, with a state that is written whole after each answer.

Potato keeps every change with address and browser beside it (``annotation_history.jsonl``). Only the number
of the session and the item are taken from there, to see whether two people share a link.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from avere.verify.answers import StoredAnswer, StoredPerson, cut_note, last_of
from avere.verify.project import SERVED

OUTPUT, STATE, HISTORY, CHECKS = (
    "annotation_output",
    "user_state.json",
    "annotation_history.jsonl",
    "quality_control_results.json",
)
FAULTS = (ValueError, TypeError, AttributeError, KeyError, IndexError, OSError, RecursionError)
"""What foreign or half-written data raise."""


def read_people(folder: Path) -> Iterator[StoredPerson]:
    """Yield the answers of each person who ever opened a link, in the order of their tokens."""
    output = folder / SERVED / OUTPUT
    blocked = _blocked(output / CHECKS)
    states = sorted(output.glob(f"*/{STATE}")) if output.is_dir() else []
    for file in states:
        token = file.parent.name
        try:
            state = json.loads(file.read_text(encoding="utf-8"))
            answers = tuple(_answers(state))
            training = _training(state)
        except FAULTS as error:
            yield StoredPerson(token, fault=f"{type(error).__name__}: {error}"[:200])
            continue
        yield StoredPerson(
            token,
            answers,
            training,
            blocked=token in blocked,
            overlapping=_overlapping(file.with_name(HISTORY)),
        )


def _answers(state: Mapping[str, Any]) -> Iterator[StoredAnswer]:
    """Yield the answers of a state; one to an item that was opened only is not there."""
    behaviour = state.get("instance_id_to_behavioral_data") or {}
    for item, labels in state["instance_id_to_label_to_value"].items():
        said: dict[str, list[str]] = {}
        for label, value in labels:
            said.setdefault(str(label["schema"]), []).append(
                str(value) if label["schema"] in ("note", "plays") else str(label["name"])
            )
        known = behaviour.get(item) or {}
        keep = last_of(said, "keep")
        yield StoredAnswer(
            item=str(item),
            choice=last_of(said, "answer"),
            keep=None if keep is None else keep == "keep",
            flags=tuple(sorted(said.get("flags", ()))),
            note=cut_note(last_of(said, "note") or ""),
            plays=_whole(last_of(said, "plays") or ""),
            seconds=_seconds(known.get("total_time_ms")),
            at=_last_change(known),
            chosen={name: values[-1] for name, values in said.items()},
        )


def _seconds(milliseconds: float | None) -> float | None:
    """Read how long an item took; zero is what stands there where the page's report was lost."""
    return round(float(milliseconds) / 1000, 3) if milliseconds else None


def _whole(text: str) -> int | None:
    """Read a count that a page stored; None for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else None


def _last_change(known: Mapping[str, Any]) -> str:
    """Find when an answer was last changed, in UTC; empty where nothing says it."""
    times = [float(one["timestamp"]) for one in known.get("annotation_changes") or ()]
    return datetime.fromtimestamp(max(times), UTC).isoformat(timespec="seconds") if times else ""


def _training(state: Mapping[str, Any]) -> Literal["passed", "failed", "not finished"]:
    training = state.get("training_state") or {}
    if training.get("failed"):
        return "failed"
    return "passed" if training.get("passed") else "not finished"


def _blocked(file: Path) -> frozenset[str]:
    """List the people whom Potato's own checks blocked; none where it has no such file."""
    try:
        return frozenset(map(str, json.loads(file.read_text(encoding="utf-8")).get("blocked_users") or ()))
    except FAULTS:
        return frozenset()


def _overlapping(file: Path) -> bool:
    """True where a session goes on after another one began: somebody else, or a second screen."""
    ended: set[str] = set()
    last = None
    try:
        with file.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                session = _session(line)
                if session is None or session == last:
                    continue
                if session in ended:
                    return True
                if last is not None:
                    ended.add(last)
                last = session
    except OSError:
        return False
    return False


def _session(line: str) -> str | None:
    """Read the session of one change; None where the line is cut short or names none."""
    try:
        return str(json.loads(line)["session_id"])
    except FAULTS:
        return None
