"""Items whose answers are certain: examples and training that people see first, and hidden gold items."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np

from avere.construct.questions import questions
from avere.construct.recipe import Questions
from avere.errors import AvereError
from avere.records import Clip, Cue, Question, jsonl
from avere.verify.items import gather_items
from avere.world.make import make_world

CLIPS, IDENTITIES = 12, 12
"""Clips of EmoWorld that are made where nobody gives certain items."""
ASKED = Questions(basic=1, stress=2, plain=0, descriptions=False, words=False, agreement=True)


class Certain(NamedTuple):
    """Questions with certain answers, and their clips."""

    training: list[Question]
    gold: list[Question]
    clips: dict[str, Clip]


@contextmanager
def opened(training: Path | None, gold: Path | None, counts: tuple[int, int], seed: int) -> Iterator[Certain]:
    """Give the items for training and the hidden gold items; those of EmoWorld are rendered for the while.

    Args:
        training: a folder or file of questions; None: EmoWorld's.
        gold: as ``training``.
        counts: how many of each.
        seed: of the clips and of the choice.

    Raises:
        AvereError: a given file has nothing that can be asked, or fewer items than are wanted.
    """
    with TemporaryDirectory() as name:
        clips: dict[str, Clip] = {}
        drawn: list[list[Question]] = []
        for number, (source, count) in enumerate(zip((training, gold), counts, strict=True)):
            if count == 0:
                drawn.append([])
                continue
            found = gather_items([source or _world(Path(name) / str(number), seed + 1 + number, count)])
            if len(found.questions) < count:
                raise AvereError(
                    f"'{source or 'EmoWorld'}' has {len(found.questions)} items, and {count} are wanted; "
                    "ask for fewer"
                )
            # Ids of different worlds may be the same.
            clips |= {f"{number}/{key}": clip for key, clip in found.clips.items()}
            chosen = _spread(list(found.questions.values()), count, seed + number)
            drawn.append([one.model_copy(update={"clip": f"{number}/{one.clip}"}) for one in chosen])
        yield Certain(drawn[0], drawn[1], clips)


def _world(folder: Path, seed: int, count: int) -> Path:
    """Make a small balanced EmoWorld and its questions."""
    clips_file = make_world(max(CLIPS, count // 2), "balanced", 7_000 + seed, folder, IDENTITIES, workers=1)
    clips, cues = list(jsonl.read(clips_file, Clip)), list(jsonl.read(folder / "cues.jsonl", Cue))
    jsonl.write(folder / "questions.jsonl", questions(clips, cues, ASKED, seed))
    return folder


def _spread(asked: list[Question], count: int, seed: int) -> list[Question]:
    """Choose questions so that tasks take turns."""
    random = np.random.default_rng([seed, len(asked)])
    by_task: dict[str, list[Question]] = {}
    for index in random.permutation(len(asked)):
        by_task.setdefault(f"{asked[index].task} {asked[index].kind}", []).append(asked[index])
    turns = [by_task[name] for name in sorted(by_task)]
    ordered = [turn[place] for place in range(len(asked)) for turn in turns if place < len(turn)]
    return ordered[:count]
