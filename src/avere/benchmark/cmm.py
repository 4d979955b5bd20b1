"""CMM: whether a model perceives what is there, and resists what one modality or a habit suggests.

Leng et al., 2024 (arXiv 2410.12787), the curse of multi-modalities. A folder holds
``all_data_final_reorg.json``, entries of category, sub_category, modality, granularity, video_path,
audio_path, question and answer, and the media at these paths. Every sample is asked with one probe that is
there ("yes") and one that is not ("no").
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from avere import __version__
from avere.benchmark import _yes_no
from avere.benchmark._yes_no import CHOICES, options, parse, prompt, template
from avere.errors import AvereError
from avere.records import Clip, Provenance, Question, Target
from avere.settings import Settings

FAMILY = "probes"
FILE = "all_data_final_reorg.json"
FIELDS = ("category", "sub_category", "granularity", "question", "answer")

__all__ = ["FAMILY", "Config", "clips", "options", "parse", "prompt", "questions", "template"]


class Config(Settings):
    """What a recipe may say of the data: nothing."""


def clips(path: Path, config: Config | None = None) -> Iterator[Clip]:
    """Yield the samples; a medium that a sample lacks is None, and so is a sound inside its video."""
    del config
    seen = set()
    for row in _rows(path):
        clip = _clip(row, _home(path))
        if clip.id not in seen:
            seen.add(clip.id)
            yield clip


def questions(path: Path, config: Config | None = None) -> Iterator[Question]:
    """Yield the probes in the order of the file: the sub-category is the task, the granularity the kind.

    Raises:
        AvereError: the file cannot be read, or an entry is not what it should be.
    """
    del config
    for number, row in enumerate(_rows(path)):
        clip = _clip(row, _home(path))
        target: Target = "audiovisual"
        if clip.audio is None or clip.video is None:
            target = "audio" if clip.video is None else "video"
        yield Question(
            id=f"{number:04d}",
            clip=clip.id,
            task=str(row["sub_category"]),
            kind=str(row["granularity"]) or None,
            text=str(row["question"]).strip(),
            choices=CHOICES,
            answer=_yes_no.answer_of(row["answer"], f"'{path}', entry {number}"),
            target=target,
            made_by=Provenance(version=__version__),
        )


def _rows(path: Path) -> list[Mapping[str, Any]]:
    return _yes_no.rows(path / FILE if path.is_dir() else path, FIELDS)


def _home(path: Path) -> Path:
    return path if path.is_dir() else path.parent


def _clip(row: Mapping[str, Any], home: Path) -> Clip:
    """Name the sample of an entry by its paths.

    Raises:
        AvereError: it has no medium.
    """
    paths = {name: str(row.get(f"{name}_path") or "").strip() for name in ("video", "audio")}
    if not any(paths.values()):
        raise AvereError(
            f"a sample of '{home}' has neither video_path nor audio_path; see the published file"
        )
    video, audio = (home / paths[name] if paths[name] else None for name in ("video", "audio"))
    return Clip(
        id=" + ".join(Path(one).as_posix() for one in paths.values() if one),
        video=video,
        audio=audio,
        attributes={"category": str(row["category"])},
        source="cmm",
        split="test",
    )
