"""What people wrote down about clips in a table: a row a cue, in any words."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path

from avere.corpora import _files, _labels, _tables
from avere.errors import AvereError
from avere.records import Clip, Cue, Modality

TABLES = ("cues.csv", "cues.tsv", "cues.xlsx")
NAMES: Mapping[str, tuple[str, ...]] = {
    "clip": ("clip", "id", "path", "filename", "file_name", "file"),
    "modality": ("modality", "track", "sense"),
    "text": ("text", "cue", "wording"),
    "present": ("present", "there"),
    "evidence_of": ("evidence_of", "emotion", "label"),
    "bearer": ("bearer", "whose"),
    "name": ("name",),
    "start": ("start", "from"),
    "end": ("end", "to"),
}
"""Columns and what else they may be called, in any case; the first three are needed."""
NEEDED = ("clip", "modality", "text")
MODALITIES: Mapping[str, Modality] = {
    **dict.fromkeys(("video", "picture", "face", "seen", "visual"), "video"),
    **dict.fromkeys(("audio", "sound", "voice", "heard", "vocal"), "audio"),
}
PRESENT = {"": True, "yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
BEARERS = {"": "person", "person": "person", "other": "other"}


def find_cue_table(root: Path) -> Path | None:
    """Find the table of cues in a folder of clips, or beside its table; None where there is none."""
    return _files.optional(root if root.is_dir() else root.parent, TABLES)


def read_cues(table: Path, clips: Iterable[Clip], encoding: str | None = None) -> Iterator[Cue]:
    """Yield the cues of a table: its columns are clip, modality, text and, where known, the others of NAMES.

    A clip is named by its id or by its file. An empty ``present`` means yes, an empty ``bearer`` the person.

    Raises:
        AvereError: a column is missing, a clip is not known, or a cell is none of the words that it may be.
    """
    known = {name: clip.id for clip in clips for name in _names_of(clip)}
    numbered = _tables.numbered_rows(table, encoding=encoding)
    columns = _columns(table, numbered)
    for number, raw in numbered:
        row = {name: raw.get(column, "") for name, column in columns.items()}
        yield _cue(f"{table}:{number}", row, known)


def _names_of(clip: Clip) -> set[str]:
    """List what a table may call a clip."""
    path = clip.video or clip.audio
    return {clip.id, *(() if path is None else (path.name, path.stem))}


def _columns(table: Path, rows: Iterable[_tables.NumberedRow]) -> dict[str, str]:
    """Find the table's columns by our names.

    Raises:
        AvereError: one that is needed is missing.
    """
    held = {column.casefold(): column for _, row in rows for column in row}
    found = {
        name: next((held[one] for one in spellings if one in held), None) for name, spellings in NAMES.items()
    }
    lacking = [f"'{name}'" for name in NEEDED if found[name] is None]
    if lacking:
        raise AvereError(
            f"'{table}' has no column {', '.join(lacking)}, only: {', '.join(held.values()) or 'nothing'}; "
            "name the columns clip, modality, text"
        )
    return {name: column for name, column in found.items() if column is not None}


def _cue(place: str, row: Mapping[str, str], known: Mapping[str, str]) -> Cue:
    """Make the cue of one row.

    Raises:
        AvereError: a cell is wrong.
    """
    name = row["clip"].replace("\\", "/")
    if name not in known:
        close = get_close_matches(name, known, n=1)
        hint = f"did you mean '{close[0]}'?" if close else "add it to the table of clips"
        raise AvereError(f"{place}: no clip is called '{name}'; {hint}")
    if not row["text"]:
        raise AvereError(f"{place}: the cue has no words; write what is seen or heard")
    emotion = row.get("evidence_of", "")
    return Cue.model_validate(
        {
            "clip": known[name],
            "modality": _choice(place, "modality", row["modality"], MODALITIES),
            "text": row["text"],
            "present": _choice(place, "present", row.get("present", ""), PRESENT),
            "evidence_of": (_labels.word(emotion) or emotion.casefold()) or None,
            "bearer": _choice(place, "bearer", row.get("bearer", ""), BEARERS),
            "span": _span(place, row),
            **({"name": row["name"]} if row.get("name") else {}),
        }
    )


def _choice(place: str, column: str, word: str, words: Mapping[str, object]) -> object:
    """Find what a cell stands for.

    Raises:
        AvereError: it is none of the words.
    """
    if word.casefold() not in words:
        told = ", ".join(one for one in words if one)
        raise AvereError(f"{place}: '{word}' is no {column}; write one of: {told}")
    return words[word.casefold()]


def _span(place: str, row: Mapping[str, str]) -> tuple[float, float] | None:
    """Read the seconds of a cue; None where they are not both there."""
    if not (row.get("start") and row.get("end")):
        return None
    start, end = (_tables.number(row[name], f"{place}: {name}") for name in ("start", "end"))
    return start, end
