"""What a Qwen2.5-Omni thinker reads alone: the library's own forward, with positions and mask of its own."""

import stock

MODALITIES = ("video", "audio")


def alone(model, candidate):
    """Return a candidate's log-probability by the library's forward, which makes 3-D positions itself."""
    thinker = model.log_probs.base_model
    packed = thinker.model.language_model.config._attn_implementation
    thinker.set_attn_implementation({"text_config": "sdpa"})
    try:
        return stock.everywhere(model, stock.batch(model, [candidate]))[0]
    finally:
        thinker.set_attn_implementation({"text_config": packed})
