"""Build a Qwen2.5-Omni thinker of a few million parameters from scratch, and load the shipped one."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import torch
from pydantic import Field
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    PreTrainedTokenizerFast,
    Qwen2_5OmniThinkerConfig,
    Qwen2_5OmniThinkerForConditionalGeneration,
)

from avere.errors import AvereError
from avere.interfaces import ModelAbilities
from avere.models import qwen_omni
from avere.models.packing.folder import write_inputs
from avere.models.packing.model import LocalModel
from avere.models.qwen.family import FAMILY
from avere.models.qwen.options import QwenOptions
from avere.models.qwen.video import VideoLayout
from avere.settings import Settings

ABILITIES = ModelAbilities(
    "tiny", ("video", "audio"), scores=True, trains=True,
    needs=("torch", "transformers", "peft"), extra="train",
)  # fmt: skip
SHIPPED = Path(__file__).with_name("tiny_base")

SPECIAL = {
    "pad_token": "<|endoftext|>",
    "start": "<|im_start|>",
    "eos_token": "<|im_end|>",
    "audio_token": "<|AUDIO|>",
    "audio_bos_token": "<|audio_bos|>",
    "audio_eos_token": "<|audio_eos|>",
    "vision_bos_token": "<|vision_bos|>",
    "vision_eos_token": "<|vision_eos|>",
    "image_token": "<|IMAGE|>",
    "video_token": "<|VIDEO|>",
}
"""Qwen's special tokens; their ids are their places here."""

TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
    "{% if message['content'] is string %}{{ message['content'] }}{% else %}"
    "{% for part in message['content'] %}"
    "{% if part['type'] == 'video' %}<|vision_bos|><|VIDEO|><|vision_eos|>"
    "{% elif part['type'] == 'audio' %}<|audio_bos|><|AUDIO|><|audio_eos|>"
    "{% else %}{{ part['text'] }}{% endif %}{% endfor %}{% endif %}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


class TinyConfig(Settings):
    """The shape of a tiny thinker; the defaults are sized for EmoWorld on two CPU cores."""

    OLD_NAMES: ClassVar[Mapping[str, str]] = {
        f"tower_{name}": f"encoder_{name}" for name in ("hidden", "heads", "feed_forward")
    }

    hidden: int = 192
    layers: int = 6
    heads: int = 4
    key_value_heads: int = 2
    feed_forward: int = 512
    encoder_hidden: int = 128
    """Width of the vision and audio encoders."""
    encoder_heads: int = 4
    encoder_feed_forward: int = 256
    vision_layers: int = 3
    audio_layers: int = 3
    vocabulary: int = Field(1500, ge=300)
    """At most; a small corpus yields less."""
    frames: int = 4
    size: tuple[int, int] = (112, 112)
    audio_seconds: float = 2.8

    @property
    def options(self) -> QwenOptions:
        """The inputs that the model is made for."""
        return QwenOptions(frames=self.frames, size=self.size, audio_seconds=self.audio_seconds)


def smallest() -> TinyConfig:
    """Choose a shape for tests: a few thousand weights a layer."""
    return TinyConfig(
        hidden=32, layers=2, heads=2, key_value_heads=1, feed_forward=48, encoder_hidden=16, encoder_heads=2,
        encoder_feed_forward=24, vision_layers=2, audio_layers=1, vocabulary=320, frames=2, size=(56, 56),
        audio_seconds=1.0,
    )  # fmt: skip


def build(config: TinyConfig, corpus: Iterable[str], folder: Path, seed: int) -> None:
    """Write an untrained model folder: weights, tokenizer learnt from ``corpus``, processor settings.

    Same arguments, same bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = learn_tokenizer(config.vocabulary, corpus)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        thinker = Qwen2_5OmniThinkerForConditionalGeneration(architecture(config, len(tokenizer)))
    thinker.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    (folder / "processor_config.json").write_text(
        json.dumps(_processor(config), indent=2, sort_keys=True) + "\n"
    )
    write_inputs(folder, FAMILY.name, config.options.inputs())


def handles(source: str) -> bool:
    """True where a source is the shipped model."""
    return source == "tiny"


def load(source: str = "tiny", **options: object) -> LocalModel:
    """Load the tiny base that comes with the package.

    Raises:
        AvereError: this installation holds no weights, or an option is wrong.
    """
    if not (SHIPPED / "config.json").is_file():
        raise AvereError(
            f"'{source}': this installation holds no tiny base; train one or give a model folder"
        )
    model = qwen_omni.load(SHIPPED, **options)
    model.name = "tiny"
    return model


def example(folder: Path) -> LocalModel:
    """Make the smallest instance, for tests of what every model must do."""
    return qwen_omni.example(folder)


def architecture(config: TinyConfig, vocabulary: int) -> Qwen2_5OmniThinkerConfig:
    """Write the library's configuration of this shape.

    Weights start at the scale that keeps signals alive in layers this narrow; the library's 0.02 is for wide.
    """
    ids = {token: index for index, token in enumerate(SPECIAL.values())}
    half = config.hidden // config.heads // 2
    section = [half - 2 * (half * 3 // 8), half * 3 // 8, half * 3 // 8]
    text = {
        "vocab_size": vocabulary, "hidden_size": config.hidden, "intermediate_size": config.feed_forward,
        "num_hidden_layers": config.layers, "num_attention_heads": config.heads,
        "num_key_value_heads": config.key_value_heads, "tie_word_embeddings": True,
        "rope_parameters": {"rope_type": "default", "rope_theta": 10_000.0, "mrope_section": section},
        "initializer_range": config.hidden**-0.5,
        "pad_token_id": ids["<|endoftext|>"], "eos_token_id": ids["<|im_end|>"],
    }  # fmt: skip
    vision = {
        "depth": config.vision_layers, "hidden_size": config.encoder_hidden,
        "num_heads": config.encoder_heads,
        "intermediate_size": config.encoder_feed_forward, "out_hidden_size": config.hidden,
        "fullatt_block_indexes": [config.vision_layers - 1], "initializer_range": config.encoder_hidden**-0.5,
    }  # fmt: skip
    audio = {
        "encoder_layers": config.audio_layers, "d_model": config.encoder_hidden,
        "encoder_attention_heads": config.encoder_heads, "encoder_ffn_dim": config.encoder_feed_forward,
        "output_dim": config.hidden, "n_window": round(config.audio_seconds * 50),
        "max_source_positions": round(config.audio_seconds * 50),
        "initializer_range": config.encoder_hidden**-0.5,
    }  # fmt: skip
    whole = {
        "text_config": text, "vision_config": vision, "audio_config": audio, "tie_word_embeddings": True,
        "audio_token_index": ids["<|AUDIO|>"], "image_token_index": ids["<|IMAGE|>"],
        "video_token_index": ids["<|VIDEO|>"], "audio_start_token_id": ids["<|audio_bos|>"],
        "audio_end_token_id": ids["<|audio_eos|>"], "vision_start_token_id": ids["<|vision_bos|>"],
        "vision_end_token_id": ids["<|vision_eos|>"],
    }  # fmt: skip
    return Qwen2_5OmniThinkerConfig.from_dict(whole)


def learn_tokenizer(
    size: int, corpus: Iterable[str], special: Mapping[str, str] = SPECIAL, template: str = TEMPLATE
) -> PreTrainedTokenizerFast:
    """Learn a byte-level BPE whose first ids are the special tokens, by their names in the library."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=list(special.values()),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(corpus, trainer)
    named = {name: token for name, token in special.items() if name != "start"}
    wrap: Any = PreTrainedTokenizerFast
    fast: PreTrainedTokenizerFast = wrap(tokenizer_object=tokenizer, padding_side="left", **named)
    fast.chat_template = template
    return fast


def _processor(config: TinyConfig) -> dict[str, Any]:
    """Write processor settings as the library does."""
    layout = VideoLayout()
    pixels = config.size[0] * config.size[1]
    pictures = {
        "image_mean": layout.mean, "image_std": layout.std, "patch_size": layout.patch,
        "merge_size": layout.merge, "temporal_patch_size": layout.pair,
        "size": {"shortest_edge": pixels, "longest_edge": pixels},
    }  # fmt: skip
    sound = {
        "feature_extractor_type": "WhisperFeatureExtractor", "feature_size": 128, "sampling_rate": 16_000,
        "hop_length": 160, "n_fft": 400, "chunk_length": 30, "padding_side": "right", "padding_value": 0.0,
        "dither": 0.0, "return_attention_mask": True,
    }  # fmt: skip
    return {
        "processor_class": "Qwen2_5OmniProcessor",
        "feature_extractor": sound,
        "image_processor": {"image_processor_type": "Qwen2VLImageProcessor", **pictures},
        "video_processor": {
            "video_processor_type": "Qwen2VLVideoProcessor",
            "do_sample_frames": False,
            **pictures,
        },
    }
