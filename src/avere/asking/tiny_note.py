"""The one line that is said of tiny models when they meet clips that EmoWorld did not make."""

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
    "{model} knows only the drawings and sounds of EmoWorld; about {clips} it can only guess. Name a "
    "real model"
)


def find_foreign_clips(clips: Iterable[Clip]) -> int:
    """Count the clips that EmoWorld did not make, by what they say."""
    return sum(clip.source != "emoworld" for clip in clips)


def find_foreign_files(paths: Iterable[Path]) -> int:
    """Count the files that do not lie in a world, whose plans stand beside its media."""
    folders = [path.absolute().parent for path in paths]
    return sum(not any((place / PLANS).exists() for place in (one, one.parent)) for one in folders)


def word_tiny_note(model: object, foreign: int) -> str | None:
    """Word what a tiny model cannot know; None of larger models, and where no clip is foreign."""
    module: Any = getattr(model, "module", None)
    if foreign and module is not None and sum(one.numel() for one in module.parameters()) < WEIGHTS:
        clips = "this clip" if foreign == 1 else f"these {foreign} clips"
        return NOTE.format(model=getattr(model, "name", "this model"), clips=clips)
    return None
