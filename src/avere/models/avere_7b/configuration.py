"""The shape of AVERE-7B: a video encoder with temporal attention, Whisper, a windowed Q-Former, a LLaMA."""

from typing import Any, ClassVar

from transformers import Blip2QFormerConfig, LlamaConfig, PreTrainedConfig, WhisperConfig
from transformers.configuration_utils import SubConfigSpec

HALF_MINUTE = 1500
"""Whisper's frames of 30 s; the Q-Former's windows are counted in them, whatever the encoder's length."""


class AvereVisionConfig(PreTrainedConfig):
    """The video encoder; the values are those of LanguageBind's, a CLIP ViT-L/14 over 8 frames."""

    model_type: ClassVar[str] = "avere_7b_vision"
    base_config_key: ClassVar[str] = "vision_config"

    hidden_size: int = 1024
    intermediate_size: int = 4096
    num_hidden_layers: int = 24
    num_attention_heads: int = 16
    num_channels: int = 3
    num_frames: int = 8
    image_size: int = 224
    patch_size: int = 14
    hidden_act: str = "gelu"
    layer_norm_eps: float = 1e-5
    attention_dropout: float = 0.0
    initializer_range: float = 0.02

    @property
    def tokens_per_frame(self) -> int:
        """Patches of a frame and its class token."""
        return (self.image_size // self.patch_size) ** 2 + 1


class AvereConfig(PreTrainedConfig):
    """The whole model; without arguments it has the published sizes.

    >>> config = AvereConfig()
    >>> config.video_tokens, config.audio_tokens
    (2056, 88)
    """

    model_type: ClassVar[str] = "avere_7b"
    sub_configs_defaults: ClassVar[dict[str, SubConfigSpec]] = {
        "text_config": SubConfigSpec(LlamaConfig, init_kwargs={"rms_norm_eps": 1e-5}),
        "vision_config": SubConfigSpec(AvereVisionConfig),
        "audio_config": SubConfigSpec(
            WhisperConfig,
            init_kwargs={
                **{"d_model": 1280, "encoder_layers": 32, "encoder_attention_heads": 20},
                **{"encoder_ffn_dim": 5120, "num_mel_bins": 128, "max_source_positions": 1500},
            },
        ),
        "qformer_config": SubConfigSpec(
            Blip2QFormerConfig,
            init_kwargs={"num_hidden_layers": 2, "cross_attention_frequency": 1, "encoder_hidden_size": 1280},
        ),
    }

    text_config: Any = None
    """A LlamaConfig or what it is made of, as the next three of their kinds."""
    vision_config: Any = None
    audio_config: Any = None
    qformer_config: Any = None
    video_token_id: int = 32_000
    """Stands once for each feature of a video. It and the next have no row of the embedding table."""
    audio_token_id: int = 32_001
    vision_feature_layer: int = -2
    """Which of the encoder's states (one before the first layer, one behind each) goes to the projector."""
    queries_per_window: int = 1
    seconds_per_window: float = 0.33333
    seconds_per_stride: float = 0.33333
    tie_word_embeddings: bool = False

    @property
    def window(self) -> int:
        """Encoder frames that a window of the Q-Former sees."""
        return round(HALF_MINUTE * self.seconds_per_window / 30)

    @property
    def stride(self) -> int:
        """Encoder frames between the beginnings of two windows."""
        return round(HALF_MINUTE * self.seconds_per_stride / 30)

    @property
    def video_tokens(self) -> int:
        """Features of a video."""
        return int(self.vision_config.num_frames * self.vision_config.tokens_per_frame)

    @property
    def audio_tokens(self) -> int:
        """Features of a sound, whatever its length: it is padded to 30 s and the padding is heard."""
        windows = (self.audio_config.max_source_positions - self.window) // self.stride + 1
        return int(windows * self.queries_per_window)
