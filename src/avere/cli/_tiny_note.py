"""The one line that the tiny models say when they meet clips that EmoWorld did not make."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from avere.records import Clip

PLANS = "plans.jsonl"
"""What `avere.world.make` writes beside the media of a world."""
WEIGHTS = 50_000_000
"""A model with fewer has been taught one small world: the shipped one has 5 million, the smallest real one 3
thousand million."""
NOTE = (
    "note: {model} knows only the drawings and sounds of EmoWorld; about {clips} it can only guess. Name a "
    "real model with --model"
)


def find_foreign_clips(clips: Iterable[Clip]) -> int:
    """Count the clips that EmoWorld did not make, by what they say."""
    return sum(clip.source != "emoworld" for clip in clips)


def find_foreign_files(paths: Iterable[Path]) -> int:
    """Count the files that do not lie in a world, whose plans stand beside its media."""
    folders = [path.absolute().parent for path in paths]
    return sum(not any((place / PLANS).exists() for place in (one, one.parent)) for one in folders)


def warn_of_tiny(model: object, foreign: int) -> None:
    """Say on the error stream what a tiny model cannot know; nothing of larger models or EmoWorld's clips."""
    module: Any = getattr(model, "module", None)
    if foreign and module is not None and sum(one.numel() for one in module.parameters()) < WEIGHTS:
        clips = "this clip" if foreign == 1 else f"these {foreign} clips"
        print(NOTE.format(model=getattr(model, "name", "this model"), clips=clips), file=sys.stderr)
