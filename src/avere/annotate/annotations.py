"""What annotators said of clips, and what became of it: the records that the stages hand on."""

from typing import Literal

from avere.construct.construction import Dropped, Stage
from avere.interfaces import Usage
from avere.records import Cue, MediaTokens, Modality, Provenance, Record, Status

Whose = Literal["person", "other", "scene"]
Verdict = Literal["person", "other", "scene", "absent"]
Support = Literal["agreement", "audio-only", "video-only", "neither"]
"""Which modalities alone convey the emotion that the label names."""


class StageAnswer(Record):
    """One line of a stage's journal: what was paid for, whatever it was worth."""

    key: str
    """Digest of everything that the answer depends on."""
    stage: Stage
    about: str
    """The clip and modality, or the question, that it was first asked for."""
    attempt: Literal["first", "repair"]
    model: str
    asked: int
    """Characters of the words that were sent; media come on top."""
    reply: str
    status: Status
    reason: str | None = None
    media_tokens: MediaTokens = MediaTokens()
    seconds: float | None = None
    usage: Usage | None = None
    made_by: Provenance


class Sighting(Record):
    """Something that an annotator perceived."""

    text: str
    whose: Whose
    span: tuple[float, float] | None = None


class ModalityDescription(Record):
    """What one modality of a clip holds, by one annotator who saw or heard nothing else."""

    clip: str
    modality: Modality
    sightings: tuple[Sighting, ...] = ()
    transcript: str | None = None
    reason: str | None = None
    """Why there is nothing, where there is nothing."""
    dropped: tuple[Dropped, ...] = ()


class Inference(Record):
    """What the sightings of one modality convey; the cues say what each speaks for."""

    clip: str
    modality: Modality
    emotion: str | None = None
    cues: tuple[Cue, ...] = ()
    reason: str | None = None
    """Why no emotion is known."""
    dropped: tuple[Dropped, ...] = ()


class Checked(Record):
    """One cue before the second annotator."""

    cue: Cue
    """As the first annotator has it; absent ones are candidates that it did not list."""
    said: tuple[Verdict | None, ...]
    """What each validator said; None = gave no answer."""
    agreement: float | None
    """Share of the validators that bear the first one out; None where none answered."""


class Confirmation(Record):
    """All cues of one modality of a clip, checked."""

    clip: str
    modality: Modality
    emotion: str | None = None
    checked: tuple[Checked, ...] = ()
    reason: str | None = None
    """Why nobody was asked to check."""


class Waiting(Record):
    """A cue that annotators do not agree on, for people to decide."""

    id: str
    clip: str
    cue: Cue
    said: tuple[Verdict | None, ...]
    agreement: float | None
    question: str
    """What to ask people."""
