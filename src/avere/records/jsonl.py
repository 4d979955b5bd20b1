"""Records in files: one JSON object a line, media paths relative to the file.

A line ends at a line feed and nowhere else: the separators U+2028 and U+0085 may stand in any text.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from avere import files
from avere.errors import RecordError, printable_text
from avere.records._base import Record
from avere.records.clips import Clip
from avere.records.questions import PreferencePair, Question

R = TypeVar("R", bound=Record)
Named = TypeVar("Named", Clip, Question, PreferencePair)

LONGEST_LINE = 16_000_000
"""Bytes: a hundred times what a record with all its words takes."""
SHOWN = 300
"""Characters of a text that an error tells."""
MARK = b"\xef\xbb\xbf"
"""What some editors put before UTF-8 text."""


def read(path: Path, kind: type[R]) -> Iterator[R]:
    """Yield the records of a file; their paths are made usable from where the program runs.

    Raises:
        RecordError: the file is missing, or a line is wrong (names file, line and field).
    """
    for _, record in _numbered(path, kind):
        yield record


def read_by_id(path: Path, kind: type[Named]) -> dict[str, Named]:
    """Read the records of a file by their ids, in the order of the file.

    Raises:
        RecordError: the file is missing, a line is wrong, or two records have one id (names both lines).
    """
    found: dict[str, Named] = {}
    places: dict[str, int] = {}
    for number, record in _numbered(path, kind):
        if record.id in found:
            raise RecordError(
                f"{path}: lines {places[record.id]} and {number} both hold the {kind.__name__} "
                f"'{record.id}'; give each an id of its own, or take one out"
            )
        found[record.id], places[record.id] = record, number
    return found


def lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the number and the bytes of each line that is not blank.

    Raises:
        RecordError: the file cannot be read, is UTF-16, or has a line longer than LONGEST_LINE.
    """
    try:
        with path.open("rb") as file:
            number = 0
            while line := file.readline(LONGEST_LINE + 1):
                number += 1
                if len(line) > LONGEST_LINE:
                    raise RecordError(
                        f"{path}:{number}: longer than {LONGEST_LINE:,} bytes; write one JSON object a line"
                    )
                if number == 1:
                    if line.startswith((b"\xff\xfe", b"\xfe\xff")):
                        raise RecordError(f"'{path}' is UTF-16 text; save it as UTF-8")
                    line = line.removeprefix(MARK)
                if line.strip():
                    yield number, line
    except OSError as error:
        raise RecordError(f"cannot read '{path}': {error.strerror}; give an existing JSONL file") from error


def parse(line: str | bytes, kind: type[R], place: str) -> R:
    """Parse the record of one JSON line; ``place`` names it in errors.

    Raises:
        RecordError: names the place and every wrong field.
    """
    try:
        return kind.model_validate_json(line)
    except ValidationError as error:
        raise RecordError(f"{place}: not a {kind.__name__}: {list_faults(error)}") from error


def list_faults(error: ValidationError) -> str:
    """List every wrong field of a record in one line."""
    return "; ".join(f"{'.'.join(map(str, e['loc'])) or 'line'}: {e['msg']}" for e in error.errors())


def dump(record: Record, folder: Path) -> str:
    """Make the JSON line of a record that will live in ``folder``.

    Raises:
        RecordError: it names a file whose name is not UTF-8, as text must be.
    """
    moved = record.moved(lambda p: Path(os.path.relpath(p, folder)))
    try:
        return moved.model_dump_json(exclude_defaults=True)
    except PydanticSerializationError as error:
        odd = printable_text(next(_odd_texts(record.model_dump()), "a text"))
        raise RecordError(
            f"a {type(record).__name__} cannot be written down: '{odd[:SHOWN]}' is not UTF-8; rename the "
            "file or folder"
        ) from error


def _odd_texts(value: object) -> Iterator[str]:
    """Find the texts and paths in plain data that hold what is no UTF-8."""
    if isinstance(value, dict | list | tuple | set | frozenset):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _odd_texts(part)
    elif isinstance(value, str | Path) and any("\ud800" <= sign <= "\udfff" for sign in str(value)):
        yield str(value)


def write(path: Path, records: Iterable[Record]) -> int:
    """Write records to a file, whole or not at all; count them."""
    count = 0
    with files.create_whole(path) as unfinished, unfinished.open("w", encoding="utf-8") as file:
        for record in records:
            file.write(dump(record, path.parent) + "\n")
            count += 1
    return count


def _numbered(path: Path, kind: type[R]) -> Iterator[tuple[int, R]]:
    """Yield the records of a file with the numbers of their lines."""
    for number, line in lines(path):
        yield number, parse(line, kind, f"{path}:{number}").moved(lambda p: path.parent / p)
