"""The thinker of a Qwen3-Omni checkpoint: loading it, and running its parts on packed rows.

Its vision encoder makes several features a token: one stands in the token's place, the others are added to
the states behind the first layers of the language model. They travel side by side, see :func:`perceive`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import pad
from transformers import Cache, Qwen3OmniMoeThinkerConfig, Qwen3OmniMoeThinkerForConditionalGeneration

from avere.errors import AvereError
from avere.models.packing.last_layer import Mask
from avere.models.packing.network import read_config, read_network
from avere.models.qwen.media import QwenInputs
from avere.models.qwen.options import QwenOptions

MODEL_TYPES = ("qwen3_omni_moe_thinker", "qwen3_omni_moe")
ENCODERS = ("model.visual", "model.audio_tower")


def open_thinker(
    folder: Path, options: QwenOptions, more: Mapping[str, Any]
) -> Qwen3OmniMoeThinkerForConditionalGeneration:
    """Load the thinker of a folder, also out of a full Qwen3-Omni checkpoint; safetensors only.

    Raises:
        AvereError: another kind of model, or weights that are missing or do not fit.
    """
    thinker: Qwen3OmniMoeThinkerForConditionalGeneration = read_network(
        Qwen3OmniMoeThinkerForConditionalGeneration, folder, _config_in(folder), options, more
    )
    return thinker


def read(
    language: Any,
    embedded: Float[Tensor, "rows length features"],
    positions: Tensor,
    mask: Mask,
    cache: Cache | None,
) -> Float[Tensor, "_ nodes width"]:
    """Run the layers of the language model; what stands behind an embedding is added layer after layer."""
    states, *deeper = torch.split(embedded, language.config.hidden_size, dim=2)
    turns = language.rotary_emb(states, positions)
    for number, layer in enumerate(language.layers):
        states = layer(states, attention_mask=mask, position_embeddings=turns, past_key_values=cache)
        if number < len(deeper):
            states = states + deeper[number]
    normed: Tensor = language.norm(states)
    return normed


def perceive(network: Any, inputs: QwenInputs) -> Float[Tensor, "features width"]:
    """Run both encoders: features of all videos, then of all sounds.

    Those for deeper layers stand behind the first; sounds have none, which is to say zeros.
    """
    layers = len(network.config.vision_config.deepstack_visual_indexes)
    parts = []
    if len(inputs.grids):
        videos = network.model.get_video_features(inputs.patches, inputs.grids, return_dict=True)
        shown = (videos.pooler_output, *videos.deepstack_features)
        parts.append(torch.cat([torch.cat(list(each)) for each in shown], dim=1))
    if len(inputs.mel_lengths):
        tower = network.model.audio_tower
        sounds = tower(inputs.mels, feature_lens=inputs.mel_lengths, return_dict=True).last_hidden_state
        parts.append(pad(sounds, (0, layers * sounds.shape[1])))
    return torch.cat(parts)


def _config_in(folder: Path) -> Qwen3OmniMoeThinkerConfig:
    """Read the thinker's configuration.

    Raises:
        AvereError: another kind of model, or one that adds features behind its last layer.
    """
    content = read_config(folder, MODEL_TYPES, "a Qwen3-Omni folder")
    config: Qwen3OmniMoeThinkerConfig = Qwen3OmniMoeThinkerConfig.from_dict(
        content.get("thinker_config", content)
    )
    vision: Any = config.vision_config
    deeper, layers = len(vision.deepstack_visual_indexes), config.get_text_config().num_hidden_layers
    if deeper >= layers:
        raise AvereError(
            f"'{folder}' adds features behind {deeper} of {layers} layers; the last layer must have none, "
            "for it is computed in part"
        )
    return config
