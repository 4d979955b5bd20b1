"""What the stages that ask annotators have in common: where they write, what sides are called."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, TypeVar

from pydantic import BaseModel

from avere.annotate._asking import Order, open_desk
from avere.asking.desk import Desk
from avere.construct.construction import Dropped, Stage
from avere.construct.recipe import Annotation
from avere.interfaces import Prompt, Responder
from avere.records import Clip, Medium, Modality

F = TypeVar("F", bound=BaseModel)
SENSE: dict[Modality, str] = {"video": "seen", "audio": "heard"}
Clips = Callable[[], Iterable[Clip]]
"""Gives the clips anew each time, so that they need not be held."""


class Workspace(NamedTuple):
    """How and where the stages work."""

    folder: Path
    """Of journals and of what the stages hand on."""
    options: Annotation
    seed: int
    again: bool
    """Whether what failed in an earlier run is asked once more."""
    watch: Callable[[str], Callable[[], None]]
    """Told the name of a stage, gives what is called after each of its questions."""

    def desk(self, stage: Stage, annotator: Responder, form: type[F]) -> Desk[str, F]:
        """Open the desk where the questions of a stage are asked."""
        order = Order(stage, form, self.options.max_tokens, self.seed, self.again)
        return open_desk(self.journal(stage), annotator, order)

    def journal(self, stage: Stage) -> Path:
        """Name the journal of a stage."""
        return self.folder / f"{stage}.journal.jsonl"


def name_modality(clip: str, modality: Modality) -> str:
    """Make the id of one modality of a clip."""
    return f"{clip}/{modality}"


def prompt_about(text: str, modality: Modality, clip: Clip) -> Prompt:
    """Word the prompt about one modality of a clip; the other one is withheld."""
    medium = Medium(path=getattr(clip, modality))
    return Prompt(text=text, video=medium) if modality == "video" else Prompt(text=text, audio=medium)


def drop_modality(
    clip: str, modality: Modality, stage: Stage, reason: str, detail: str | None = None
) -> Dropped:
    """Make the record of a side that goes no further."""
    return Dropped(what="side", id=name_modality(clip, modality), stage=stage, reason=reason, detail=detail)


def number_entries(entries: Iterable[str]) -> str:
    """Write entries as a numbered list, as annotators get it."""
    return "\n".join(f"{number}. {entry}" for number, entry in enumerate(entries, start=1))


def sort_labelled(clips: Iterable[Clip], options: Annotation) -> Iterator[Clip | Dropped]:
    """Yield the clips that can be worked on, and for each other one why not."""
    seen: set[str] = set()
    for clip in clips:
        if clip.id in seen:
            yield Dropped(what="clip", id=clip.id, stage="describe", reason="another clip has this id")
        elif clip.emotion is None:
            yield Dropped(what="clip", id=clip.id, stage="describe", reason="no label")
        elif clip.emotion not in options.emotions:
            reason = "label is none of the recipe's emotions"
            yield Dropped(what="clip", id=clip.id, stage="describe", reason=reason, detail=clip.emotion)
        else:
            yield clip
        seen.add(clip.id)
