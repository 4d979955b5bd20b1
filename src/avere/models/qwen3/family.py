"""Qwen3-Omni as a family: what it hands in to packed rows."""

from transformers.models.qwen3_omni_moe.modeling_qwen3_omni_moe import apply_rotary_pos_emb

from avere.models.packing.family import Family, Sense
from avere.models.qwen3 import network
from avere.models.qwen3.processor import complete_qwen3_options, open_qwen3_processor

FAMILY = Family(
    name="qwen3_omni",
    model_types=network.MODEL_TYPES,
    language="model.language_model",
    encoders=network.ENCODERS,
    # The attention of the language model; experts hold their weights in one block each, and routers stay.
    linears=r".*language_model\.layers\.\d+\.self_attn\.(q|k|v|o)_proj",
    whole=(*network.ENCODERS, "lm_head"),
    rotate=apply_rotary_pos_emb,
    read=network.read,
    perceive=network.perceive,
    open_network=network.open_thinker,
    open_processor=open_qwen3_processor,
    complete_options=complete_qwen3_options,
    experts=("mlp.experts.gate_up_proj", "mlp.experts.down_proj"),
    # Patches are merged by fours; three convolutions go before the layers that see a sound.
    senses=(Sense("video", 4), Sense("audio", 1)),
)
