"""CREMA-D: actors who speak twelve sentences in six emotions, rated by people (`avere.corpora.crema_d`).

The only one of these corpora whose every clip was rated by ear, by eye and by both, so that a model under the
conditions a, v and av can be set against people under the same.
"""

from collections.abc import Iterator
from pathlib import Path

from avere.benchmark import _recognition
from avere.benchmark._recognition import FAMILY, options, parse, prompt, published, template
from avere.corpora import crema_d
from avere.records import Clip, Question
from avere.settings import Settings

PEOPLE = {"a": 40.9, "v": 58.2, "av": 63.6}
"""Share of ratings that name the intended emotion, over all clips and 2,443 raters (Cao et al., 2014)."""

__all__ = [
    "FAMILY",
    "PEOPLE",
    "Config",
    "clips",
    "options",
    "parse",
    "prompt",
    "published",
    "questions",
    "template",
]


class Config(Settings):
    """What a recipe may say of the data: nothing."""


def clips(path: Path, config: Config | None = None) -> Iterator[Clip]:
    """Yield the clips with their ratings, each under how it was met: ``audio:anger``."""
    del config
    yield from crema_d.clips(path)


def questions(path: Path, config: Config | None = None) -> Iterator[Question]:
    """Yield a question a clip; the right answer is what the actor was asked to show."""
    yield from _recognition.questions(clips(path, config), crema_d.LABELS)
