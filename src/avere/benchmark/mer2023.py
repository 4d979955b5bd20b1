"""MER2023: Chinese films and series, six emotions (`avere.corpora.mer2023`); its measure is weighted F1.

``classes: 5`` leaves out worry, as AVERE's published numbers do.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from avere.benchmark import _recognition
from avere.benchmark._recognition import FAMILY, options, parse, prompt, published, template
from avere.corpora import mer2023
from avere.records import Clip, Question
from avere.settings import Settings

LEFT_OUT = "worry"

__all__ = ["FAMILY", "Config", "clips", "options", "parse", "prompt", "published", "questions", "template"]


class Config(Settings):
    """What a recipe says of the data."""

    classes: Literal[5, 6]
    """Without worry, or with it; there is no default, for papers differ."""
    split: Literal["test1", "test2", "test3"] = "test3"
    prepared: bool = False
    """Media at 24 frames a second and 16 kHz, as the published preparation writes them."""


def clips(path: Path, config: Config) -> Iterator[Clip]:
    """Yield the clips of the test set."""
    yield from mer2023.clips(path, split=config.split, prepared=config.prepared)


def questions(path: Path, config: Config) -> Iterator[Question]:
    """Yield a question for each clip with one of the labels."""
    labels = [label for label in mer2023.LABELS if config.classes == 6 or label != LEFT_OUT]
    yield from _recognition.questions(clips(path, config), labels)
