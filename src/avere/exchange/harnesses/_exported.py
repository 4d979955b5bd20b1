"""What an exported task knows of its questions; copied into the task's file, so standard library only."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from avere.answers.strict import LETTERS, parse

HERE = Path(__file__).resolve().parent
ROWS = "questions"
"""Folder beside the task's file with a JSONL file for each task of the benchmark."""


def rows() -> Iterator[dict[str, Any]]:
    """Yield the questions of all tasks."""
    for file in sorted((HERE / ROWS).glob("*.jsonl")):
        with file.open(encoding="utf-8", newline="\n") as lines:  # other separators may stand in texts
            yield from map(json.loads, lines)


def medium_path(row: Mapping[str, Any], name: str) -> str | None:
    """Find the path of a medium, which the row tells relative to the task's folder; None without one."""
    return str(HERE / row[name]) if row[name] else None


def judge_reply(row: Mapping[str, Any], reply: str) -> tuple[bool, str, str]:
    """Judge a reply: right or not, the letter that it names, and the reason where it names none."""
    choice, reason = parse(reply, row["choices"])
    letter = "" if choice is None else LETTERS[choice]
    return letter == row["answer"], letter, reason or ""
