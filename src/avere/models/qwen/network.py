"""The thinker of a Qwen2.5-Omni checkpoint: loading it, and running its parts on packed rows."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from transformers import Cache, Qwen2_5OmniThinkerConfig, Qwen2_5OmniThinkerForConditionalGeneration

from avere.errors import AvereError
from avere.models.packing.last_layer import Mask
from avere.models.packing.network import read_config, read_network
from avere.models.qwen.media import QwenInputs
from avere.models.qwen.options import QwenOptions

MODEL_TYPES = ("qwen2_5_omni_thinker", "qwen2_5_omni")
ENCODERS = ("model.visual", "model.audio_tower")


def open_thinker(
    folder: Path, options: QwenOptions, more: Mapping[str, Any]
) -> Qwen2_5OmniThinkerForConditionalGeneration:
    """Load the thinker of a folder, also out of a full Qwen2.5-Omni checkpoint; safetensors only.

    Raises:
        AvereError: another kind of model, weights that are missing or do not fit, or attention that packed
            rows cannot use.
    """
    thinker: Qwen2_5OmniThinkerForConditionalGeneration = read_network(
        Qwen2_5OmniThinkerForConditionalGeneration, folder, _config_in(folder), options, more
    )
    return thinker


def read(
    language: Any,
    embedded: Float[Tensor, "rows length width"],
    positions: Tensor,
    mask: Mask,
    cache: Cache | None,
) -> Float[Tensor, "_ nodes width"]:
    """Run the language model; a mask under its kind of layer is taken as it is."""
    states: Tensor = language(
        inputs_embeds=embedded,
        position_ids=positions,
        attention_mask={"full_attention": mask},
        past_key_values=cache,
        use_cache=cache is not None,
    ).last_hidden_state
    return states


def perceive(network: Any, inputs: QwenInputs) -> Float[Tensor, "features width"]:
    """Run both encoders: features of all videos, then of all sounds."""
    parts = []
    if len(inputs.grids):
        videos = network.model.get_video_features(inputs.patches, inputs.grids, return_dict=True)
        parts += list(videos.pooler_output)
    if len(inputs.mel_lengths):
        halved = (inputs.mel_lengths - 1) // 2 + 1
        sounds = network.model.audio_tower(
            inputs.mels, feature_lens=inputs.mel_lengths, aftercnn_lens=halved, return_dict=True
        )
        parts.append(sounds.last_hidden_state)
    return torch.cat(parts)


def _config_in(folder: Path) -> Qwen2_5OmniThinkerConfig:
    """Read the thinker's configuration.

    Raises:
        AvereError: another kind of model, or attention that packed rows cannot use.
    """
    content = read_config(folder, MODEL_TYPES, "a Qwen2.5-Omni folder")
    config: Qwen2_5OmniThinkerConfig = Qwen2_5OmniThinkerConfig.from_dict(
        content.get("thinker_config", content)
    )
    if "sliding_attention" in config.get_text_config().layer_types:
        raise AvereError(
            f"'{folder}' uses sliding-window attention, which packed rows cannot; "
            "switch it off in config.json"
        )
    return config
