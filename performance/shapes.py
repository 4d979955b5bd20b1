"""The thinkers that the benchmark measures or counts: real architecture, random weights."""

from pathlib import Path
from typing import Any, NamedTuple

import torch
from transformers import Qwen2_5OmniThinkerConfig, Qwen2_5OmniThinkerForConditionalGeneration

from avere.models import qwen_omni, tiny
from avere.models.packing.model import LocalModel
from avere.models.packing.options import attention_of, device_of, number_type_of, row_limit_of
from avere.models.packing.packer import Packer
from avere.models.qwen.family import FAMILY
from avere.models.qwen.options import QwenOptions
from avere.models.qwen.processor import open_processor
from avere.models.tiny import TinyConfig

CORPUS = "what do you hear or see that shows how the person feels a bright smile trembling voice red shirt"


class Shape(NamedTuple):
    """A thinker and the media before it."""

    body: TinyConfig
    vocabulary: int
    vision: dict[str, Any]
    audio: dict[str, Any]
    side: int
    """Height and width of a frame in pixels."""
    seconds: float
    """Length of a clip; 25 audio tokens a second."""


PUBLISHED_VISION = {"intermediate_size": 3420, "fullatt_block_indexes": [7, 15, 23, 31]}
PUBLISHED_AUDIO = {
    "encoder_attention_heads": 20,
    "encoder_ffn_dim": 5120,
    "n_window": 100,
    "max_source_positions": 1500,
}


def published(**body: int) -> Shape:
    """Return a shape with the published encoders: 8 frames of 504 x 504 and 30 s are 2,046 tokens."""
    encoders = {"encoder_hidden": 1280, "encoder_heads": 16, "vision_layers": 32, "audio_layers": 32}
    whole = TinyConfig.model_validate({**body, **encoders})
    return Shape(
        whole, 151_936 if body["hidden"] == 2048 else 152_064, PUBLISHED_VISION, PUBLISHED_AUDIO, 504, 30
    )


def drawn(vocabulary: int, **body: int) -> Shape:
    """Return a shape of our own for a CPU: 8 frames of 448 x 448 and 19 s are 1,499 tokens."""
    windows = {"n_window": 100, "max_source_positions": 1500}
    return Shape(TinyConfig.model_validate(body), vocabulary, {}, windows, 448, 19)


SHAPES = {
    "toy": Shape(tiny.smallest(), 400, {}, {"n_window": 100, "max_source_positions": 1500}, 56, 2),
    "small": drawn(
        151_936,
        **{"hidden": 512, "layers": 8, "heads": 8, "key_value_heads": 2, "feed_forward": 1536},
        **{"vision_layers": 2, "audio_layers": 2},
    ),
    "deep": drawn(8_000, hidden=256, layers=16, heads=8, key_value_heads=2, feed_forward=1024),
    "wide": drawn(32_000, hidden=1024, layers=4, heads=16, key_value_heads=4, feed_forward=2816),
    "3b": published(hidden=2048, layers=36, heads=16, key_value_heads=2, feed_forward=11_008),
    "7b": published(hidden=3584, layers=28, heads=28, key_value_heads=4, feed_forward=18_944),
}


def configuration(shape: Shape) -> Qwen2_5OmniThinkerConfig:
    """Return the library's configuration of a shape."""
    whole = tiny.architecture(shape.body, shape.vocabulary).to_dict()
    whole["vision_config"] |= shape.vision
    whole["audio_config"] |= shape.audio
    config: Qwen2_5OmniThinkerConfig = Qwen2_5OmniThinkerConfig.from_dict(whole)
    return config


def build(shape: Shape, options: QwenOptions, folder: Path, seed: int = 0) -> LocalModel:
    """Return an untrained model with a random adapter; tokenizer and settings go to ``folder``."""
    tiny.build(tiny.smallest(), [CORPUS], folder, seed)
    config = configuration(shape)
    torch.manual_seed(seed)
    torch.set_default_dtype(number_type_of(options))
    with torch.device(device_of(options)):
        network: Any = Qwen2_5OmniThinkerForConditionalGeneration(config)
    torch.set_default_dtype(torch.float32)
    width = shape.body.hidden // shape.body.heads
    if options.quantise:  # the library makes four bits of weights while it reads them
        network.save_pretrained(folder)
        del network
        return adapted(qwen_omni.load(folder, **options.model_dump()), seed)
    network.set_attn_implementation({"": "sdpa", "text_config": attention_of(options, width)})
    packer = Packer(open_processor(folder, options, config), row_limit_of(options))
    return adapted(LocalModel(FAMILY, network.eval(), packer, options, folder), seed)


def adapted(model: LocalModel, seed: int) -> LocalModel:
    """Return the model with a random adapter."""
    model.add_lora(seed=seed)
    disturb(model)
    return model


def disturb(model: LocalModel) -> None:
    """Give the adapter random weights, so that policy and reference differ and no gradient is zero."""
    for number, (name, weight) in enumerate(model.module.named_parameters()):
        if "lora_B" in name:
            drawn = torch.randn(weight.shape, generator=torch.Generator().manual_seed(number))
            weight.data.copy_(0.02 * drawn)
