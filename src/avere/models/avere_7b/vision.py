"""A CLIP vision encoder that attends over time as well: what the library lacks of LanguageBind's video part.

Source: Zhu et al., ICLR 2024 (LanguageBind), arXiv:2310.01852. Attention, feed-forward and embeddings are the
library's CLIP parts.
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from transformers import PreTrainedModel
from transformers import initialization as init
from transformers.modeling_layers import GradientCheckpointingLayer
from transformers.models.clip.modeling_clip import CLIPMLP, CLIPAttention, CLIPVisionEmbeddings

from avere.models.avere_7b.configuration import AvereVisionConfig


class TemporalLayer(GradientCheckpointingLayer):
    """Attention over the frames at each place of the picture, then over the places of each frame."""

    def __init__(self, config: AvereVisionConfig) -> None:
        super().__init__()
        width, eps = config.hidden_size, config.layer_norm_eps
        clip: Any = config  # of another class, with the fields that CLIP's parts ask for
        self.temporal_embedding = nn.Parameter(torch.zeros(1, config.num_frames, width))
        self.temporal_layer_norm1 = nn.LayerNorm(width, eps=eps)
        self.temporal_attn = CLIPAttention(clip)
        self.layer_norm1 = nn.LayerNorm(width, eps=eps)
        self.self_attn = CLIPAttention(clip)
        self.layer_norm2 = nn.LayerNorm(width, eps=eps)
        self.mlp = CLIPMLP(clip)

    def forward(
        self, states: Float[Tensor, "videos frames places width"]
    ) -> Float[Tensor, "videos frames places width"]:
        """Add the time of each frame, which stays in the states, and what the three blocks find."""
        videos, frames, places, width = states.shape
        if frames > 1:
            states = states + self.temporal_embedding.unsqueeze(2)
        over_time = states.transpose(1, 2).reshape(videos * places, frames, width)
        over_time = over_time + self.temporal_attn(self.temporal_layer_norm1(over_time))[0]
        within = over_time.view(videos, places, frames, width).transpose(1, 2)
        within = within.reshape(videos * frames, places, width)
        within = within + self.self_attn(self.layer_norm1(within))[0]
        within = within + self.mlp(self.layer_norm2(within))
        found: Tensor = within.view(videos, frames, places, width)
        return found


class VideoTransformer(PreTrainedModel):
    """Frames to the states of one of the layers, class token of each frame included."""

    config: AvereVisionConfig
    main_input_name: str = "pixels"
    input_modalities: str | list[str] = ["video"]
    supports_gradient_checkpointing: bool = True
    _no_split_modules: set[str] | list[str] | None = ["TemporalLayer"]
    _supports_sdpa: bool = True
    _supports_flash_attn: bool = True
    _supports_attention_backend: bool = True

    def __init__(self, config: AvereVisionConfig, feature_layer: int = -2) -> None:
        super().__init__(config)
        clip: Any = config
        self.embeddings = CLIPVisionEmbeddings(clip)
        self.pre_layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.layers = nn.ModuleList([TemporalLayer(config) for _ in range(config.num_hidden_layers)])
        self.depth = feature_layer % (config.num_hidden_layers + 1)
        """Layers that the features have gone through; those behind have no effect."""
        self.post_init()

    def forward(
        self, pixels: Float[Tensor, "videos frames colours high wide"]
    ) -> Float[Tensor, "videos frames places width"]:
        """Encode videos up to the chosen layer."""
        return self.states(pixels)[-1]

    def states(
        self, pixels: Float[Tensor, "videos frames colours high wide"]
    ) -> list[Float[Tensor, "videos frames places width"]]:
        """List the states before the first layer and behind each, up to the chosen one."""
        embedded = self.pre_layernorm(self.embeddings(pixels.flatten(0, 1)))
        found = [embedded.unflatten(0, pixels.shape[:2])]
        for layer in self.layers[: self.depth]:
            found.append(layer(found[-1]))
        return found

    @torch.no_grad()
    def _init_weights(self, module: nn.Module) -> None:
        super()._init_weights(module)
        std = self.config.initializer_range
        if isinstance(module, TemporalLayer):
            init.normal_(module.temporal_embedding, std=std)
        if isinstance(module, CLIPVisionEmbeddings):
            init.normal_(module.class_embedding, std=std)
            # No weight of a file: the library makes modules without content, and files hold none for it.
            init.copy_(module.position_ids, torch.arange(module.num_positions).expand((1, -1)))
