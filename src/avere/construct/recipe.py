"""What a recipe of construction may say."""

from typing import Literal

from pydantic import Field

from avere.settings import Settings
from avere.world.cues import EMOTIONS


class Questions(Settings):
    """What is asked of a clip."""

    basic: int = Field(default=1, ge=0)
    """Four-option questions a clip and modality."""
    stress: int = Field(default=2, ge=0)
    """Yes/no questions about one cue, a clip and modality; half of them yes."""
    plain: int = Field(default=1, ge=0)
    """Yes/no questions about shirt, object or ambient sound, a clip and modality; reported apart."""
    shares: Literal["exact", "halves"] = "exact"
    """Of stress questions: a quarter displaced and a quarter hallucinated, or half of them no in any way."""
    displaced: Literal["shown", "own"] = "shown"
    """Which displaced cues stress questions ask about: those of the emotion that the person shows, so that no
    answer follows from knowing that emotion, or all, each with its own emotion."""
    cross_modal: bool = False
    """Whether stress questions also ask about absent cues typical of what the other modality shows."""
    irrelevant: float = Field(default=0.0, ge=0, le=1)
    """Share of four-option questions in which one wrong option is a plain fact of the clip."""
    agreement: bool = True
    descriptions: bool = True
    named: float = Field(default=0.5, ge=0, le=1)
    """Share of the descriptions whose request names the emotion that is shown, as published prompts do."""
    words: bool = True
    """Whether clips with a spoken line are asked for the emotion with the line as subtitle and without."""


class Pairs(Settings):
    """How preference pairs are made."""

    targets_per_clip: int = Field(default=3, ge=1, le=3)
    """Of audio, video and audiovisual, in turn from clip to clip."""
    two_cues: float = Field(default=0.5, ge=0, le=1)
    """Share of answers that cite two cues, where the clip has two and nothing displaced in that modality."""
    audiovisual_rejects: Literal["one", "both"] = "one"
    """Whether a rejected answer about face and voice is wrong about one of them, drawn, or about both."""
    corruption: Literal["clip", "noise", "diffusion", "silence"] = "clip"
    """What stands in for a medium. Not shuffling: every cue of a shuffled clip is still there."""
    level: float | None = Field(default=None, gt=0, le=1)
    """Strength of noise and diffusion; None leaves nothing of the medium."""
    falsifying: bool = True
    """Whether a replacement must make the chosen answer false; False takes any, for ablations."""
    yes_no: float = Field(default=0.0, ge=0)
    """Yes/no pairs for every open pair; half of their chosen answers say yes."""
    agreement: float = Field(default=0.0, ge=0)
    """Pairs about agreement of face and voice for every open pair; half say yes where the clips allow it."""
    two_by_two: bool = False
    """Whether pairs are also made about clips with the picture of one and the sound of another clip: each
    picture then comes with two sounds and each sound with two pictures."""
    tested: int = Field(default=0, ge=0)
    """Instead of all others, so many yes/no pairs a clip and modality in the very form of the stress
    questions, with letters: the positive control of an experiment, which shows what a test can tell. No
    method is trained on them."""
    emotions: float = Field(default=0.0, ge=0)
    """Pairs that ask for the emotion in one word for every open pair."""
    named: float = Field(default=0.5, ge=0, le=1)
    """Share of the open prompts that name the emotion, as published prompts do."""
    subtitled: float = Field(default=0.0, ge=0, le=1)
    """Share of the open and one-word prompts that begin with the line of the clip, where it has one."""


class Annotation(Settings):
    """How clips are described, and which cues count as known."""

    emotions: tuple[str, ...] = Field(default=EMOTIONS, min_length=2)
    """The labels that a clip may bear; a clip with another one is left out."""
    max_tokens: int = Field(default=1024, ge=64)
    absent: int = Field(default=3, ge=0)
    """Cues an emotion, typical in the corpus and not described here, that the validators are asked about."""
    typical: int = Field(default=1, ge=1)
    """In how many clips a cue must speak for an emotion to be typical of it."""
    threshold: float = Field(default=1.0, gt=0, le=1)
    """Share of the validators that must bear a cue out; what stays below is left out and waits for people."""
    swapped: bool = False
    """Whether the annotator must also say that the cues are absent from the media of another clip."""
    conflicts: Literal["drop", "keep"] = "drop"
    """What becomes of a face or voice whose own cues speak for several emotions."""
    neither: Literal["drop", "keep"] = "drop"
    """What becomes of clips of which neither modality conveys the label."""
    expected_errors: float = Field(default=0.1, gt=0, lt=0.5)
    """Share of cues that an annotator is thought to get wrong: annotators who contradict each other much less
    than this implies may share their errors, and the summary warns."""


class Filters(Settings):
    """Which questions and pairs made with annotators are left out again."""

    duplicates: bool = True
    leaks: bool = True
    """Questions and pairs in which a cue names an emotion."""
    words: float = Field(default=0.1, ge=0)
    """By how much of its words the longest answer of a pair may exceed the shortest."""
    blind: bool = True
    """Questions that all models answer rightly without media which do better than chance at their task."""
    largest: float | None = Field(default=None, ge=1)
    """How many times the median number of questions one task, kind and emotion may have."""
    balance: bool = True
    """As many answers yes as no in each task, and the right options of a task on all letters alike."""


class ConstructionRecipe(Settings):
    """One run of construction."""

    seed: int = Field(default=0, ge=0)
    annotation: Annotation = Annotation()
    filters: Filters = Filters()
    questions: Questions = Questions()
    pairs: Pairs = Pairs()
