"""FERV39k (Wang et al., 2022): clips of faces from 22 kinds of scenes, seven emotions, without sound."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from avere.corpora import _files, _labels, _tables
from avere.errors import AvereError
from avere.media import VIDEO_SUFFIXES
from avere.records import Clip

LABELS = ("happiness", "sadness", "neutral", "anger", "surprise", "disgust", "fear")
CLIPS = ("0_7_LabelClips", "ferv39k/0_7_LabelClips")
SPLITS = ("4_setups/All_scenes/{}_All.csv", "ferv39k/4_setups/All_scenes/{}_All.csv")


def clips(root: Path, *, split: Literal["train", "test"] | None = None) -> Iterator[Clip]:
    """Yield the clips, with their split where ``4_setups`` is there.

    Args:
        root: the folder that holds ``0_7_LabelClips/<scene>/<emotion>/``.
        split: only this part of the split over all scenes.

    Raises:
        AvereError: the clips are missing, or ``split`` is given and its list is missing.
    """
    home = _files.first(root, CLIPS, "folder of clips")
    videos = _files.list_media(home, VIDEO_SUFFIXES)
    files = {path.relative_to(home).with_suffix("").as_posix(): path for path in videos}
    parts = {part: _listed(root, part, needed=split == part) for part in ("train", "test")}
    splits = {name: part for part, names in parts.items() for name in names}
    for name in dict.fromkeys((*files, *splits)):
        if split is None or splits.get(name) == split:
            yield _clip(name, files.get(name, home / f"{name}.mp4"), splits.get(name))


def _clip(name: str, video: Path, split: str | None) -> Clip:
    """Make one clip; its name is scene, emotion and number."""
    scene, _, rest = name.partition("/")
    emotion, kept = _labels.named(rest.partition("/")[0], LABELS)
    return Clip(
        id=name,
        video=video,
        emotion=emotion,
        attributes=kept | {"scene": scene},
        source="ferv39k",
        split=split,
    )


def _listed(root: Path, split: str, *, needed: bool) -> list[str]:
    """Read the clips of a split, one a line as in ``Action/Happy/0267 Happy``."""
    places = [place.format(split) for place in SPLITS]
    path = _files.first(root, places, f"{split} list") if needed else _files.optional(root, places)
    lines = _tables.words(path) if path else []
    wrong = next((line for line in lines if len(line.cells) != 2), None)
    if wrong is not None:
        raise AvereError(
            f"{path}:{wrong.number}: no line of a list of FERV39k; they are as in: Action/Happy/0267 Happy"
        )
    return [line.cells[0] for line in lines]
