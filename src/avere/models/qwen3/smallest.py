"""The smallest Qwen3-Omni thinker: random weights, for tests of what every model must do."""

from pathlib import Path

import torch
from transformers import Qwen3OmniMoeThinkerConfig, Qwen3OmniMoeThinkerForConditionalGeneration

from avere.models import tiny
from avere.models.packing.folder import write_inputs
from avere.models.qwen.options import QwenOptions
from avere.models.qwen3.family import FAMILY
from avere.models.qwen3.processor import complete_qwen3_options

MARKS = {
    "<|AUDIO|>": "<|audio_pad|>",
    "<|audio_bos|>": "<|audio_start|>",
    "<|audio_eos|>": "<|audio_end|>",
    "<|vision_bos|>": "<|vision_start|>",
    "<|vision_eos|>": "<|vision_end|>",
    "<|IMAGE|>": "<|image_pad|>",
    "<|VIDEO|>": "<|video_pad|>",
}
"""Qwen2.5-Omni's special tokens as this generation spells them."""
CORPUS = ["What do you hear? Yes, laughter. No."]


def build(folder: Path, seed: int = 0) -> None:
    """Write an untrained folder: three layers of four experts, of which two work, one deeper feature a patch.

    Same seed, same bytes.
    """
    template = tiny.TEMPLATE
    for old, new in MARKS.items():
        template = template.replace(old, new)
    special = {name: MARKS.get(token, token) for name, token in tiny.SPECIAL.items()}
    tokenizer = tiny.learn_tokenizer(320, CORPUS, special, template)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        thinker = Qwen3OmniMoeThinkerForConditionalGeneration(_architecture(len(tokenizer), special))
        for name, weight in thinker.named_parameters():
            if name.endswith("gate.weight"):  # the library's routers start as zeros, and all ties are equal
                torch.nn.init.normal_(weight, std=0.5)
    thinker.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    options = complete_qwen3_options(folder, QwenOptions(frames=4, size=(64, 64), audio_seconds=2.0))
    write_inputs(folder, FAMILY.name, options.inputs())


def _architecture(vocabulary: int, special: dict[str, str]) -> Qwen3OmniMoeThinkerConfig:
    """Write the library's configuration."""
    ids = {token: number for number, token in enumerate(special.values())}
    text = {
        "vocab_size": vocabulary, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 3,
        "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 24, "moe_intermediate_size": 24,
        "num_experts": 4, "num_experts_per_tok": 2, "initializer_range": 0.2,
        "rope_parameters": {"rope_type": "default", "rope_theta": 10_000.0, "mrope_section": [4, 4, 4],
                            "mrope_interleaved": True},
        "pad_token_id": ids["<|endoftext|>"], "eos_token_id": ids["<|im_end|>"],
    }  # fmt: skip
    vision = {
        "depth": 2, "hidden_size": 16, "num_heads": 2, "intermediate_size": 24, "out_hidden_size": 32,
        "num_position_embeddings": 16, "deepstack_visual_indexes": [0], "initializer_range": 0.2,
    }  # fmt: skip
    audio = {
        "encoder_layers": 1, "d_model": 16, "encoder_attention_heads": 2, "encoder_ffn_dim": 24,
        "output_dim": 32, "downsample_hidden_size": 8, "initializer_range": 0.2,
    }  # fmt: skip
    whole = {
        "text_config": text, "vision_config": vision, "audio_config": audio, "position_id_per_seconds": 13,
        "audio_token_id": ids["<|audio_pad|>"], "image_token_id": ids["<|image_pad|>"],
        "video_token_id": ids["<|video_pad|>"], "audio_start_token_id": ids["<|audio_start|>"],
        "vision_start_token_id": ids["<|vision_start|>"], "vision_end_token_id": ids["<|vision_end|>"],
    }  # fmt: skip
    return Qwen3OmniMoeThinkerConfig.from_dict(whole)
