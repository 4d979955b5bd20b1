"""Prompts and media as a Qwen omni model gets them: chat template, placeholders, positions."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from transformers import PreTrainedTokenizerBase, Qwen2_5OmniThinkerConfig, WhisperFeatureExtractor

from avere.interfaces import Prompt
from avere.models.packing.family import PromptLayout
from avere.models.packing.folder import PROCESSOR_FILES, open_tokenizer
from avere.models.packing.prompts import apply_template
from avere.models.packing.sound import MelSound
from avere.models.qwen import audio, video
from avere.models.qwen.media import MediaReader, QwenInputs, VideoInput
from avere.models.qwen.options import LONGEST_SOUND, QwenOptions
from avere.models.qwen.positions import Expander, Rules, Timing, TokenIds
from avere.records import Medium, Modality

PLACEHOLDERS: dict[Modality, str] = {"video": "<|VIDEO|>", "audio": "<|AUDIO|>"}


class QwenProcessor:
    """Tokenizer, media and layout of one model."""

    end = "<|im_end|>"

    def __init__(
        self,
        tokenizer: PreTrainedTokenizerBase,
        reader: MediaReader,
        expander: Rules,
        placeholders: Mapping[Modality, str] = PLACEHOLDERS,
    ) -> None:
        self.tokenizer = tokenizer
        self.reader = reader
        self.expander = expander
        self.placeholders = placeholders
        turned = reader.options.media_order == "audio_first" and not expander.interleaved
        self.media_order: tuple[Modality, ...] = ("audio", "video") if turned else ("video", "audio")

    def read(self, modality: Modality, medium: Medium) -> VideoInput | MelSound:
        """Decode a medium, or remember it.

        Raises:
            MediaError: it cannot be decoded, or no token would reach the model.
        """
        return self.reader.read(modality, medium)

    def recall(self, modality: Modality, outline: str) -> VideoInput | MelSound:
        """Make a medium without content from its outline."""
        return VideoInput.recall(outline) if modality == "video" else MelSound.recall(outline)

    def render(self, prompt: Prompt, modalities: Sequence[Modality]) -> str:
        """Write the chat text of a prompt; interleaved audio has no placeholder of its own.

        Raises:
            AvereError: the words hold a placeholder themselves, or the template drops a medium.
        """
        shown = modalities[:1] if self.expander.interleaved and len(modalities) == 2 else modalities
        return apply_template(self.tokenizer, prompt, shown, self.placeholders)

    def lay_out(self, prompt: Prompt, media: Mapping[Modality, VideoInput | MelSound]) -> PromptLayout:
        """Expand the placeholders of a prompt and count its 3-D positions."""
        ids = self.tokenizer(self.render(prompt, list(media)), add_special_tokens=False)["input_ids"]
        sights = [medium.shape for medium in media.values() if isinstance(medium, VideoInput)]
        sounds = [medium.tokens for medium in media.values() if isinstance(medium, MelSound)]
        mixed = self.expander.interleaved and len(media) == 2
        tokens, positions = self.expander._replace(interleaved=mixed).expand(ids, sights, sounds)
        placeholders = {"video": self.expander.ids.video, "audio": self.expander.ids.audio}
        places = {modality: np.flatnonzero(tokens == placeholders[modality]) for modality in media}
        return PromptLayout(tokens, positions, places)

    def stack(self, media: Sequence[VideoInput | MelSound]) -> QwenInputs:
        """Put the patches of all videos and the frames of all sounds behind one another."""
        layout, bins = self.reader.layout, self.reader.extractor.feature_size
        sights = [medium for medium in media if isinstance(medium, VideoInput)]
        sounds = [medium.features for medium in media if isinstance(medium, MelSound)]
        patches = [video.patches(sight.frames, layout) for sight in sights]
        return QwenInputs(
            patches=torch.cat(patches) if patches else torch.empty(0, 3 * layout.pair * layout.patch**2),
            grids=torch.tensor([sight.shape.grid for sight in sights], dtype=torch.int64).view(-1, 3),
            mels=torch.cat(sounds, dim=1) if sounds else torch.empty(bins, 0),
            mel_lengths=torch.tensor([sound.shape[1] for sound in sounds], dtype=torch.int64),
        )

    def media_facts(self) -> dict[str, object]:
        """List the settings of the mel transform and of frames."""
        return {"sound": self.reader.extractor.to_dict(), "inputs": self.reader.options.inputs()}

    def prompt_facts(self) -> dict[str, object]:
        """List the ids of placeholders, the clock and the grid."""
        return {"expander": self.expander}


def open_processor(folder: Path, options: QwenOptions, config: Qwen2_5OmniThinkerConfig) -> QwenProcessor:
    """Load tokenizer and mel transform of a folder; options and configuration tell the rest.

    Raises:
        AvereError: the tokenizer or its chat template is missing.
    """
    reader = MediaReader(options, open_extractor(folder), options.layout, audio.token_count)
    return QwenProcessor(open_tokenizer(folder), reader, expander_of(config, interleaved=options.interleaved))


def complete_options(folder: Path, options: QwenOptions) -> QwenOptions:
    """Fill the window of sound, where nobody chose it, with what the folder's extractor takes."""
    if options.audio_seconds is not None:
        return options
    window = min(float(open_extractor(folder).chunk_length), LONGEST_SOUND)
    return options.model_copy(update={"audio_seconds": window})


def open_extractor(folder: Path) -> WhisperFeatureExtractor:
    """Load the settings of the mel transform, or the published ones where the folder has none."""
    if any((folder / name).is_file() for name in PROCESSOR_FILES[:2]):
        return WhisperFeatureExtractor.from_pretrained(folder, local_files_only=True)
    published: Any = WhisperFeatureExtractor
    return cast(WhisperFeatureExtractor, published(feature_size=128))


def expander_of(config: Qwen2_5OmniThinkerConfig, *, interleaved: bool) -> Expander:
    """Read how prompts of a model are expanded from its configuration."""
    ids = TokenIds(
        config.video_token_id, config.audio_token_id, config.audio_start_token_id, config.audio_end_token_id
    )
    vision: Any = config.vision_config
    timing = Timing(
        vision.spatial_merge_size, config.position_id_per_seconds, float(config.seconds_per_chunk)
    )
    return Expander(ids, timing, interleaved)
