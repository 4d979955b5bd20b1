"""What Qwen3-Omni takes: larger patches, thirteen tokens a second of sound, marks of its own."""

from pathlib import Path
from typing import Any

from transformers import Qwen3OmniMoeThinkerConfig

from avere.models.packing.folder import open_tokenizer
from avere.models.qwen import processor
from avere.models.qwen.media import MediaReader
from avere.models.qwen.options import QwenOptions
from avere.models.qwen.positions import TokenIds
from avere.models.qwen.processor import QwenProcessor, open_extractor
from avere.models.qwen.video import VideoLayout
from avere.models.qwen3.positions import Qwen3Expander
from avere.records import Modality

PLACEHOLDERS: dict[Modality, str] = {"video": "<|video_pad|>", "audio": "<|audio_pad|>"}
AFTER_SOUND = "<|audio_end|>"
AREA = 32 * 32
"""Pixels of one token."""
CHUNK = 100
"""Mel frames that the audio encoder sees together: a second."""


def count_sound_tokens(frames: int) -> int:
    """Count the tokens that the encoder makes of mel frames: three strided convolutions in each chunk."""
    whole, rest = divmod(frames, CHUNK)
    return whole * _convolve(CHUNK) + _convolve(rest)


def layout_of(options: QwenOptions, config: Qwen3OmniMoeThinkerConfig) -> VideoLayout:
    """Read how frames become patches; means and deviations are those of the published processor."""
    vision: Any = config.vision_config
    return options.layout.model_copy(
        update={
            "patch": vision.patch_size,
            "merge": vision.spatial_merge_size,
            "pair": vision.temporal_patch_size,
            "mean": (0.5, 0.5, 0.5),
            "std": (0.5, 0.5, 0.5),
        }
    )


def open_qwen3_processor(
    folder: Path, options: QwenOptions, config: Qwen3OmniMoeThinkerConfig
) -> QwenProcessor:
    """Load tokenizer and mel transform of a folder; options and configuration tell the rest.

    Raises:
        AvereError: the tokenizer or its chat template is missing.
    """
    layout = layout_of(options, config)
    tokenizer = open_tokenizer(folder)
    # The library's configuration names no token after a sound.
    (after,) = tokenizer.encode(AFTER_SOUND, add_special_tokens=False)
    expander = Qwen3Expander(
        TokenIds(config.video_token_id, config.audio_token_id, config.audio_start_token_id, after),
        merge=layout.merge,
        positions_per_second=config.position_id_per_seconds,
        interleaved=options.interleaved,
    )
    reader = MediaReader(options, open_extractor(folder), layout, count_sound_tokens)
    return QwenProcessor(tokenizer, reader, expander, PLACEHOLDERS)


def complete_qwen3_options(folder: Path, options: QwenOptions) -> QwenOptions:
    """Fill the areas of frames and the window of sound, where nobody chose them, as published."""
    published = {"min_pixels": 128 * AREA, "max_pixels": 768 * AREA}
    unset = {name: value for name, value in published.items() if name not in options.model_fields_set}
    return processor.complete_options(folder, options.model_copy(update=unset))


def _convolve(frames: int) -> int:
    """Count what three convolutions of stride two leave of some frames."""
    for _ in range(3):
        frames = (frames - 1) // 2 + 1
    return max(frames, 0)
