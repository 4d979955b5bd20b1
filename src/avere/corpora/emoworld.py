"""EmoWorld: rendered clips whose every cue is known, as ``avere world make`` writes them."""

from collections.abc import Iterator
from pathlib import Path

from avere.corpora import _files
from avere.records import Clip, jsonl

LABELS = ("happiness", "sadness", "anger", "fear", "surprise", "disgust", "neutral")


def clips(root: Path, *, split: str | None = None) -> Iterator[Clip]:
    """Yield the clips of a world.

    Args:
        root: the folder that holds ``clips.jsonl`` and the media, or that file.
        split: only clips of this split.

    Raises:
        AvereError: there is no file of clips, or a line of it is wrong.
    """
    file = root if root.is_file() else _files.first(root, ("clips.jsonl",), "clips.jsonl")
    for clip in jsonl.read(file, Clip):
        if split in (None, clip.split):
            yield clip
