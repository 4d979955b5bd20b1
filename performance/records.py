"""Clips and preference pairs of the wanted length, made on the fly or after a file of pairs."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from avere import media
from avere.models.packing.model import LocalModel
from avere.preference.sampling import order_records
from avere.records import Clip, Corruption, Corruptions, PreferencePair, Provenance, Target, jsonl
from shapes import CORPUS, Shape

QUESTION_TOKENS = 20


class Records(NamedTuple):
    """What is learnt from."""

    pairs: list[PreferencePair]
    clips: dict[str, Clip]
    order: list[int]
    """Of the records where those that share media stand together."""


def make(
    model: LocalModel, shape: Shape, folder: Path, count: int, target: Target, answer_tokens: int
) -> Records:
    """Return ``count`` pairs, each corrupted by a clip of its own."""
    clips = {f"c{number}": write(folder / f"c{number}.mp4", shape, number) for number in range(2 * count)}
    text = writer(model)

    def pair(number: int) -> PreferencePair:
        swap = Corruption(kind="clip", clip=f"c{count + number}")
        audio, video = (swap if target in (each, "audiovisual") else None for each in ("audio", "video"))
        return PreferencePair(
            id=f"p{number}",
            clip=f"c{number}",
            target=target,
            prompt=text(QUESTION_TOKENS),
            chosen=text(answer_tokens - 1),
            spurious=text(answer_tokens - 1),
            hallucinated=text(answer_tokens - 1),
            corruption=Corruptions(audio=audio, video=video),
            made_by=Provenance(version="benchmark"),
        )

    return Records([pair(number) for number in range(count)], clips, [*range(count)])


def take(
    model: LocalModel, shape: Shape, folder: Path, source: Path, count: int, answer_tokens: int
) -> Records:
    """Take ``count`` pairs of a file that share media as training would put them into one step.

    Media and texts are replaced by others of the wanted length, equal where they were equal.
    """
    every = list(jsonl.read(source, PreferencePair))
    order = order_records(every, seed=0, group="replacements", per_step=count)[:count]
    text = writer(model)
    pairs = [
        every[place].model_copy(
            update={"prompt": text(QUESTION_TOKENS)}
            | {name: text(answer_tokens - 1) for name in ("chosen", "spurious", "hallucinated")}
        )
        for place in order
    ]
    changes = [change for pair in pairs for change in (pair.corruption.audio, pair.corruption.video)]
    names = {pair.clip for pair in pairs} | {one.clip for one in changes if one is not None and one.clip}
    clips = {name: write(folder / f"{name}.mp4", shape, number) for number, name in enumerate(sorted(names))}
    drawn = random.Random(0).sample(range(count), count)
    return Records([pairs[place] for place in drawn], clips, [drawn.index(place) for place in range(count)])


def writer(model: LocalModel) -> Callable[[int], str]:
    """Return a writer of texts with a given number of tokens."""
    words, known = random.Random(0), CORPUS.split()

    def text(tokens: int) -> str:
        said = words.choice(known)
        while len(model.tokenizer(said, add_special_tokens=False)["input_ids"]) < tokens:
            said += " " + words.choice(known)
        return said

    return text


def write(path: Path, shape: Shape, seed: int) -> Clip:
    """Write a clip of noise: eight frames and a sound."""
    drawn = np.random.default_rng(seed)
    frames = drawn.integers(0, 255, (8, shape.side, shape.side, 3), dtype=np.uint8)
    wave = 0.1 * drawn.standard_normal(round(16_000 * shape.seconds)).astype(np.float32)
    media.write_video(path, frames, fps=8 / shape.seconds, wave=wave, rate=16_000)
    return Clip(id=path.stem, video=path, audio=path, source="benchmark")
