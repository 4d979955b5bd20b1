"""The shape of a model from the settings that official checkpoints and their backbones store."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from avere.errors import AvereError
from avere.models.avere_7b.configuration import AvereConfig
from avere.models.avere_7b.network import PUBLISHED
from avere.models.packing.ownership import CONFIG, read_json

LANGUAGE = (
    *("vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads"),
    *("num_key_value_heads", "rms_norm_eps", "rope_theta", "rope_scaling", "max_position_embeddings"),
    *("hidden_act", "initializer_range", "bos_token_id", "eos_token_id"),
)
VISION = (
    *("hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "num_channels"),
    *("num_frames", "image_size", "patch_size", "hidden_act", "layer_norm_eps"),
)
AUDIO = (
    *("d_model", "encoder_layers", "encoder_attention_heads", "encoder_ffn_dim", "num_mel_bins"),
    *("max_source_positions", "activation_function", "scale_embedding"),
)
QUESTIONS = ("hidden_size", "num_attention_heads", "intermediate_size", "hidden_act", "layer_norm_eps")
WORDLESS = {
    **{"vocab_size": 3, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 1},
    "decoder_layers": 0,
}
"""Of Whisper's decoder, which is not used."""
NEEDED: Mapping[str, object] = {
    "mm_projector_type": "mlp2x_gelu",
    "speech_projector_type": "qformer",
    "qformer_window_level": True,
    "mm_use_im_start_end": False,
}
"""Settings of the published model; another value is another model."""


def read_shape(checkpoint: Path, vision: Path | None, speech: Path | None, bert: Path | None) -> AvereConfig:
    """Make the configuration of a checkpoint; backbones that are None have the published sizes.

    Raises:
        AvereError: the checkpoint is of another kind, or settings are missing.
    """
    told = read_json(checkpoint / CONFIG)
    if told.get("model_type") not in PUBLISHED:
        raise AvereError(
            f"'{checkpoint}' holds a model of type {told.get('model_type')!r}, not {', '.join(PUBLISHED)}; "
            "give an official AVERE-7B checkpoint"
        )
    for name, wanted in NEEDED.items():
        if told.get(name, wanted) != wanted:
            raise AvereError(
                f"'{checkpoint / CONFIG}' says {name}={told[name]!r}, and this conversion knows {wanted!r} "
                "alone; give an official AVERE-7B checkpoint"
            )
    language = _chosen(told, LANGUAGE)
    if "vocab_size" not in language:
        raise AvereError(f"'{checkpoint / CONFIG}' tells no vocab_size; copy config.json beside the weights")
    size = int(language["vocab_size"])
    heard = _chosen(read_json(speech / CONFIG), AUDIO) if speech else {}
    asked = {
        **(_chosen(read_json(bert / CONFIG), QUESTIONS) if bert else {}),
        **{"num_hidden_layers": 2, "cross_attention_frequency": 1},
        "encoder_hidden_size": heard.get("d_model", told.get("speech_hidden_size", 1280)),
    }
    return AvereConfig(
        text_config=language | {"pad_token_id": 0},
        vision_config=_read_vision(vision),
        audio_config={**_published_audio(), **heard, **WORDLESS},
        qformer_config=asked,
        video_token_id=size,
        audio_token_id=size + 1,
        vision_feature_layer=told.get("mm_vision_select_layer", -2),
        queries_per_window=told.get("qformer_num_speech_query_tokens", 1),
        seconds_per_window=told.get("qformer_second_per_window", 0.33333),
        seconds_per_stride=told.get("qformer_second_stride", 0.33333),
    )


def _read_vision(folder: Path | None) -> dict[str, Any]:
    """Read the video encoder's settings; what the library leaves out of a file has the library's value.

    Raises:
        AvereError: the encoder does not attend over time.
    """
    if folder is None:
        return {}
    told = read_json(folder / CONFIG)
    told = told.get("vision_config", told)
    if not told.get("add_time_attn", True):
        raise AvereError(
            f"'{folder / CONFIG}' says add_time_attn=false; give the folder LanguageBind_Video_merge"
        )
    return {"hidden_act": "quick_gelu", **_chosen(told, VISION)} if told else {}


def _published_audio() -> dict[str, Any]:
    return dict(AvereConfig.sub_configs_defaults["audio_config"].init_kwargs)


def _chosen(told: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: told[name] for name in names if told.get(name) is not None}
