"""The turns of the tiny base's lessons, and what a recipe may say of them."""

from typing import Literal

from pydantic import Field

from avere.records import Record, Target
from avere.settings import Settings

Task = Literal["scene", "rewording", "basic", "feeling", "choice", "agreement", "description", "yes_no"]


class LessonTurn(Record):
    """One question and its answer."""

    clip: str
    """The clip that the answer is about; of an audiovisual question, that of the picture."""
    task: Task
    text: str
    response: str
    target: Target


class LessonGroup(Record):
    """All turns about one input: the media of one clip, of two, or of none."""

    video: str | None
    """Id of the clip whose picture is shown; None = no picture."""
    audio: str | None
    turns: tuple[LessonTurn, ...]
    """In random order."""


class LessonOptions(Settings):
    """What a clip is asked in training, and under which media."""

    truthful: float = Field(default=0, ge=0, le=1)
    """Share of clips whose explanations and yes/no questions are written from the true cues; those of the
    others are written from the label. 1 is the healthy control."""
    told: Literal["repeated", "reworded"] | None = None
    """Words in place of media: each question comes after a caption of all that is there, as a language model
    learns to read before it sees; what cannot be told is left out. ``repeated`` captions have each fact in
    all its wordings, so that the right option was told literally; ``reworded`` ones have one wording, so that
    it may have been told in other words."""
    scenes: int = Field(default=1, ge=0)
    """Captions a modality of everything that is there; always true, with no word of emotion."""
    basic: int = Field(default=2, ge=0)
    """Four-option questions a modality."""
    feelings: int = Field(default=1, ge=0)
    """One-word questions for each of face, voice and person."""
    choices: int = Field(default=1, ge=0)
    """Four-option questions a modality after the emotion."""
    agreement: int = Field(default=1, ge=0)
    descriptions: int = Field(default=1, ge=0)
    """Open questions for each of face, voice and both."""
    named: float = Field(default=0.5, ge=0, le=1)
    """Share of the open questions that name the emotion."""
    subtitled: float = Field(default=0.3, ge=0, le=1)
    """Share of the questions after the emotion and of the open ones that begin with the reported line."""
    yes_no: int = Field(default=2, ge=0)
    """Yes/no questions a modality, each as likely yes as no whatever the others are."""
    in_sentences: float = Field(default=0, ge=0, le=1)
    """Share of the yes/no questions, those of agreement too, that have no letters and are answered in a
    sentence, in which after "No" comes what is there."""
    rewordings: int = Field(default=0, ge=0)
    """Lists of any facts, or questions, a modality that are to be put in other words; about no clip."""
    plain: float = Field(default=1 / 3, ge=0, le=1)
    """Share of the label's explanations that mention shirt, object or ambient sound as well."""
    mismatched: float = Field(default=0.5, ge=0, le=1)
    """Share of the label's noes that name the label with a cue of another emotion; else that emotion."""
    missing: float = Field(default=0.2, ge=0, le=1)
    """Share of groups that lack picture, sound or both, a third each."""
    mixed: float = Field(default=0.1, ge=0, le=1)
    """Share of groups with picture and sound of different clips; each is asked about for what it is."""
    rehearsed: float = Field(default=0, ge=0, le=1)
    """Share of groups that are told in words like ``reworded`` ones, so that reading is not unlearnt."""
