"""MER2023 (Lian et al., 2023): Chinese films and series, six emotions and valence, three test sets."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from avere.corpora import _files, _labels, _tables
from avere.errors import AvereError
from avere.records import Clip

LABELS = ("happiness", "sadness", "neutral", "anger", "surprise", "worry")
Split = Literal["train", "test1", "test2", "test3"]
SPLITS: tuple[Split, ...] = ("train", "test1", "test2", "test3")
HOMES = ("MER2023/", "", "mer2023/MER2023/")
FOLDERS = ("", "test_labels/", "test-labels/", "mer2023train/")
TRANSCRIPTS = "transcription-engchi-polish.csv"


def clips(root: Path, *, split: Split | None = None, prepared: bool = False) -> Iterator[Clip]:
    """Yield the labelled clips; the published evaluation takes ``split="test3"`` without worry.

    Args:
        root: the folder that holds ``train``, ``test1`` ... and their label files.
        split: only this part; by default all that have a label file.
        prepared: media at 24 frames a second, and sounds of 16 kHz, as the published preparation writes them.

    Raises:
        AvereError: there is no label file, or no folder of clips for one.
    """
    spoken = _files.optional(root, [home + TRANSCRIPTS for home in HOMES])
    texts = {row["name"]: row for row in _tables.rows(spoken, ("name",), chinese=True)} if spoken else {}
    tables = {part: _files.optional(root, _places(part)) for part in SPLITS if split in (None, part)}
    if not any(tables.values()):
        raise AvereError(
            f"'{root}' holds no labels of MER2023 {split or 'at all'}; looked for: "
            f"{', '.join(_places(split or 'test3'))}; give the folder that holds them"
        )
    for part, path in tables.items():
        if path is None:
            continue
        media = _files.tracks(root, _folders(part), prepared=prepared)
        for row in _tables.rows(path, ("name", "discrete"), chinese=True):
            yield _clip(media, row, texts.get(row["name"], {}), part)


def _places(split: str) -> list[str]:
    """List where the labels of a part may be."""
    return [f"{home}{folder}{split}-label.csv" for home in HOMES for folder in FOLDERS]


def _folders(split: str) -> list[str]:
    """List where the clips of a part may be."""
    return [f"{home}{folder}{split}" for home in HOMES for folder in ("", "mer2023train/")]


def _clip(media: _files.Tracks, row: dict[str, str], text: dict[str, str], split: str) -> Clip:
    """Make one clip."""
    emotion, kept = _labels.named(row["discrete"], LABELS)
    kept |= {"valence": row["valence"]} if row.get("valence") else {}
    kept |= {"translation": text["english"]} if text.get("english") else {}
    video, audio = media.of(row["name"], f"{row['name']}.avi")
    return Clip(
        id=row["name"],
        video=video,
        audio=audio,
        emotion=emotion,
        attributes=kept,
        transcript=text.get("chinese") or None,
        source="mer2023",
        split=split,
    )
