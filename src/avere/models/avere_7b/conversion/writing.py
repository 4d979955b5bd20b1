"""A safetensors file written tensor by tensor, so that no more than one is in memory.

The form: the length of a JSON header in eight bytes, the header with type, shape and place of each tensor,
their bytes in order (https://github.com/huggingface/safetensors). The library's writer wants all at once.
"""

import json
import struct
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import Tensor

from avere.models.avere_7b.conversion.checkpoint import TYPES, Stored

NAMES = {dtype: name for name, dtype in TYPES.items()}


def write_tensors(path: Path, named: Sequence[tuple[str, Stored]], read: Callable[[str], Tensor]) -> int:
    """Write tensors of the shapes and types of ``named`` under its names; count their bytes.

    Args:
        path: the file.
        named: new names, and what is known of each tensor.
        read: gives the tensor of a new name, when it is its turn.
    """
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    place = 0
    for name, stored in named:
        size = torch.Size(stored.shape).numel() * stored.dtype.itemsize
        header[name] = {
            "dtype": NAMES[stored.dtype],
            "shape": list(stored.shape),
            "data_offsets": [place, place + size],
        }
        place += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for name, _ in named:
            read(name).contiguous().reshape(-1).view(torch.uint8).numpy().tofile(file)
    return place
