"""Finding answers in a journal by their key, with no more than keys and places in memory."""

from collections.abc import Iterator
from pathlib import Path

from avere.construct.annotations import Answered
from avere.records import jsonl


class Replies:
    """The answers that a journal holds; of two under one key, the later one."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._places: dict[str, int] = {}
        self._read = 0
        self.refresh()

    def refresh(self) -> None:
        """Take in what was appended since; a last line without its end is none."""
        if not self._file.exists():
            return
        with self._file.open("rb") as file:
            file.seek(self._read)
            for line in file:
                if not line.endswith(b"\n"):
                    break
                if line.strip():
                    self._places[jsonl.parse(line, Answered, str(self._file)).key] = self._read
                self._read += len(line)

    def __len__(self) -> int:
        return len(self._places)

    def all(self) -> Iterator[Answered]:
        """Yield every answer that was paid for, also those that a later one replaced."""
        if self._file.exists():
            yield from jsonl.read(self._file, Answered)

    def get(self, key: str) -> Answered | None:
        """Return the answer under a key; None where there is none."""
        place = self._places.get(key)
        if place is None:
            return None
        with self._file.open("rb") as file:
            file.seek(place)
            return jsonl.parse(file.readline(), Answered, f"{self._file} at {place}")
