"""Your own clips: any folder with a table of labels (`avere.corpora.folder`), asked for its own label set."""

from collections.abc import Iterator
from pathlib import Path

from avere import corpora
from avere.benchmark import _recognition
from avere.benchmark._recognition import FAMILY, options, parse, prompt, template
from avere.corpora import folder
from avere.errors import AvereError
from avere.records import Clip, Question, jsonl
from avere.settings import Settings

RECORDS = "clips.jsonl"

__all__ = ["FAMILY", "Config", "clips", "options", "parse", "prompt", "questions", "template"]


class Config(Settings):
    """What a recipe says of the data."""

    labels: tuple[str, ...] | None = None
    """The words to choose from; by default all that the table holds."""
    split: str | None = None
    """Only rows with this split; the label set is that of the whole table."""
    encoding: str | None = None
    """Of the table, where it is not UTF-8: ``cp1252``."""


def clips(path: Path, config: Config) -> Iterator[Clip]:
    """Yield the clips of a table, or of ``clips.jsonl`` where there is no table, without media they lack.

    Raises:
        AvereError: there is neither, or a row is wrong.
    """
    found = (clip for clip in _every(path, config) if config.split in (None, clip.split))
    yield from map(corpora.fit_tracks, found)


def questions(path: Path, config: Config) -> Iterator[Question]:
    """Yield a question for each clip with a label.

    Raises:
        AvereError: there are fewer than two labels to choose from.
    """
    labels = config.labels or tuple(sorted({clip.emotion for clip in _every(path, config) if clip.emotion}))
    if len(labels) < 2:
        raise AvereError(
            f"'{path}' holds {len(labels)} label{'' if len(labels) == 1 else 's'} to choose from; label the "
            "clips with two or more, or name them with --set data.labels=[...]"
        )
    yield from _recognition.questions(clips(path, config), labels)


def _every(path: Path, config: Config) -> Iterator[Clip]:
    """Yield all rows, whatever their split."""
    file = path / RECORDS if path.is_dir() else path
    if file.name == RECORDS and file.is_file() and not any((path / one).exists() for one in folder.TABLES):
        yield from jsonl.read(file, Clip)
    else:
        yield from folder.clips(path, labels=config.labels, encoding=config.encoding)
