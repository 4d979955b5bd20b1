"""Records in files: one JSON object a line, media paths relative to the file."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from avere import files
from avere.errors import RecordError
from avere.records._base import Record

R = TypeVar("R", bound=Record)


def read(path: Path, kind: type[R]) -> Iterator[R]:
    """Yield the records of a file; their paths are made usable from where the program runs.

    Raises:
        RecordError: the file is missing, or a line is wrong (names file, line and field).
    """
    try:
        lines = path.open("rb")
    except OSError as error:
        raise RecordError(f"cannot read '{path}': {error.strerror}; give an existing JSONL file") from error
    with lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield parse(line, kind, f"{path}:{number}").moved(lambda p: path.parent / p)


def parse(line: str | bytes, kind: type[R], place: str) -> R:
    """Parse the record of one JSON line; ``place`` names it in errors.

    Raises:
        RecordError: names the place and every wrong field.
    """
    try:
        return kind.model_validate_json(line)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'line'}: {e['msg']}" for e in error.errors())
        raise RecordError(f"{place}: not a {kind.__name__}: {faults}") from error


def dump(record: Record, folder: Path) -> str:
    """Make the JSON line of a record that will live in ``folder``."""
    return record.moved(lambda p: Path(os.path.relpath(p, folder))).model_dump_json(exclude_defaults=True)


def write(path: Path, records: Iterable[Record]) -> int:
    """Write records to a file, whole or not at all; count them."""
    count = 0
    with files.create_whole(path) as unfinished, unfinished.open("w", encoding="utf-8") as file:
        for record in records:
            file.write(dump(record, path.parent) + "\n")
            count += 1
    return count
