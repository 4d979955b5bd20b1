"""What a recipe of construction may say."""

from typing import Literal

from pydantic import Field

from avere.settings import Settings


class Questions(Settings):
    """What is asked of a clip."""

    basic: int = Field(default=1, ge=0)
    """Four-option questions a clip and modality."""
    stress: int = Field(default=2, ge=0)
    """Yes/no questions about one cue, a clip and modality; half of them yes."""
    plain: int = Field(default=1, ge=0)
    """Yes/no questions about shirt, object or ambient sound, a clip and modality; reported apart."""
    agreement: bool = True
    descriptions: bool = True


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
    yes_no: float = Field(default=0.0, ge=0)
    """Yes/no pairs for every open pair: the second arm; half of their chosen answers say yes."""


class Recipe(Settings):
    """One run of construction."""

    seed: int = Field(default=0, ge=0)
    questions: Questions = Questions()
    pairs: Pairs = Pairs()
