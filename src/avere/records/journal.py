"""What models answered, appended to files by one process each; whole after any interruption."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from avere.records import jsonl, locks
from avere.records._base import Record
from avere.records.results import PASSING, Prediction

NAME, PATTERN = "journal.jsonl", "journal*.jsonl"
Append = Callable[[Iterable[Record]], None]


def name(index: int, count: int) -> str:
    """Name the file of one of several processes.

    >>> name(0, 1), name(0, 3)
    ('journal.jsonl', 'journal-0-of-3.jsonl')
    """
    return NAME if count == 1 else f"journal-{index}-of-{count}.jsonl"


def files(folder: Path) -> list[Path]:
    """List all journals of a run, sorted."""
    return sorted(folder.glob(PATTERN))


def read(folder: Path) -> dict[str, Prediction]:
    """Read the predictions of all journals of a run by key.

    Nothing is written, so that it may be done while others append: a last line without its end is one that is
    being written, or was cut off by an interruption, and is no prediction. Of two under one key the first
    counts, unless it says that no answer came, as version 0.1 kept it of a service that was too slow.

    Raises:
        RecordError: a whole line is wrong.
    """
    found: dict[str, Prediction] = {}
    for path in files(folder):
        for number, line in jsonl.lines(path):
            if line.endswith(b"\n"):
                one = jsonl.parse(line, Prediction, f"{path}:{number}")
                if one.key not in found or found[one.key].status in PASSING:
                    found[one.key] = one
    return found


@contextmanager
def appending(path: Path, *, sync: bool = True) -> Iterator[Append]:
    """Open a journal that no other process may open meanwhile; yields what adds records, one a line.

    Every record outlives the process at once; with ``sync`` it outlives a loss of power too, which takes
    milliseconds each time. What an interruption left of a last line is cut off before the first record; until
    then the journal stays as it was, to the byte.

    Raises:
        AvereError: another process has it open.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        refusal = (
            f"another process is writing '{path}'; wait for it, or share the work with --shard 0/2 and 1/2"
        )
        locks.lock(file.fileno(), refusal)
        whole = False

        def append(records: Iterable[Record]) -> None:
            nonlocal whole
            for record in records:
                if not whole:
                    _mend(file)
                    whole = True
                file.write((jsonl.dump(record, path.parent) + "\n").encode())
                file.flush()
            if sync:
                os.fsync(file.fileno())

        try:
            yield append
        finally:
            os.fsync(file.fileno())


def _mend(file: BinaryIO) -> None:
    """Cut off what follows the last line end."""
    file.seek(0)
    content = file.read()
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        file.truncate(whole)
