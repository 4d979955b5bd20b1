"""What a form is written from, how, and what came of it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from avere.errors import AvereError, RecordError
from avere.records import Clip, PreferencePair, Question, jsonl

Way = Literal["copy", "link", "none", "embed"]
"""What becomes of media: copied, symbolic links, only named, or put inside the rows."""


class DataFolder(NamedTuple):
    """A folder of records; each is read when it is wanted."""

    folder: Path
    clips: Mapping[str, Clip]

    def questions(self) -> Iterator[Question]:
        """Yield the questions.

        Raises:
            RecordError: there are none, a line cannot be read, or two have one id.
        """
        yield from jsonl.read_by_id(self.folder / "questions.jsonl", Question).values()

    def pairs(self) -> Iterator[PreferencePair]:
        """Yield the preference pairs.

        Raises:
            RecordError: there are none, a line cannot be read, or two have one id.
        """
        yield from jsonl.read_by_id(self.folder / "pairs.jsonl", PreferencePair).values()

    def clip(self, name: str | None) -> Clip:
        """Find the clip of an id.

        Raises:
            RecordError: the folder has no such clip.
        """
        if name is None or name not in self.clips:
            raise RecordError(f"clip '{name}', which clips.jsonl lacks")
        return self.clips[name]


class FormatOptions(NamedTuple):
    """How a form is written."""

    media: Way
    frames: int = 8
    """Of a corrupted video that is no other clip's: as many as the readers of the file will take."""


LeftOut = defaultdict[str, list[str]]
"""Ids of the records that were not written, by reason."""


class Written(NamedTuple):
    """What was written, and what was not."""

    file: Path
    rows: int
    left_out: LeftOut


def open_folder(folder: Path) -> DataFolder:
    """Open a folder of records.

    Raises:
        RecordError: the folder has no clips.jsonl, or a line of it cannot be read.
    """
    return DataFolder(folder, jsonl.read_by_id(folder / "clips.jsonl", Clip))


def choose_way(way: str | None, known: Iterable[Way]) -> Way:
    """Choose the wanted way of placing media, or the first one.

    Raises:
        AvereError: the form does not know it.
    """
    ways = tuple(known)
    for each in ways:
        if way in (None, each):
            return each
    raise AvereError(f"media cannot be placed by '{way}' in this form; give one of {', '.join(ways)}")
