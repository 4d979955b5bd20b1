"""Files of rows as other trainers keep them: JSON lines, or one JSON list."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from avere.errors import AvereError
from avere.records import jsonl

LARGEST_LIST = 256_000_000
"""Bytes of a JSON list, which is read at once."""


def read(file: Path) -> Iterator[tuple[int, Any]]:
    """Yield the number and content of each row; a line that is no JSON is None.

    Raises:
        AvereError: the file is missing, or neither lines nor a list.
    """
    if file.suffix.lower() == ".json":
        yield from enumerate(_listed(file), start=1)
        return
    for number, line in jsonl.lines(file):
        try:
            yield number, json.loads(line.decode())
        except (ValueError, RecursionError):
            yield number, None


def _listed(file: Path) -> list[Any]:
    """Read one JSON list.

    Raises:
        AvereError: the file is missing, too large, not text or no list.
    """
    try:
        if file.stat().st_size > LARGEST_LIST:
            raise AvereError(
                f"'{file}' is a list of over {LARGEST_LIST:,} bytes; give one object a line, .jsonl"
            )
        content = json.loads(file.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise AvereError(f"cannot read '{file}' as text ({error}); save it as UTF-8") from error
    except OSError as error:
        raise AvereError(f"cannot read '{file}': {error.strerror}; give a .jsonl or .json file") from error
    except (ValueError, RecursionError) as error:
        raise AvereError(
            f"'{file}' is not JSON: {error}; give a list, or one object a line as .jsonl"
        ) from error
    if not isinstance(content, list):
        raise AvereError(f"'{file}' holds no list of rows; give a list, or one object a line as .jsonl")
    return content
