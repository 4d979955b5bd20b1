"""Smallest models of the library with their own processors and random weights."""

from importlib import import_module
from typing import Any

import torch
import transformers

from avere.models import tiny

LIBRARY: Any = transformers

CORPUS = ["What do you hear? Yes, laughter. No."]
SPREAD = {"initializer_range": 0.3}
"""Of the weights, so that answers differ."""


def sees():
    """Check that the library's processors of pictures work here."""
    try:
        import torchvision  # noqa: F401
    except Exception:  # missing, or made for another torch
        return False
    return True


def template(**marks):
    """Write a chat template with a mark for each kind of medium."""
    parts = "".join(f"{{% elif part['type'] == '{kind}' %}}{mark}" for kind, mark in marks.items())
    return (
        "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
        "{% if message['content'] is string %}{{ message['content'] }}{% else %}"
        "{% for part in message['content'] %}"
        "{% if part['type'] == 'text' %}{{ part['text'] }}" + parts + "{% endif %}{% endfor %}{% endif %}"
        "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    )


def learn(named, **marks):
    """Learn a tokenizer with special tokens by their names in the library, and a template with marks."""
    base = {"pad_token": "<|endoftext|>", "start": "<|im_start|>", "eos_token": "<|im_end|>"}
    return tiny.learn_tokenizer(320, CORPUS, base | named, template(**marks))


def save(folder, kind: Any, config: Any, processor: Any):
    """Write an untrained folder; same folder, same bytes."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        kind(config).save_pretrained(folder)
    processor.save_pretrained(folder)


def qwen2_audio(folder):
    """Write a Qwen2-Audio, which hears and does not see."""
    named = {
        "audio_token": "<|AUDIO|>",
        "audio_bos_token": "<|audio_bos|>",
        "audio_eos_token": "<|audio_eos|>",
    }
    tokenizer = learn(named, audio="<|audio_bos|><|AUDIO|><|audio_eos|>")
    text = {"vocab_size": len(tokenizer), "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2}
    heads = {"num_attention_heads": 2, "num_key_value_heads": 1, "model_type": "qwen2"}
    sound = {"num_mel_bins": 16, "encoder_layers": 1, "encoder_attention_heads": 2, "encoder_ffn_dim": 24}
    config = LIBRARY.Qwen2AudioConfig(
        text_config=text | heads | SPREAD,
        audio_config=sound | {"d_model": 16} | SPREAD,
        audio_token_index=tokenizer.convert_tokens_to_ids("<|AUDIO|>"),
    )
    extractor = LIBRARY.WhisperFeatureExtractor(feature_size=16)
    processor = LIBRARY.Qwen2AudioProcessor(extractor, tokenizer, chat_template=tokenizer.chat_template)
    save(folder, LIBRARY.Qwen2AudioForConditionalGeneration, config, processor)


def gemma4(folder):
    """Write a Gemma 4: windows that slide, pictures read both ways."""
    named = {
        "image_token": "<|image|>", "boi_token": "<|image>", "eoi_token": "<image|>",
        "audio_token": "<|audio|>", "boa_token": "<|audio>", "eoa_token": "<audio|>",
        "video_token": "<|video|>",
    }  # fmt: skip
    tokenizer = learn(named, video="<|video|>", audio="<|audio|>", image="<|image|>")
    ids = {f"{name}_id": tokenizer.convert_tokens_to_ids(token) for name, token in named.items()}
    shape = {"hidden_size": 32, "intermediate_size": 48, "num_attention_heads": 2, "head_dim": 16}
    words = {
        "vocab_size": len(tokenizer), "vocab_size_per_layer_input": len(tokenizer), "num_hidden_layers": 2,
        "hidden_size_per_layer_input": 8, "num_key_value_heads": 1, "global_head_dim": 16,
        "sliding_window": 16,
        "layer_types": ["sliding_attention", "full_attention"], "use_bidirectional_attention": "vision",
    }  # fmt: skip
    sound = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "output_proj_dims": 32}
    config = LIBRARY.Gemma4Config(
        text_config=shape | words | SPREAD,
        vision_config=shape | {"num_hidden_layers": 1, "num_key_value_heads": 2} | SPREAD,
        audio_config=sound | SPREAD,
        eos_token_id=tokenizer.eos_token_id,
        **ids,
    )
    processor = LIBRARY.Gemma4Processor(
        LIBRARY.Gemma4AudioFeatureExtractor(),
        LIBRARY.Gemma4ImageProcessor(max_soft_tokens=70),
        tokenizer,
        LIBRARY.Gemma4VideoProcessor(max_soft_tokens=70),
        chat_template=tokenizer.chat_template,
    )
    save(folder, LIBRARY.Gemma4ForConditionalGeneration, config, processor)


def nemotron_h_omni(folder):
    """Write a NemotronH-Omni, two of whose four layers are recurrent."""
    settings, pictures, modeling, processing, films = (
        import_module(f"transformers.models.nemotron_h_omni.{part}_nemotron_h_omni")
        for part in ("configuration", "image_processing", "modeling", "processing", "video_processing")
    )
    named = {
        "image_token": "<image>", "audio_token": "<so_embedding>", "image_start_token": "<img>",
        "image_end_token": "</img>", "sound_start": "<so_start>", "sound_end": "<so_end>",
    }  # fmt: skip
    tokenizer = learn(named, video="<video>", audio="<so_embedding>", image="<image>")
    number = tokenizer.convert_tokens_to_ids
    words = {
        "vocab_size": len(tokenizer), "hidden_size": 32, "intermediate_size": 48, "num_attention_heads": 2,
        "num_key_value_heads": 1, "head_dim": 16, "ssm_state_size": 8, "mamba_num_heads": 4,
        "layers_block_type": ["linear_attention", "mlp", "full_attention", "linear_attention"],
        "mamba_head_dim": 16, "n_groups": 2, "chunk_size": 16, "eos_token_id": tokenizer.eos_token_id,
    }  # fmt: skip
    shape = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
    sound = {"intermediate_size": 48, "num_mel_bins": 16, "subsampling_conv_channels": 16}
    config = settings.NemotronH_Omni_Reasoning_V3_Config(
        text_config=words | SPREAD,
        vision_config=shape
        | {"video_temporal_patch_size": 2, "max_img_size": 256, "image_size": 64}
        | SPREAD,
        audio_config=shape | sound | {"projection_hidden_size": 64, "projection_bias": False} | SPREAD,
        projector_hidden_size=64,
        vision_hidden_size=32,
        image_token_id=number("<image>"),
        video_token_id=number("<image>"),
        audio_token_id=number("<so_embedding>"),
    )
    colours = {"norm_mean": [0.48, 0.45, 0.41], "norm_std": [0.27, 0.26, 0.27]}
    processor = processing.NemotronH_Omni_Reasoning_V3Processor(
        pictures.NemotronH_Omni_Reasoning_V3ImageProcessor(**colours, min_num_patches=16, max_num_patches=64),
        films.NemotronH_Omni_Reasoning_V3VideoProcessor(**colours, video_target_num_patches=16),
        tokenizer,
        LIBRARY.ParakeetFeatureExtractor(feature_size=16),
        chat_template=tokenizer.chat_template,
    )
    save(folder, modeling.NemotronH_Omni_Reasoning_V3, config, processor)


def example(folder):
    """Make the instance that must do what every model must."""
    from avere.models import stock

    gemma4(folder)
    return stock.load(folder, frames=2, audio_seconds=2.0)
