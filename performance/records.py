"""Clips and preference pairs of the wanted length, made on the fly."""

import random
from pathlib import Path
from typing import NamedTuple

import numpy as np

from avere import media
from avere.models.packing.model import LocalModel
from avere.records import Clip, Corruption, Corruptions, PreferencePair, Provenance, Target
from shapes import CORPUS, Shape

QUESTION_TOKENS = 20


class Records(NamedTuple):
    """What is learnt from."""

    pairs: list[PreferencePair]
    clips: dict[str, Clip]


def make(
    model: LocalModel, shape: Shape, folder: Path, count: int, target: Target, answer_tokens: int
) -> Records:
    """Return ``count`` pairs, each corrupted by a clip of its own."""
    clips = {f"c{number}": write(folder / f"c{number}.mp4", shape, number) for number in range(2 * count)}
    words, known = random.Random(0), CORPUS.split()

    def text(tokens: int) -> str:
        said = words.choice(known)
        while len(model.tokenizer(said, add_special_tokens=False)["input_ids"]) < tokens:
            said += " " + words.choice(known)
        return said

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

    return Records([pair(number) for number in range(count)], clips)


def write(path: Path, shape: Shape, seed: int) -> Clip:
    """Write a clip of noise: eight frames and a sound."""
    drawn = np.random.default_rng(seed)
    frames = drawn.integers(0, 255, (8, shape.side, shape.side, 3), dtype=np.uint8)
    wave = 0.1 * drawn.standard_normal(round(16_000 * shape.seconds)).astype(np.float32)
    media.write_video(path, frames, fps=8 / shape.seconds, wave=wave, rate=16_000)
    return Clip(id=path.stem, video=path, audio=path, source="benchmark")
