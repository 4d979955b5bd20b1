"""What every local model lets a caller choose: where it runs and how it computes there."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Protocol, Self

import torch

from avere.errors import AvereError
from avere.models.packing import flex_attention, tree_attention
from avere.models.packing.quantisation import Quantisation

NumberType = Literal["auto", "float32", "bfloat16", "float16"]
"""``auto``: bfloat16 on a GPU, float32 on a CPU."""

Attention = Literal["auto", "tree", "flex", "sdpa", "eager"]
"""How packed rows attend: branch by branch (tree), by compiled block masks on a GPU (flex), or with a dense
mask. ``auto``: flex on a GPU where it works, else tree."""


class MachineOptions(Protocol):
    """The settings that those of any model on this machine must have."""

    @property
    def dtype(self) -> NumberType:
        """Number type of the weights."""

    @property
    def device(self) -> str:
        """``auto``, a device of torch, or ``meta``: shapes without weights, for estimates."""

    @property
    def quantise(self) -> Quantisation | None:
        """Keep the language model's linear layers in four bits."""

    def inputs(self) -> dict[str, Any]:
        """List what belongs to the model and is stored beside its weights; the rest is of the machine."""


class LocalOptions(MachineOptions, Protocol):
    """The settings that those of a family must have; they stand flat among those of its media."""

    @property
    def model_fields_set(self) -> set[str]:
        """The names of what the caller chose."""

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Copy with some values changed."""

    @property
    def attention(self) -> Attention:
        """How packed rows attend."""

    @property
    def adapter(self) -> Path | None:
        """Folder of a peft adapter."""

    @property
    def train_encoders(self) -> bool:
        """Let gradients reach the media encoders and their projectors."""

    @property
    def batch_tokens(self) -> int:
        """About how many tokens one forward of ``score`` or ``respond`` holds."""

    @property
    def row_tokens(self) -> int:
        """About how many tokens a packed row holds under a dense mask."""


def device_of(options: MachineOptions) -> torch.device:
    """Find the device that ``device`` means on this machine."""
    if options.device != "auto":
        return torch.device(options.device)
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def settle_kernels(device: torch.device) -> None:
    """Keep attention on a GPU from cuDNN's kernels, in the whole process.

    They plan anew for every length, and hardly two steps, media or tokens of a reply have the same. On an
    H200 that took 40 ms a token of a reply and 120 ms a length of training; other kernels need 0.1 and 1.5.
    """
    if device.type == "cuda":
        torch.backends.cuda.enable_cudnn_sdp(enabled=False)


def number_type_of(options: MachineOptions) -> torch.dtype:
    """Find the number type that ``dtype`` means on this machine."""
    if options.dtype == "auto":
        return torch.bfloat16 if device_of(options).type == "cuda" else torch.float32
    return {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}[options.dtype]


def is_outlined(options: MachineOptions) -> bool:
    """True where the model is to have shapes and no weights."""
    return device_of(options).type == "meta"


def attention_of(options: LocalOptions, width: int) -> str:
    """Find the library's name of the attention on this machine, for heads of this width.

    Raises:
        AvereError: flex is wanted without a GPU.
    """
    on_gpu = device_of(options).type == "cuda"
    if options.attention == "flex" and not on_gpu:
        raise AvereError("attention 'flex' needs a CUDA device; choose 'tree', which runs anywhere")
    if options.attention == "auto":
        flex = on_gpu and flex_attention.works(width, number_type_of(options))
        return flex_attention.NAME if flex else tree_attention.NAME
    own = {"tree": tree_attention.NAME, "flex": flex_attention.NAME}
    return own.get(options.attention, options.attention)


def row_limit_of(options: LocalOptions) -> int | None:
    """Find about how many tokens a packed row may hold; None where a row costs no more than its parts."""
    return options.row_tokens if options.attention in {"sdpa", "eager"} else None
