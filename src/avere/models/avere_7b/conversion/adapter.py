"""A LoRA of an official checkpoint, folded into its base weight by weight (Hu et al., 2022)."""

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from torch import Tensor

from avere.errors import AvereError
from avere.models.avere_7b.conversion.checkpoint import Stored, read_headers
from avere.models.avere_7b.names import CHECKPOINT, translate_name
from avere.models.packing.ownership import ADAPTER, read_json

FILES = ("adapter_model.safetensors", "adapter_model.bin")


class LoraFactors(NamedTuple):
    """What is added to a weight: scale · up · down."""

    down: Stored
    up: Stored
    scale: float


def read_adapter(folder: Path, base: Mapping[str, Stored]) -> dict[str, LoraFactors]:
    """List the factors of a LoRA folder by our names of the weights.

    Raises:
        AvereError: it is no plain LoRA, or one of another base.
    """
    told = read_json(folder / ADAPTER)
    if told.get("peft_type", "LORA") != "LORA" or told.get("use_dora") or told.get("modules_to_save"):
        raise AvereError(
            f"'{folder / ADAPTER}' is no plain LoRA; merge it with peft and give the whole checkpoint"
        )
    file = next((folder / name for name in FILES if (folder / name).is_file()), None)
    if file is None:
        raise AvereError(f"'{folder}' holds {ADAPTER}, but no {' or '.join(FILES)}; copy the adapter again")
    rank = int(told["r"])
    scale = told.get("lora_alpha", rank) / (math.sqrt(rank) if told.get("use_rslora") else rank)
    stored = read_headers(file)
    factors = {}
    for name, down in stored.items():
        if ".lora_A." not in name:
            continue
        up = stored.get(name.replace(".lora_A.", ".lora_B."))
        target = name.removeprefix("base_model.model.").replace(".lora_A.", ".").replace(".default.", ".")
        try:
            ours = translate_name(target, CHECKPOINT)
        except LookupError:
            ours = None
        weight = None if ours is None else base.get(ours)
        if ours is None or weight is None or up is None or (up.shape[0], down.shape[1]) != weight.shape:
            raise AvereError(
                f"'{file}' is an adapter of another base: '{name}' fits no weight of this one; give the base "
                f"that it was trained on ({told.get('base_model_name_or_path')})"
            )
        factors[ours] = LoraFactors(down, up, float(scale))
    if 2 * len(factors) != len(stored):
        raise AvereError(f"'{file}' holds more than the two factors of each layer; merge it with peft first")
    return factors


def fold(weight: Tensor, factors: LoraFactors, read: Callable[[Stored], Tensor]) -> Tensor:
    """Add the product of the factors, computed in float32, in the weight's own type."""
    down, up = (read(stored).float() for stored in (factors.down, factors.up))
    return (weight.float() + factors.scale * (up @ down)).to(weight.dtype)
