"""What a caller may choose about a Qwen2.5-Omni model, and what its folder says by default."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field

from avere.models.packing.options import Attention, NumberType
from avere.models.packing.quantisation import Quantisation
from avere.models.qwen.video import VideoLayout
from avere.settings import Settings

INPUTS = (
    *("frames", "size", "min_pixels", "max_pixels", "audio_seconds", "fps"),
    *("interleaved", "media_order"),
)
"""What belongs to the model and is stored beside its weights; the rest belongs to the machine."""


LONGEST_SOUND = 300.0
"""Seconds of sound that a model gets unless more is asked for: 7,500 tokens."""


class QwenOptions(Settings):
    """How media reach the model and where it runs; explicit values win over those of its folder."""

    OLD_NAMES: ClassVar[Mapping[str, str]] = {"train_towers": "train_encoders"}

    frames: int = Field(8, ge=1)
    """Frames at even times (released AVERE script: 8)."""
    size: tuple[int, int] | None = None
    """Exact height and width of frames, multiples of 28; wins over the areas."""
    min_pixels: int = Field(128 * 784, ge=784)
    max_pixels: int = Field(768 * 784, ge=784)
    """Smallest and largest area of a frame (Qwen2.5-Omni processor)."""
    audio_seconds: float | None = Field(None, gt=0)
    """Window of sound; the rest is cut, and told. None: what the folder's own extractor takes, at most
    LONGEST_SOUND (released Qwen2.5-Omni: 300; AVERE's paper: 30)."""
    fps: float | None = Field(None, gt=0)
    """Frame rate that temporal positions tell; by default frames / duration of the clip."""
    interleaved: bool = False
    """Audio in chunks inside the video rather than a stream of its own; shares no video under other audio."""
    media_order: Literal["video_first", "audio_first"] = "video_first"
    """Which medium stands first in a prompt with both; candidates with another second one share the first."""
    dtype: NumberType = "auto"
    """``auto``: bfloat16 on a GPU, float32 on a CPU."""
    device: str = "auto"
    """``meta``: shapes without weights, for estimates; nothing can be computed."""
    attention: Attention = "auto"
    """How packed rows attend: branch by branch (tree), by compiled block masks on a GPU (flex), or with a
    dense mask. ``auto``: flex on a GPU where it works, else tree."""
    quantise: Quantisation | None = None
    """Keep the language model's linear layers in four bits, to train an adapter on a small NVIDIA card."""
    adapter: Path | None = None
    """Folder of a peft adapter."""
    train_encoders: bool = False
    """Let gradients reach the vision and audio encoders and their projectors."""
    batch_tokens: int = Field(16_384, ge=1)
    """About how many tokens one forward of ``score`` or ``respond`` holds."""
    row_tokens: int = Field(4096, ge=1)
    """About how many tokens a packed row holds under a dense mask, whose cost is its square; tree and flex
    put everything in one row."""
    remember: int = Field(256, ge=0)
    """How many decoded media are kept in memory."""

    def inputs(self) -> dict[str, Any]:
        """List what belongs to the model and is stored beside its weights."""
        return self.model_dump(mode="json", include=set(INPUTS))

    @property
    def layout(self) -> VideoLayout:
        """How frames become patches."""
        return VideoLayout(min_pixels=self.min_pixels, max_pixels=self.max_pixels, size=self.size)
