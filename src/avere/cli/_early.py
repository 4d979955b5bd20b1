"""What commands do around the loading of a model: check paths, gather options, say what it cannot know."""

import sys
from pathlib import Path
from typing import Any

from avere.asking.tiny_note import word_tiny_note
from avere.errors import AvereError
from avere.files import check_writable
from avere.models.packing.ownership import ADAPTER


def check_paths(out: Path | None, adapter: Path | None) -> None:
    """Check that a folder can be written to, and that another holds an adapter, where they are given.

    Raises:
        AvereError: one of them is not so.
    """
    if out is not None:
        check_writable(out)
    if adapter is not None and not (adapter / ADAPTER).is_file():
        raise AvereError(f"'{adapter}' holds no {ADAPTER}; give the folder that training wrote")


def tell_of_tiny(model: object, foreign: int) -> None:
    """Say on the error stream what a tiny model cannot know of clips that EmoWorld did not make."""
    note = word_tiny_note(model, foreign)
    if note is not None:
        print(f"note: {note} with --model", file=sys.stderr)


def given_options(**options: object) -> dict[str, Any]:
    """Keep the options of a model that were given; the others are its own to choose.

    >>> given_options(adapter=None, budget=2.0)
    {'budget': 2.0}
    """
    return {name: value for name, value in options.items() if value is not None}
