"""DFEW: seven emotions in clips of films, tested fold by fold (`avere.corpora.dfew`).

``fold: all`` asks the test parts of all five folds, which share no clip, and reports each fold and their
mean; AVERE's published numbers are of fold 1 alone.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from avere.benchmark import _recognition
from avere.benchmark._recognition import FAMILY, options, parse, prompt, published, template
from avere.corpora import dfew
from avere.records import Clip, Question
from avere.settings import Settings

Fold = Literal[1, 2, 3, 4, 5]
FOLDS: tuple[Fold, ...] = (1, 2, 3, 4, 5)

__all__ = ["FAMILY", "Config", "clips", "options", "parse", "prompt", "published", "questions", "template"]


class Config(Settings):
    """What a recipe says of the data."""

    fold: Fold | Literal["all"]
    """Whose test part is asked; there is no default, for papers differ."""
    prepared: bool = False
    """Media at 24 frames a second and 16 kHz, as the published preparation writes them."""


def clips(path: Path, config: Config) -> Iterator[Clip]:
    """Yield the single-labelled test clips of the chosen folds."""
    for fold in FOLDS if config.fold == "all" else (config.fold,):
        yield from dfew.clips(path, fold=fold, split="test", prepared=config.prepared)


def questions(path: Path, config: Config) -> Iterator[Question]:
    """Yield a question a clip; its kind names the fold."""
    for clip in clips(path, config):
        yield from _recognition.questions([clip], dfew.LABELS, f"fold {clip.attributes['fold']}")
