"""Answers that were paid for, kept by content: the same question is never paid for twice."""

import logging
import sqlite3
import threading
import weakref
from pathlib import Path

from avere.errors import AvereError
from avere.models.service.protocol import ServiceAnswer

log = logging.getLogger(__name__)
PATIENCE = 30.0
"""Seconds to wait for another process that is writing."""


class Cache:
    """A file of answers; without a path it keeps nothing."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        if path is None:
            return
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = sqlite3.connect(path, timeout=PATIENCE, check_same_thread=False)
            weakref.finalize(self, self._file.close)
            # What is committed outlives the process however it ends; waiting for the disk each time would
            # only help against a loss of power, at milliseconds an answer.
            self._file.execute("PRAGMA journal_mode = WAL")
            self._file.execute("PRAGMA synchronous = NORMAL")
            self._file.execute(
                "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, answer TEXT NOT NULL)"
            )
        except (OSError, sqlite3.Error) as error:
            raise AvereError(
                f"'{path}' cannot keep replies: {error}; give another file as the option cache"
            ) from error

    def get(self, key: str) -> ServiceAnswer | None:
        """Find the answer to what has this key; one without words, which older versions kept, is none."""
        if self.path is None:
            return None
        with self._lock:
            row = self._file.execute("SELECT answer FROM answers WHERE key = ?", (key,)).fetchone()
        found = ServiceAnswer.model_validate_json(row[0]) if row else None
        return None if found is not None and found.status == "ok" and not found.text else found

    def put(self, key: str, answer: ServiceAnswer) -> None:
        """Keep an answer; where the disk is full the answer is still given, and the log says so."""
        if self.path is None:
            return
        try:
            with self._lock, self._file:
                self._file.execute(
                    "INSERT OR REPLACE INTO answers VALUES (?, ?)",
                    (key, answer.model_dump_json(exclude_defaults=True)),
                )
        except sqlite3.Error as error:
            log.warning("an answer could not be kept in '%s': %s", self.path, error)
