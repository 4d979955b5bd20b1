"""The network of an AVERE-7B folder: loading it, and running its parts on packed rows."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from transformers import Cache

from avere.errors import AvereError
from avere.models.avere_7b.configuration import AvereConfig
from avere.models.avere_7b.media import AvereInputs
from avere.models.avere_7b.modeling import AvereForConditionalGeneration
from avere.models.avere_7b.options import AvereOptions
from avere.models.packing.last_layer import Mask
from avere.models.packing.network import read_config, read_network
from avere.models.packing.ownership import CONFIG, read_json

MODEL_TYPES = (AvereConfig.model_type,)
PUBLISHED = ("avere", "videollava", "llava", "llava_llama")
"""What official checkpoints call themselves."""
ENCODERS = ("model.video_encoder", "model.speech_encoder")


def open_network(
    folder: Path, options: AvereOptions, more: Mapping[str, Any]
) -> AvereForConditionalGeneration:
    """Load the weights of a folder; safetensors only.

    Raises:
        AvereError: another kind of model, weights that are missing or do not fit, or attention that packed
            rows cannot use.
    """
    network: AvereForConditionalGeneration = read_network(
        AvereForConditionalGeneration, folder, _config_in(folder), options, more
    )
    return network


def read(
    language: Any,
    embedded: Float[Tensor, "rows length width"],
    positions: Tensor,
    mask: Mask,
    cache: Cache | None,
) -> Float[Tensor, "_ nodes width"]:
    """Run the layers of the language model; its own forward would make a mask of its own."""
    states = embedded
    turns = language.rotary_emb(states, position_ids=positions[0])
    for layer in language.layers:
        states = layer(states, attention_mask=mask, position_embeddings=turns, past_key_values=cache)
    normed: Tensor = language.norm(states)
    return normed


def perceive(network: Any, inputs: AvereInputs) -> Float[Tensor, "features width"]:
    """Run both encoders: features of all videos, then of all sounds."""
    dtype = network.dtype
    parts = []
    if len(inputs.pixels):
        parts.append(network.model.video_encoder(inputs.pixels.to(dtype)).flatten(0, 1))
    if len(inputs.mels):
        parts.append(network.model.speech_encoder(inputs.mels.to(dtype)).flatten(0, 1))
    return torch.cat(parts)


def _config_in(folder: Path) -> AvereConfig:
    """Read the configuration.

    Raises:
        AvereError: another kind of model, an official checkpoint among them.
    """
    found = read_json(folder / CONFIG).get("model_type")
    if found in PUBLISHED and found not in MODEL_TYPES:
        raise AvereError(
            f"'{folder}' is of type {found!r}, an official checkpoint; make a folder of it with: "
            f"avere convert avere-7b {folder} --backbones DIR --out DIR"
        )
    config: AvereConfig = AvereConfig.from_dict(read_config(folder, MODEL_TYPES, "another folder"))
    return config
