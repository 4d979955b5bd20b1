"""A JSON list in a file, written row by row, so that a large one is never in memory."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from avere import files


def write_list(path: Path, rows: Iterable[Mapping[str, Any]]) -> int:
    """Write rows as one JSON list, whole or not at all; count them."""
    count = 0
    with files.create_whole(path) as unfinished, unfinished.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(",\n" if count else "[\n")
            file.write(json.dumps(row, ensure_ascii=False))
            count += 1
        file.write("\n]\n" if count else "[]\n")
    return count
