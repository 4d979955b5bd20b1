"""What a caller may choose about an AVERE-7B model, and what its folder says by default."""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from avere.models.packing.options import Attention, NumberType
from avere.models.packing.quantisation import Quantisation
from avere.settings import Settings

INPUTS = ("media_order", "channels", "flip")
"""What belongs to the model and is stored beside its weights; the rest belongs to the machine."""


class AvereOptions(Settings):
    """How media reach the model and where it runs; explicit values win over those of its folder."""

    media_order: Literal["video_first", "audio_first"] = "video_first"
    """Which medium stands first in a prompt with both (trained: video; released demo: audio)."""
    channels: Literal["mean", "first"] = "mean"
    """How a sound with several channels becomes one (released script: the first alone)."""
    flip: Literal["never", "half"] = "never"
    """Whether the frames of half of all clips are mirrored (released script: a new draw at each look; here
    drawn from the clip's bytes, so that a score can be repeated)."""
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
    """Let gradients reach the video and speech encoders and their projectors (published: frozen)."""
    batch_tokens: int = Field(16_384, ge=1)
    """About how many tokens one forward of ``score`` or ``respond`` holds."""
    row_tokens: int = Field(4096, ge=1)
    """About how many tokens a packed row holds under a dense mask, whose cost is its square."""
    remember: int = Field(32, ge=0)
    """How many decoded media are kept in memory, 5 MB a video and 1.5 MB a sound."""

    def inputs(self) -> dict[str, Any]:
        """List what belongs to the model and is stored beside its weights."""
        return self.model_dump(mode="json", include=set(INPUTS))
