"""Clips of EmoWorld to begin with, whose every cue is known."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from avere import files
from avere.records import Clip, Cue, jsonl
from avere.world.make import make_world

QUESTIONS = ("What in the face shows how the person feels?", "How can one hear what this person feels?")
SEED = 0


class Examples(NamedTuple):
    """Clips to ask about."""

    folder: Path
    rows: tuple[tuple[Path, str], ...]
    """A clip and a question each."""
    cues: Mapping[str, tuple[Cue, ...]]
    """By digest of a clip's file, so that a copy is known again and a namesake is not."""

    def known(self, clip: Path) -> tuple[Cue, ...] | None:
        """Find all cues of a clip; None of one that is no example."""
        return self.cues.get(files.digest(clip))


def make_examples(folder: Path, count: int) -> Examples:
    """Draw clips of the balanced world into a folder; with ``count`` 0 there are none."""
    if count == 0:
        return Examples(folder, (), {})
    world = make_world(count, "balanced", SEED, folder, identities=max(2, count), workers=1).parent
    by_clip: dict[str, list[Cue]] = {}
    for cue in jsonl.read(world / "cues.jsonl", Cue):
        by_clip.setdefault(cue.clip, []).append(cue)
    clips = [clip for clip in jsonl.read(world / "clips.jsonl", Clip) if clip.video is not None]
    paths = {clip.id: Path(str(clip.video)) for clip in clips}
    rows = [(path, QUESTIONS[place % len(QUESTIONS)]) for place, path in enumerate(paths.values())]
    cues = {files.digest(path): tuple(by_clip.get(name, ())) for name, path in paths.items()}
    return Examples(folder, tuple(rows), cues)
