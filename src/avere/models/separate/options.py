"""What a caller may choose about a model of the library that is read as it comes."""

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import Field

from avere.models.packing.options import NumberType
from avere.records import Modality
from avere.settings import Settings

INPUTS = ("frames", "pictures", "audio_seconds", "media_order", "thinking")
"""What changes the numbers; the rest belongs to the machine."""


class StockOptions(Settings):
    """How media reach the model and where it runs."""

    frames: int = Field(8, ge=1)
    """Frames at even times; what size they get is the processor's to say."""
    pictures: bool = False
    """Give the frames one by one as pictures, also where the processor takes films."""
    audio_seconds: float = Field(30.0, gt=0)
    """Window of sound; the rest is cut, and told. Many encoders take no more."""
    media_order: Literal["video_first", "audio_first"] = "video_first"
    """Which medium stands first in a prompt with both."""
    thinking: bool = False
    """Whether a template that knows ``enable_thinking`` is told to let the model reason before it answers."""
    dtype: NumberType = "auto"
    """``auto``: bfloat16 on a GPU, float32 on a CPU."""
    device: str = "auto"
    remember: int = Field(64, ge=0)
    """How many decoded media are kept in memory."""

    def inputs(self) -> dict[str, Any]:
        """List what changes the numbers."""
        return self.model_dump(mode="json", include=set(INPUTS))

    @property
    def modalities(self) -> Sequence[Modality]:
        """The media in the order of a prompt."""
        return ("video", "audio") if self.media_order == "video_first" else ("audio", "video")

    @property
    def quantise(self) -> None:
        """Nothing: which of its layers are the language model's, a model of any kind does not tell."""
        return
