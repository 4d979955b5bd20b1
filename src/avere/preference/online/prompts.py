"""Prompts of online training: those of preference pairs, whose chosen answers and cues say what is right."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from avere.errors import AvereError
from avere.interfaces import Prompt
from avere.preference.views import prompt_of
from avere.records import Clip, Cue, PreferencePair, jsonl

PROMPTS, CLIPS, CUES = "prompts.jsonl", "clips.jsonl", "cues.jsonl"
PAIRS = "pairs.jsonl"


class PromptData(NamedTuple):
    """Prompts, and what is known of their clips."""

    pairs: tuple[PreferencePair, ...]
    clips: dict[str, Clip]
    cues: tuple[Cue, ...]
    """Empty where none is known."""

    def prompt(self, pair: PreferencePair) -> Prompt:
        """Word a prompt over its clip's own media."""
        return prompt_of(pair, "real", self.clips)


def read_prompts(folder: Path) -> PromptData:
    """Read the prompts of a data folder, or those that were kept beside samples.

    Raises:
        AvereError: there is no prompt, or one names a clip that is not there.
        RecordError: a file or line cannot be read.
    """
    file = folder / PROMPTS if (folder / PROMPTS).is_file() else folder / PAIRS
    pairs = tuple(jsonl.read_by_id(file, PreferencePair).values())
    if not pairs:
        raise AvereError(f"'{file}' holds no prompts; make some with avere construct")
    clips = jsonl.read_by_id(folder / CLIPS, Clip)
    unknown = [pair.id for pair in pairs if pair.clip not in clips]
    if unknown:
        raise AvereError(
            f"{len(unknown)} of {len(pairs)} prompts name a clip that is not in '{folder / CLIPS}', first "
            f"'{unknown[0]}'; add its record"
        )
    cues = tuple(jsonl.read(folder / CUES, Cue)) if (folder / CUES).is_file() else ()
    return PromptData(pairs, clips, cues)


def write_prompts(data: PromptData, out: Path) -> None:
    """Write prompts and what is known of their clips, so that rewards need nothing else."""
    jsonl.write(out / PROMPTS, data.pairs)
    jsonl.write(out / CLIPS, data.clips.values())
    jsonl.write(out / CUES, data.cues)


def choose_prompts(data: PromptData, count: int | None, seed: int) -> PromptData:
    """Draw so many prompts; the prompts of a clip stand together, so that they share a forward."""
    drawn = list(range(len(data.pairs)))
    if count is not None and count < len(drawn):
        order = np.random.default_rng([seed, len(drawn)]).permutation(len(drawn))
        drawn = sorted(int(place) for place in order[:count])
    by_clip: dict[str, list[PreferencePair]] = {}
    for place in drawn:
        by_clip.setdefault(data.pairs[place].clip, []).append(data.pairs[place])
    return data._replace(pairs=tuple(pair for pairs in by_clip.values() for pair in pairs))


def list_unusable(data: PromptData) -> Iterator[tuple[str, str]]:
    """Yield the prompts that ask about a medium which their clip lacks, and say which."""
    for pair in data.pairs:
        wanted = ("audio", "video") if pair.target == "audiovisual" else (pair.target,)
        lacks = [modality for modality in wanted if getattr(data.clips[pair.clip], modality) is None]
        if lacks:
            yield pair.id, f"clip '{pair.clip}' has no {' and no '.join(lacks)}"
