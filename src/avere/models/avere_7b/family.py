"""AVERE-7B as a family: what it hands in to packed rows."""

from transformers.models.llama.modeling_llama import apply_rotary_pos_emb

from avere.models.avere_7b import network
from avere.models.avere_7b.prompts import open_prompts
from avere.models.packing.family import Family, Sense

FAMILY = Family(
    name="avere_7b",
    model_types=network.MODEL_TYPES,
    language="model.language_model",
    encoders=network.ENCODERS,
    # All linear layers of the language model, none of the encoders.
    linears=r".*language_model\.layers\.\d+\.(self_attn|mlp)\.(q|k|v|o|gate|up|down)_proj",
    whole=(*network.ENCODERS, "lm_head"),
    rotate=apply_rotary_pos_emb,
    read=network.read,
    perceive=network.perceive,
    open_network=network.open_network,
    open_processor=open_prompts,
    # A position a token of a frame; a window of 17 positions a token of sound.
    senses=(Sense("video", 1), Sense("audio", 17)),
)
