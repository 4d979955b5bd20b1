"""Four-bit weights below an adapter: large models train on small cards (QLoRA, Dettmers et al., 2023)."""

from typing import Any, Literal

import torch
from transformers import BitsAndBytesConfig
from transformers.utils.import_utils import is_bitsandbytes_available

from avere.errors import AvereError

Quantisation = Literal["nf4"]
"""Normal floats of four bits, their scales quantised once more."""

WHOLE = ("model.visual", "model.audio_tower", "lm_head")
"""What keeps its number type: the encoders, and the head, whose products with the vocabulary are scored."""


def check(device: torch.device) -> None:
    """Refuse where weights cannot be quantised, before any are fetched.

    Raises:
        AvereError: the device is no CUDA device, or bitsandbytes is missing.
    """
    if device.type != "cuda" or not torch.cuda.is_available():
        raise AvereError(
            f"quantise 'nf4' needs a CUDA device, and this is '{device}'; leave quantise out, or use a "
            "machine with an NVIDIA card"
        )
    if not is_bitsandbytes_available():
        raise AvereError(
            "quantise 'nf4' needs bitsandbytes, which is missing or too old; pip install 'avere[qlora]'"
        )


def arguments(device: torch.device, dtype: torch.dtype) -> dict[str, Any]:
    """Return what ``from_pretrained`` takes to quantise the language model's linear layers."""
    kind: Any = BitsAndBytesConfig  # untyped
    config = kind(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=dtype,
        llm_int8_skip_modules=list(WHOLE),
    )
    return {"quantization_config": config, "device_map": {"": device}}
