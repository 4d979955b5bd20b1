"""Clips and what can be seen and heard in them."""

from collections.abc import Iterable, Mapping
from typing import Literal

from pydantic import Field, model_validator

from avere.errors import RecordError
from avere.files import MediumIdentity, identify_medium
from avere.records._base import MediaPath, Record

Modality = Literal["audio", "video"]
Target = Literal["audio", "video", "audiovisual"]


def _is_absent(value: object) -> bool:
    """True for None, which is not written, so that corruptions of earlier versions keep their digests."""
    return value is None


class Corruption(Record):
    """How a medium is made to contradict a response; fixed per record, the same in every epoch."""

    kind: Literal["clip", "noise", "diffusion", "silence", "shuffle", "blur-captions", "occlude"]
    clip: str | None = None
    """Id of the clip whose medium stands in, for ``kind="clip"`` only."""
    level: float | None = None
    """Strength in 0..1, for noise and diffusion."""
    seed: int = 0
    area: tuple[float, float, float, float] | None = Field(default=None, exclude_if=_is_absent)
    """Left, top, right and bottom of what is covered, in shares of the frame; for ``kind="occlude"`` only."""
    span: tuple[float, float] | None = Field(default=None, exclude_if=_is_absent)
    """Begin and end of it, in shares of what the model gets of the medium; for ``kind="occlude"`` only."""


class Medium(Record):
    """One medium as a model shall get it: a file, and what is done to it after decoding."""

    path: MediaPath
    corruption: Corruption | None = None

    def identity(self, *, missing_ok: bool = False) -> MediumIdentity:
        """Name this medium by its bytes and its corruption, wherever it lies: equal names are equal media.

        With ``missing_ok`` a file that cannot be read goes by its name; whoever opens it says what is wrong.

        Raises:
            MediaError: the file cannot be read, or is empty.
        """
        done = None if self.corruption is None else self.corruption.model_dump_json()
        return identify_medium(self.path, done, missing_ok=missing_ok)


class Shown(Record):
    """The emotion that each modality alone conveys."""

    audio: str | None = None
    video: str | None = None


class Clip(Record):
    """A short video with its audio track."""

    id: str
    video: MediaPath | None = None
    audio: MediaPath | None = None
    emotion: str | None = None
    shown: Shown = Shown()
    votes: Mapping[str, float] = Field(default_factory=dict)
    attributes: Mapping[str, str] = Field(default_factory=dict)
    transcript: str | None = None
    source: str
    split: str | None = None


def by_id(clips: Iterable[Clip], place: str) -> dict[str, Clip]:
    """Arrange clips by their ids; ``place`` names where they are from.

    Raises:
        RecordError: two clips have one id (names the media of both).
    """
    found: dict[str, Clip] = {}
    for clip in clips:
        other = found.setdefault(clip.id, clip)
        if other is not clip:
            both = " and ".join(f"'{one.video or one.audio}'" for one in (other, clip))
            raise RecordError(
                f"'{place}': two clips have the id '{clip.id}', {both}; give each an id of its own, or take "
                "one out"
            )
    return found


class Cue(Record):
    """One audible or visible fact about a clip."""

    clip: str
    modality: Modality
    name: str = ""
    """What the cue is, whatever its wording: ``"smile"``; a file that does not say it means the wording."""
    text: str
    """One wording of it: ``"the broad smile"``."""
    present: bool
    evidence_of: str | None = None
    """The emotion that it speaks for where a person bears it; None for plain facts (shirt, rain)."""
    bearer: Literal["person", "other"] = "person"
    """``other``: present, but not this person's (a poster, a distant voice)."""
    span: tuple[float, float] | None = None
    """Seconds from the start of the clip."""

    @model_validator(mode="after")
    def _name_by_wording(self) -> "Cue":
        if not self.name:
            # Frozen for everybody else, and nobody has seen it yet. A validator before the fields would get
            # plain data, in which the lists of JSON are no tuples.
            object.__setattr__(self, "name", self.text)
        return self
