"""Four-bit weights below an adapter: large models train on small cards (QLoRA, Dettmers et al., 2023)."""

from collections.abc import Sequence
from typing import Any, Literal

import torch
from transformers import BitsAndBytesConfig
from transformers.utils.import_utils import is_bitsandbytes_available

from avere.errors import AvereError, install_extra

Quantisation = Literal["nf4"]
"""Normal floats of four bits, their scales quantised once more."""


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
            f"quantise 'nf4' needs bitsandbytes, which is missing or too old; {install_extra('qlora')}"
        )


def arguments(device: torch.device, dtype: torch.dtype, whole: Sequence[str]) -> dict[str, Any]:
    """Write the arguments with which ``from_pretrained`` quantises the language model's linear layers.

    ``whole`` keeps its number type: encoders, and the head, whose products with the vocabulary are scored.
    """
    kind: Any = BitsAndBytesConfig  # untyped
    config = kind(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=dtype,
        llm_int8_skip_modules=list(whole),
    )
    return {"quantization_config": config, "device_map": {"": device}}
