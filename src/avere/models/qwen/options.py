"""What a caller may choose about a Qwen2.5-Omni model, and what its folder says by default."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Literal, Self

import torch
from pydantic import Field

from avere import settings
from avere.errors import AvereError
from avere.models.packing import flex_attention, tree_attention
from avere.models.packing.quantisation import Quantisation
from avere.models.qwen.video import VideoLayout
from avere.settings import Settings

FILE = "avere.json"
"""In a model or adapter folder: the inputs it was made for."""

INPUTS = (
    *("frames", "size", "min_pixels", "max_pixels", "audio_seconds", "fps"),
    *("interleaved", "media_order"),
)
"""What belongs to the model and is stored beside its weights; the rest belongs to the machine."""


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
    audio_seconds: float = Field(30.0, gt=0)
    """Window of sound; the rest is cut (Qwen2.5-Omni: 30)."""
    fps: float | None = Field(None, gt=0)
    """Frame rate that temporal positions tell; by default frames / duration of the clip."""
    interleaved: bool = False
    """Audio in chunks inside the video rather than a stream of its own; shares no video under other audio."""
    media_order: Literal["video_first", "audio_first"] = "video_first"
    """Which medium stands first in a prompt with both; readings that differ in the second share the first."""
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    """``auto``: bfloat16 on a GPU, float32 on a CPU."""
    device: str = "auto"
    """``meta``: shapes without weights, for estimates; nothing can be computed."""
    attention: Literal["auto", "tree", "flex", "sdpa", "eager"] = "auto"
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

    def in_folder(self, folder: Path) -> Self:
        """Return these options with the folder's values wherever the caller gave none.

        Raises:
            SettingsError: the folder's file holds unknown or wrong values.
        """
        file = folder / FILE
        if not file.is_file():
            return self
        stored = json.loads(file.read_text(encoding="utf-8"))
        chosen = {name: getattr(self, name) for name in self.model_fields_set}
        return settings.check({**stored, **chosen}, type(self), str(file))

    def write(self, folder: Path) -> None:
        """Store what belongs to the model."""
        text = json.dumps(self.model_dump(mode="json", include=set(INPUTS)), indent=2, sort_keys=True)
        (folder / FILE).write_text(text + "\n", encoding="utf-8")

    @property
    def layout(self) -> VideoLayout:
        """How frames become patches."""
        return VideoLayout(min_pixels=self.min_pixels, max_pixels=self.max_pixels, size=self.size)

    @property
    def torch_device(self) -> torch.device:
        """The device that ``device`` means on this machine."""
        if self.device != "auto":
            return torch.device(self.device)
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")

    def attention_name(self, width: int) -> str:
        """Return the library's name of the attention on this machine, for heads of this width.

        Raises:
            AvereError: flex is wanted without a GPU.
        """
        on_gpu = self.torch_device.type == "cuda"
        if self.attention == "flex" and not on_gpu:
            raise AvereError("attention 'flex' needs a CUDA device; choose 'tree', which runs anywhere")
        if self.attention == "auto":
            flex = on_gpu and flex_attention.works(width, self.torch_dtype)
            return flex_attention.NAME if flex else tree_attention.NAME
        own = {"tree": tree_attention.NAME, "flex": flex_attention.NAME}
        return own.get(self.attention, self.attention)

    @property
    def row_limit(self) -> int | None:
        """About how many tokens a packed row may hold; None where a row costs no more than its parts."""
        return self.row_tokens if self.attention in {"sdpa", "eager"} else None

    @property
    def outlined(self) -> bool:
        """Whether the model is to have shapes and no weights."""
        return self.torch_device.type == "meta"

    @property
    def torch_dtype(self) -> torch.dtype:
        """The number type that ``dtype`` means on this machine."""
        if self.dtype == "auto":
            return torch.bfloat16 if self.torch_device.type == "cuda" else torch.float32
        return {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}[self.dtype]
