"""Finding answers in a journal by their key, with no more than keys and places in memory."""

from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path
from typing import Generic, TypeVar

from avere.records import jsonl
from avere.records._base import Record

R = TypeVar("R", bound=Record)
KEY = attrgetter("key")


class Replies(Generic[R]):
    """The answers that a journal holds, records with a ``key``; of two under one key, the later one."""

    def __init__(self, file: Path, kind: type[R]) -> None:
        self.file = file
        self._kind = kind
        self._places: dict[str, int] = {}
        self._read = 0
        self.refresh()

    def refresh(self) -> None:
        """Take in what was appended since; a last line without its end is none."""
        if not self.file.exists():
            return
        with self.file.open("rb") as file:
            file.seek(self._read)
            for line in file:
                if not line.endswith(b"\n"):
                    break
                if line.strip():
                    found = jsonl.parse(line, self._kind, str(self.file))
                    self._places[KEY(found)] = self._read
                self._read += len(line)

    def __len__(self) -> int:
        return len(self._places)

    def all(self) -> Iterator[R]:
        """Yield every answer that was paid for, also those that a later one replaced."""
        if self.file.exists():
            yield from jsonl.read(self.file, self._kind)

    def get(self, key: str) -> R | None:
        """Find the answer under a key; None where there is none."""
        place = self._places.get(key)
        if place is None:
            return None
        with self.file.open("rb") as file:
            file.seek(place)
            return jsonl.parse(file.readline(), self._kind, f"{self.file} at {place}")
