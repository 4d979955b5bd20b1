"""Any folder of clips with a table: CSV or JSON lines with path and label, and what else is known."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from avere.corpora import _files, _labels, _tables
from avere.errors import AvereError
from avere.media import SOUND_SUFFIXES
from avere.records import Clip

LABELS: tuple[str, ...] = ()
"""Any word: the table decides."""
TABLES = ("labels.csv", "labels.jsonl", "labels.xlsx", "labels.tsv")
NAMES: Mapping[str, tuple[str, ...]] = {
    "path": ("path", "filename", "file_name", "file", "filepath", "video", "clip"),
    "label": ("label", "emotion"),
    "audio": ("audio",),
    "transcript": ("transcript",),
    "split": ("split",),
    "id": ("id",),
}
"""Columns that mean something, and what others call them, in any case; the first that is there counts."""
NEEDED = ("path", "label")


def clips(
    root: Path,
    *,
    split: str | None = None,
    labels: Sequence[str] | None = None,
    encoding: str | None = None,
) -> Iterator[Clip]:
    """Yield the clips of a table with columns path and label.

    Columns transcript, speaker, split, audio and id may be there; others become attributes. Paths are
    relative to the table. Words that the map of labels knows take its form (angry is anger); others stay as
    they are. A clip is called by its id, else by its path without the suffix. Its sound is the column audio,
    else a sound file of the same name beside it (``x.wav`` beside ``x.mp4``) that has no row of its own, else
    the sound of the file itself. In rows of their own both are called ``x``, and whatever needs clips by
    their ids refuses them.

    Args:
        root: the table, or a folder with ``labels.csv``, ``.jsonl``, ``.xlsx`` or ``.tsv``.
        split: only rows with this split.
        labels: the label set; what is not in it leaves the emotion empty and gives the reason.
        encoding: of the text; by default UTF-8, or UTF-16 where the file begins with its mark.

    Raises:
        AvereError: no table, one without path and label, or a row without a path.
    """
    table = root if root.is_file() else _files.first(root, TABLES, "table of clips")
    numbered = _tables.numbered_rows(table, encoding=encoding)
    names = _columns(table, numbered)
    rows = [
        (one, {names.get(column, column): value for column, value in raw.items()}) for one, raw in numbered
    ]
    listed = frozenset(table.parent / _place(row) for _, row in rows)
    for number, row in rows:
        clip = _clip(table, number, row, labels)
        if clip.audio == clip.video and clip.video is not None:
            clip = clip.model_copy(update={"audio": _beside(clip.video, listed) or clip.audio})
        if split in (None, clip.split):
            yield clip


def _columns(table: Path, rows: Sequence[_tables.NumberedRow]) -> dict[str, str]:
    """Find the columns that mean something: our names by the table's.

    Raises:
        AvereError: there are no rows, or none of the columns holds paths, or labels.
    """
    held = list(dict.fromkeys(column for _, row in rows for column in row))
    found: dict[str, str] = {}
    for name, spellings in NAMES.items():
        match = next((column for one in spellings for column in _spelt(one, held)), None)
        if match is not None:
            found[match] = name
        elif name in NEEDED:
            raise AvereError(
                f"'{table}' has no column '{name}' (or {', '.join(spellings[1:])}) in its rows, only: "
                f"{', '.join(held) or 'nothing'}; rename the column that holds it"
            )
    return found


def _spelt(name: str, held: Sequence[str]) -> list[str]:
    """List the columns of a name in any case, the very word first."""
    return sorted((column for column in held if column.casefold() == name), key=name.__ne__)


def _place(row: Mapping[str, str]) -> str:
    """Write the path of a row with the slashes of every system."""
    return row.get("path", "").replace("\\", "/")


def _beside(video: Path, listed: Collection[Path]) -> Path | None:
    """Find the sound file that goes by the name of a video and has no row of its own."""
    found = (video.with_suffix(suffix) for suffix in sorted(SOUND_SUFFIXES))
    return next((path for path in found if path not in listed and path.is_file()), None)


def _clip(table: Path, number: int, row: Mapping[str, str], labels: Sequence[str] | None) -> Clip:
    """Make the clip of one row.

    Raises:
        AvereError: its path or its label cannot be one.
    """
    for name in NEEDED:
        text = row.get(name, "")
        if (not text and name == "path") or any(character < " " for character in text):
            raise AvereError(f"{table}:{number}: the {name} is {text!r}; write one word or path in one line")
    place = _place(row)
    path = table.parent / place
    silent = path.suffix.lower() in SOUND_SUFFIXES
    known = _labels.word(row.get("label", "")) or row.get("label", "").strip().casefold()
    allowed = labels if labels is not None else ((known,) if known else ())
    emotion = known if known in allowed else None
    kept = _labels.named(row.get("label", ""), allowed).attributes
    if emotion is not None:
        kept.pop("unlabelled", None)
    return Clip(
        id=row.get("id") or (PurePosixPath(place).parent / PurePosixPath(place).stem).as_posix(),
        video=None if silent else path,
        audio=table.parent / row["audio"].replace("\\", "/") if row.get("audio") else path,
        emotion=emotion,
        attributes=kept | {key: value for key, value in row.items() if key not in NAMES and value},
        transcript=row.get("transcript") or None,
        source="folder",
        split=row.get("split") or None,
    )
