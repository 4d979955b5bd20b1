"""RAVDESS: actors who speak two sentences in eight emotions (`avere.corpora.ravdess`).

Full recordings only. AVERE's published numbers leave calm out and songs in.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from avere.benchmark import _recognition
from avere.benchmark._recognition import FAMILY, options, parse, prompt, published, template
from avere.corpora import ravdess
from avere.records import Clip, Question
from avere.settings import Settings

__all__ = ["FAMILY", "Config", "clips", "options", "parse", "prompt", "published", "questions", "template"]


class Config(Settings):
    """What a recipe says of the data."""

    calm: bool
    """Whether calm is asked and is a label; there is no default, for papers differ."""
    songs: bool = False
    """Whether sung clips are asked, too."""
    prepared: bool = False
    """Media at 24 frames a second and 16 kHz, as the published preparation writes them."""


def clips(path: Path, config: Config) -> Iterator[Clip]:
    """Yield the full recordings, by default spoken."""
    channel: Literal["speech"] | None = None if config.songs else "speech"
    yield from ravdess.clips(
        path, modality="audiovisual", channel=channel, calm=config.calm, prepared=config.prepared
    )


def questions(path: Path, config: Config) -> Iterator[Question]:
    """Yield a question a clip."""
    labels = [label for label in ravdess.LABELS if config.calm or label != "calm"]
    yield from _recognition.questions(clips(path, config), labels)
