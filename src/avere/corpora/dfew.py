"""DFEW (Jiang et al., 2020): 16,372 clips of films, votes of ten annotators, five folds.

Read as released (``Clip/original``, ``Annotation``, ``EmoLabel_DataSplit``) or as the published AVERE
preparation lays it out (``dfew_original_clips``, ``dfew_annotation``).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from avere.corpora import _files, _labels, _tables
from avere.errors import AvereError
from avere.records import Clip

LABELS = ("happiness", "sadness", "neutral", "anger", "surprise", "disgust", "fear")
CODES = {str(code): label for code, label in enumerate(LABELS, start=1)}
FOLDS = range(1, 6)
CLIPS = ("dfew_original_clips", "Clip/original")
ANNOTATION = tuple(
    f"{folder}/annotation.{kind}" for folder in ("dfew_annotation", "Annotation") for kind in ("csv", "xlsx")
)
SPLITS = tuple(
    f"{folder}/{{split}}({form})/set_{{fold}}.csv"
    for folder in ("dfew_annotation", "EmoLabel_DataSplit")
    for form in ("single-labeled", "single_labeled")
)
PART = 1600
"""Clips a ``part_k`` folder, as the release's counts of its archives say."""


def clips(
    root: Path,
    *,
    fold: Literal[1, 2, 3, 4, 5] | None = None,
    split: Literal["train", "test"] | None = None,
    prepared: bool = False,
) -> Iterator[Clip]:
    """Yield the clips; the published evaluation takes ``fold=1, split="test"`` alone.

    Args:
        root: the folder that holds the release.
        fold: only the single-labelled clips of this fold, each with its split. Without it all clips, also
            those whose votes name no single emotion; ``attributes["test_fold"]`` is the fold that tests them.
        split: only this part of the fold.
        prepared: media at 24 frames a second, and sounds of 16 kHz, as the published preparation writes them.

    Raises:
        AvereError: a split without a fold, or files are missing.
    """
    if split is not None and fold is None:
        raise AvereError(f"split '{split}' of DFEW depends on the fold; give fold as well, 1 to 5")
    media = _files.tracks(root, CLIPS, prepared=prepared, name=number)
    table = _files.optional(root, ANNOTATION)
    annotated = _annotated(table) if table else {}
    if fold is not None:
        parts: dict[str, dict[str, str]] = {part: _fold(root, part, fold) for part in ("train", "test")}
        wanted = [part for part in parts if split in (None, part)]
        for part in wanted:
            for name, code in parts[part].items():
                yield _clip(media, name, code, annotated.get(name, {}), {"fold": str(fold)}, part)
        return
    tested = {name: (fold, code) for fold in FOLDS for name, code in _fold(root, "test", fold, table).items()}
    for name in annotated or tested:
        of_fold, code = tested.get(name, (None, "0"))
        row = annotated.get(name, {})
        known = {} if of_fold is None else {"test_fold": str(of_fold)}
        yield _clip(media, name, row.get("label", code), row, known, None)


def number(stem: str) -> str:
    """Strip leading zeros from the number of a clip: files and tables write them differently."""
    return stem.strip().lstrip("0") or "0"


def _annotated(path: Path) -> dict[str, dict[str, str]]:
    """Read the rows of the annotation by clip: votes, ``order`` (the clip) and ``label``.

    The release's own description calls these two ``clip_name`` and ``annotation``.
    """
    renamed = {"clip_name": "order", "annotation": "label"}
    table = [{renamed.get(key, key): value for key, value in row.items()} for row in _tables.rows(path)]
    if table and not {"order", "label"} <= set(table[0]):
        raise AvereError(f"'{path}' has no columns 'order' and 'label', only: {', '.join(table[0])}")
    return {number(row["order"].removesuffix(".mp4")): row for row in table}


def _fold(root: Path, split: str, fold: int, otherwise: Path | None = None) -> dict[str, str]:
    """Read clips and codes of one part of a fold; none where the annotation serves ``otherwise``."""
    places = [place.format(split=split, fold=fold) for place in SPLITS]
    if otherwise is not None and _files.optional(root, places) is None:
        return {}
    path = _files.first(root, places, f"{split} list of fold {fold}")
    return {
        number(row["video_name"].removesuffix(".mp4")): row["label"]
        for row in _tables.rows(path, ("video_name", "label"))
    }


def _clip(
    media: _files.Tracks,
    name: str,
    code: str,
    row: dict[str, str],
    known: dict[str, str],
    split: str | None,
) -> Clip:
    """Make one clip; its id is ``part_k/n``, by which EmoReAlM names it too."""
    part = f"part_{(int(name) - 1) // PART + 1}" if name.isdecimal() else "part_0"
    video, audio = media.of(name, f"{part}/{name}.mp4")
    held = video.parent.name if video.parent.name.startswith("part_") else part
    emotion, kept = _labels.named(code, LABELS, CODES)
    if code == "0":
        kept["unlabelled"] = "the votes name no single emotion"
    return Clip(
        id=f"{held}/{name}",
        video=video,
        audio=audio,
        emotion=emotion,
        votes=_labels.votes(row, LABELS, "annotation of DFEW"),
        attributes=kept | known,
        source="dfew",
        split=split,
    )
