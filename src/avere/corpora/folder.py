"""Any folder of clips with a table: CSV or JSON lines with path and label, and what else is known."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from avere.corpora import _files, _labels, _tables
from avere.records import Clip

LABELS: tuple[str, ...] = ()
"""Any word: the table decides."""
TABLES = ("labels.csv", "labels.jsonl", "labels.xlsx")
KNOWN = frozenset({"path", "label", "audio", "transcript", "split", "id"})


def clips(root: Path, *, split: str | None = None, labels: Sequence[str] | None = None) -> Iterator[Clip]:
    """Yield the clips of a table with columns path and label.

    Columns transcript, speaker, split, audio and id may be there; others become attributes. Paths are
    relative to the table. Words that the map of labels knows take its form (angry is anger); others stay as
    they are.

    Args:
        root: the table, or a folder with ``labels.csv``, ``labels.jsonl`` or ``labels.xlsx``.
        split: only rows with this split.
        labels: the label set; what is not in it leaves the emotion empty and gives the reason.

    Raises:
        AvereError: no table, or one without path and label.
    """
    table = root if root.is_file() else _files.first(root, TABLES, "table of clips")
    for row in _tables.rows(table, ("path", "label")):
        if split in (None, row.get("split")):
            yield _clip(table, row, labels)


def _clip(table: Path, row: dict[str, str], labels: Sequence[str] | None) -> Clip:
    """Return the clip of one row."""
    path = table.parent / row["path"]
    silent = path.suffix.lower() in _files.AUDIO
    known = _labels.word(row["label"]) or row["label"].strip().casefold()
    allowed = labels if labels is not None else ((known,) if known else ())
    emotion = known if known in allowed else None
    kept = _labels.named(row["label"], allowed).attributes
    if emotion is not None:
        kept.pop("unlabelled", None)
    return Clip(
        id=row.get("id") or Path(row["path"]).with_suffix("").as_posix(),
        video=None if silent else path,
        audio=table.parent / row["audio"] if row.get("audio") else path,
        emotion=emotion,
        attributes=kept | {key: value for key, value in row.items() if key not in KNOWN and value},
        transcript=row.get("transcript") or None,
        source="folder",
        split=row.get("split") or None,
    )
