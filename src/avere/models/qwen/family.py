"""Qwen2.5-Omni as a family: what it hands in to packed rows."""

from transformers.models.qwen2_5_omni.modeling_qwen2_5_omni import apply_rotary_pos_emb

from avere.models.packing.family import Family, Sense
from avere.models.qwen import network
from avere.models.qwen.processor import complete_options, open_processor

FAMILY = Family(
    name="qwen2_5_omni",
    model_types=network.MODEL_TYPES,
    language="model.language_model",
    encoders=network.ENCODERS,
    # All linear layers of the language model, none of the encoders.
    linears=r".*language_model\.layers\.\d+\.(self_attn|mlp)\.(q|k|v|o|gate|up|down)_proj",
    whole=(*network.ENCODERS, "lm_head"),
    rotate=apply_rotary_pos_emb,
    read=network.read,
    perceive=network.perceive,
    open_network=network.open_thinker,
    open_processor=open_processor,
    complete_options=complete_options,
    # Patches are merged by fours, and positions of sound, two frames each, by twos.
    senses=(Sense("video", 4), Sense("audio", 2)),
)
