"""Names of weights: those of the published checkpoint and its backbones, and ours.

>>> translate_checkpoint("model.video_tower.video_tower.pre_layrnorm.weight")
'model.video_encoder.vision.pre_layernorm.weight'
>>> translate_checkpoint("model.layers.0.self_attn.rotary_emb.inv_freq") is None
True
>>> translate_checkpoint("model.layers.0.self_attn.q_norm.weight")
Traceback (most recent call last):
LookupError: model.layers.0.self_attn.q_norm.weight
"""

import re
from collections.abc import Sequence

Rules = Sequence[tuple[str, str | None]]
"""Patterns of whole names and what they become; None for weights that change nothing."""

VISION: Rules = (
    (r"post_layernorm\..*", None),
    (r"embeddings\.position_ids", None),
    (r"pre_layrnorm\.(.*)", r"model.video_encoder.vision.pre_layernorm.\1"),
    (r"(embeddings\..*)", r"model.video_encoder.vision.\1"),
    (r"encoder\.(layers\..*)", r"model.video_encoder.vision.\1"),
)
"""Below the name of the video encoder."""

AUDIO: Rules = ((r"(.*)", r"model.speech_encoder.whisper.\1"),)
"""Below the name of the speech encoder."""

SPEECH_PROJECTOR: Rules = (
    (r"speech_Qformer\.bert\.embeddings\.position_ids", None),
    (r"ln_speech\.(.*)", r"model.speech_encoder.projector.layer_norm.\1"),
    (r"speech_query_tokens", r"model.speech_encoder.projector.query"),
    (r"speech_proj\.(.*)", r"model.speech_encoder.projector.linear.\1"),
    (
        r"speech_Qformer\.bert\.embeddings\.LayerNorm\.(.*)",
        r"model.speech_encoder.projector.qformer.layernorm.\1",
    ),
    (
        r"speech_Qformer\.bert\.(encoder\.layer\.\d+\.\w*attention)\.self\.(.*)",
        r"model.speech_encoder.projector.qformer.\1.attention.\2",
    ),
    (r"speech_Qformer\.bert\.(encoder\.layer\..*)", r"model.speech_encoder.projector.qformer.\1"),
)

LAYER = r"(?:(?:self_attn\.[qkvo]|mlp\.(?:gate|up|down))_proj|(?:input|post_attention)_layernorm)\.weight"

CHECKPOINT: Rules = (
    (r"model\.layers\.\d+\.self_attn\.rotary_emb\.inv_freq", None),
    (r"model\.image_tower\..*", None),
    *((rf"model\.video_tower\.video_tower\.{name}", ours) for name, ours in VISION),
    *((rf"model\.speech_tower\.speech_tower\.{name}", ours) for name, ours in AUDIO),
    *((rf"model\.speech_projector\.{name}", ours) for name, ours in SPEECH_PROJECTOR),
    (r"model\.mm_projector\.([02]\..*)", r"model.video_encoder.projector.\1"),
    (rf"model\.(layers\.\d+\.{LAYER}|(?:embed_tokens|norm)\.weight)", r"model.language_model.\1"),
    (r"(lm_head\.weight)", r"\1"),
)

LANGUAGE_BIND: Rules = (
    (r"text_model\..*|text_projection\..*|visual_projection\..*|logit_scale", None),
    *((rf"vision_model\.{name}", ours) for name, ours in VISION),
)
"""LanguageBind_Video_merge: a CLIP whose vision half is the video encoder."""

WHISPER: Rules = (
    (r"(?:model\.)?decoder\..*|proj_out\.weight", None),
    *((rf"(?:model\.)?encoder\.{name}", ours) for name, ours in AUDIO),
)
"""Whisper-large-v3, whole or without its head."""


def translate_name(name: str, rules: Rules) -> str | None:
    """Find our name of a weight; None where the weight has no effect.

    Raises:
        LookupError: no rule knows the name.
    """
    for pattern, ours in rules:
        found = re.fullmatch(pattern, name)
        if found:
            return None if ours is None else found.expand(ours)
    raise LookupError(name)


def translate_checkpoint(name: str) -> str | None:
    """Find our name of a weight of the published checkpoint; None where it has no effect.

    Raises:
        LookupError: the published model has no such weight.
    """
    return translate_name(name, CHECKPOINT)
