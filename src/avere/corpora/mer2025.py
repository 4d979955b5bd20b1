"""MER2025 (Lian et al., 2025), tracks 1 and 3: six emotions for some clips, descriptions for others.

The descriptions called OV-MERD are also what the published evaluation of explanations is scored against,
while its training takes both files of track 3: read ``subset="mercaptionplus"`` to train.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from avere.corpora import _files, _labels, _tables
from avere.records import Clip

LABELS = ("happiness", "sadness", "neutral", "anger", "surprise", "worry")
SUBSETS = ("mercaptionplus", "ovmerd")
EMOTIONS = "track1_train_disdim.csv"
SUBTITLES = "subtitle_chieng.csv"


def clips(
    root: Path,
    *,
    track: Literal[1, 3] | None = None,
    subset: Literal["mercaptionplus", "ovmerd"] | None = None,
    prepared: bool = False,
) -> Iterator[Clip]:
    """Yield the annotated clips, each once, with what both tracks say of it.

    Args:
        root: the folder that holds ``video``, ``audio`` and the files of the tracks.
        track: only clips with an emotion (1), or only those with a description (3).
        subset: only clips that this file of track 3 describes.
        prepared: media at 24 frames a second, and sounds of 16 kHz, as the published preparation writes them.

    Raises:
        AvereError: a file that is asked for is missing.
    """
    media = _files.tracks(root, ("video",), prepared=prepared, sounds=("audio",))
    kinds = SUBSETS if subset is None else (subset,)
    described = {kind: _by_name(root, f"track3_train_{kind}.csv", "reason") for kind in kinds if track != 1}
    felt = _by_name(root, EMOTIONS, "discrete") if track != 3 and subset is None else {}
    spoken = _by_name(root, SUBTITLES, "name", needed=False)
    for name in dict.fromkeys((*felt, *(name for rows in described.values() for name in rows))):
        kept = {"unlabelled": "not in track 1"}
        emotion = None
        if name in felt:
            emotion, kept = _labels.named(felt[name]["discrete"], LABELS)
            kept |= {"valence": felt[name]["valence"]} if felt[name].get("valence") else {}
        kept |= {f"reason_{kind}": rows[name]["reason"] for kind, rows in described.items() if name in rows}
        text = spoken.get(name, {})
        kept |= {"translation": text["english"]} if text.get("english") else {}
        video, audio = media.of(name, f"{name}.mp4")
        yield Clip(
            id=name,
            video=video,
            audio=audio,
            emotion=emotion,
            attributes=kept,
            transcript=text.get("chinese") or None,
            source="mer2025",
            split="train",
        )


def _by_name(root: Path, file: str, column: str, *, needed: bool = True) -> dict[str, dict[str, str]]:
    """Read the rows of a file by clip; none where it is missing and not needed."""
    path = _files.first(root, (file,), file) if needed else _files.optional(root, (file,))
    return {row["name"]: row for row in _tables.rows(path, ("name", column), chinese=True)} if path else {}
