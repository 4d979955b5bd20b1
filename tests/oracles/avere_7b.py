"""What an AVERE-7B reads alone: the model's forward as transformers calls it, with the processor's inputs."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import LlamaTokenizer, WhisperFeatureExtractor

from avere import media
from avere.models import avere_omni
from avere.models.avere_7b import AvereConfig, AvereForConditionalGeneration
from avere.models.avere_7b.family import FAMILY
from avere.models.avere_7b.options import AvereOptions
from avere.models.avere_7b.processing import AUDIO, VIDEO
from avere.models.avere_7b.prompts import make_processor, write_template
from avere.models.packing.folder import write_inputs
from avere.models.packing.model import LocalModel

MODALITIES = ("video", "audio")
CORPUS = ["What do you hear? Yes, laughter. No.", "What do you see? The person smiles, the rain."]


def tokenizer(size: int | None = None) -> LlamaTokenizer:
    """Learn a tokenizer of Llama's form: bytes for all but common letters, then letters and their pairs.

    ``size`` makes it that of an official checkpoint: of so many words, and without places for media.
    """
    learnt = Tokenizer(models.BPE())
    learnt.pre_tokenizer = pre_tokenizers.Metaspace()
    learnt.train_from_iterator(CORPUS * 9, trainers.BpeTrainer(vocab_size=90, show_progress=False))
    pieces = sorted(learnt.get_vocab(), key=learnt.get_vocab().__getitem__)
    rest = [chr(code) for code in range(33, 127) if chr(code) not in pieces]
    names = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in (10, *range(128, 256))), *rest, *pieces]
    names += [f"<{number}>" for number in range((size or 0) - len(names))]
    merges = [tuple(pair) for pair in json.loads(learnt.to_str())["model"]["merges"]]
    made: Any = LlamaTokenizer(
        vocab={name: place for place, name in enumerate(names)}, merges=merges, pad_token="<unk>"
    )
    if size is None:
        made.add_special_tokens({"additional_special_tokens": [VIDEO, AUDIO]})
        made.chat_template = write_template("A chat.")
    found: LlamaTokenizer = made
    return found


def config(vocabulary: int, *, frames: int = 4, seconds: int = 1) -> AvereConfig:
    """Write the shape of a model for tests: a few thousand weights a layer."""
    return AvereConfig(
        text_config={
            **{"vocab_size": vocabulary, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2},
            **{"num_attention_heads": 4, "num_key_value_heads": 4, "max_position_embeddings": 512},
            **{"initializer_range": 0.2, "pad_token_id": 0, "rms_norm_eps": 1e-5},
        },
        vision_config={
            **{"hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2, "num_attention_heads": 2},
            **{"image_size": 28, "num_frames": frames, "initializer_range": 0.2},
        },
        audio_config={
            **{"d_model": 16, "encoder_layers": 1, "encoder_attention_heads": 2, "encoder_ffn_dim": 24},
            **{"num_mel_bins": 80, "max_source_positions": 50 * seconds, "init_std": 0.2},
            **{"vocab_size": 3, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "decoder_layers": 1},
            **{"decoder_start_token_id": 1},
        },
        qformer_config={
            **{"hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2, "num_attention_heads": 2},
            **{"cross_attention_frequency": 1, "encoder_hidden_size": 16, "initializer_range": 0.2},
            **{"vocab_size": 3},
        },
        video_token_id=vocabulary,
        audio_token_id=vocabulary + 1,
    )


def published_config(**changed: Any) -> AvereConfig:
    """Write the shape of the tiny model that the released code was run with."""
    return AvereConfig(
        text_config={
            **{"vocab_size": 300, "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2},
            **{"num_attention_heads": 4, "num_key_value_heads": 4, "max_position_embeddings": 1024},
            **{"pad_token_id": 0, "rms_norm_eps": 1e-5},
        },
        vision_config={
            **{"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 3, "num_attention_heads": 4},
            **{"image_size": 28},
        },
        audio_config={
            **{"d_model": 32, "encoder_layers": 2, "encoder_attention_heads": 4, "encoder_ffn_dim": 64},
            **{"num_mel_bins": 128, "max_source_positions": 1500, "decoder_start_token_id": 1},
            **{"vocab_size": 3, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2},
        },
        qformer_config={
            **{"hidden_size": 48, "intermediate_size": 96, "num_hidden_layers": 2, "num_attention_heads": 4},
            **{"cross_attention_frequency": 1, "encoder_hidden_size": 32, "vocab_size": 3},
        },
        **{"video_token_id": 300, "audio_token_id": 301, **changed},
    )


def build(folder: Path, seed: int = 0) -> None:
    """Write the smallest model: one second of sound is two tokens, four frames are twenty."""
    words = tokenizer()
    shape = config(len(words) - 2)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        AvereForConditionalGeneration(shape).save_pretrained(folder)
    extractor: Any = WhisperFeatureExtractor(feature_size=80, chunk_length=1)
    make_processor(extractor, words, shape).save_pretrained(folder)
    write_inputs(folder, FAMILY.name, AvereOptions().inputs())


def example(folder: Path) -> LocalModel:
    """Make the smallest instance, for tests of what every model must do."""
    build(folder)
    return avere_omni.load(folder)


def alone(model, candidate):
    """Return a candidate's log-probability by one forward of its row, media and words put together anew."""
    network: Any = model.log_probs.base_model
    prompts = model.packer.processor
    wanted = [each for each in prompts.media_order if getattr(candidate.prompt, each) is not None]
    clips = {each: getattr(candidate.prompt, each) for each in wanted}
    frames = [_frames(clips["video"], prompts.processor.num_frames)] if "video" in clips else []
    waves = [_wave(clips["audio"])] if "audio" in clips else []
    given = prompts.processor(prompts.render(candidate.prompt, wanted), videos=frames, audio=waves)
    said = [*model.tokenizer(candidate.response, add_special_tokens=False)["input_ids"], 2]
    ids = torch.cat([given.pop("input_ids"), torch.tensor([said])], dim=1)
    given.pop("attention_mask")
    packed = network.config.text_config._attn_implementation
    network.set_attn_implementation({"text_config": "sdpa"})
    try:
        logits = network(ids, use_cache=False, **given).logits[0, -len(said) - 1 : -1]
    finally:
        network.set_attn_implementation({"text_config": packed})
    return logits.float().log_softmax(-1).gather(1, torch.tensor(said).unsqueeze(1)).sum()


@cache
def _frames(medium, count):
    return media.frames(medium.path, count, corruption=medium.corruption, spread="ends")


@cache
def _wave(medium):
    return media.sound(medium.path, corruption=medium.corruption)
