"""A JSON list in a file, written row by row, so that a large one is never in memory."""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any


def write_list(path: Path, rows: Iterable[Mapping[str, Any]]) -> int:
    """Write rows as one JSON list, whole or not at all; return how many."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    count = 0
    try:
        with unfinished.open("w", encoding="utf-8") as file:
            for row in rows:
                file.write(",\n" if count else "[\n")
                file.write(json.dumps(row, ensure_ascii=False))
                count += 1
            file.write("\n]\n" if count else "[]\n")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return count
