"""MAFW (Liu et al., 2022): 10,045 clips, eleven emotions and 32 compounds, votes of eleven annotators."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from avere.corpora import _files, _labels, _tables
from avere.errors import AvereError
from avere.records import Clip

LABELS = (
    *("anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise"),
    *("contempt", "anxiety", "helplessness", "disappointment"),
)
CODES = {str(code): label for code, label in enumerate(LABELS, start=1)}
CLIPS = ("mafw_clips", "data/clips", "clips")
TABLES = ("mafw_label/Labels", "Labels")
SPLITS = tuple(
    f"{folder}/single/no_caption/set_{{fold}}/{{split}}.txt"
    for folder in ("mafw_label/Train & Test Set", "Train & Test Set")
)


def clips(
    root: Path,
    *,
    fold: Literal[1, 2, 3, 4, 5] | None = None,
    split: Literal["train", "test"] | None = None,
    prepared: bool = False,
) -> Iterator[Clip]:
    """Yield the clips with votes, compound label and descriptions.

    Args:
        root: the folder that holds clips and ``Labels``.
        fold: only the single-labelled clips of this fold, each with its split.
        split: only this part of the fold.
        prepared: media at 24 frames a second, and sounds of 16 kHz, as the published preparation writes them.

    Raises:
        AvereError: a split without a fold, or files are missing.
    """
    if split is not None and fold is None:
        raise AvereError(f"split '{split}' of MAFW depends on the fold; give fold as well, 1 to 5")
    media = _files.tracks(root, CLIPS, prepared=prepared)
    places = [f"{folder}/{{}}.{kind}" for folder in TABLES for kind in ("csv", "xlsx")]
    single = _by_clip(_files.first(root, [one.format("single-set") for one in places], "single-set"))
    compound = _by_clip(_files.optional(root, [one.format("multi-set") for one in places]))
    voted = _by_clip(_files.optional(root, [one.format("annotation") for one in places]))
    texts = _texts(_files.optional(root, [one.format("descriptive_text") for one in places]))
    parts = {} if fold is None else _fold(root, fold)
    names = dict.fromkeys((*voted, *single, *compound)) if fold is None else dict.fromkeys(parts)
    for name in names:
        if fold is not None and split not in (None, parts[name]):
            continue
        row = single.get(name, {})
        emotion, kept = _labels.named(row.get("single_label", "0"), LABELS, CODES)
        if emotion is None and kept["label"] == "0":
            kept["unlabelled"] = "the votes name no single emotion"
        kept |= _compound(compound.get(name, {})) | texts.get(name, {})
        kept |= {} if fold is None else {"fold": str(fold)}
        video, audio = media.of(name, f"{name}.mp4")
        yield Clip(
            id=name,
            video=video,
            audio=audio,
            emotion=emotion,
            votes=_labels.votes(
                voted.get(name) or row or compound.get(name, {}), LABELS, "annotation of MAFW"
            ),
            attributes=kept,
            source="mafw",
            split=parts.get(name),
        )


def _by_clip(path: Path | None) -> dict[str, dict[str, str]]:
    """Read the rows of a table of labels by clip; none where the table is missing."""
    if path is None:
        return {}
    return {row["clip"].removesuffix(".mp4"): row for row in _tables.rows(path, ("clip",), chinese=True)}


def _compound(row: dict[str, str]) -> dict[str, str]:
    """Spell out the compound label in words: codes "1,2" are "anger+disgust"."""
    codes = [code.strip() for code in row.get("multi_label", "").split(",") if code.strip()]
    return {"compound": "+".join(CODES.get(code, code) for code in codes)} if codes else {}


def _texts(path: Path | None) -> dict[str, dict[str, str]]:
    """Read the descriptions, which stand in three columns without a header: clip, Chinese, English.

    Raises:
        AvereError: a row has more or fewer columns.
    """
    found = {}
    for number, cells in _tables.lines(path, chinese=True) if path is not None else ():
        if len(cells) != 3:
            raise AvereError(
                f"{path}:{number}: {len(cells)} columns, not clip, Chinese, English; put words with commas "
                "in double quotes"
            )
        clip, chinese, english = cells
        found[clip.removesuffix(".mp4")] = {"description_zh": chinese, "description_en": english}
    return found


def _fold(root: Path, fold: int) -> dict[str, str]:
    """Read the split of each clip of a fold."""
    parts: dict[str, str] = {}
    for split in ("train", "test"):
        places = [place.format(split=split, fold=fold) for place in SPLITS]
        path = _files.first(root, places, f"{split} list of fold {fold}")
        parts |= {line.cells[0].removesuffix(".mp4"): split for line in _tables.words(path)}
    return parts
