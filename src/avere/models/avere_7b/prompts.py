"""Prompts as AVERE-7B gets them: the words of Vicuna's conversations, each medium on a line of its own."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import PreTrainedTokenizerBase, WhisperFeatureExtractor

from avere.errors import AvereError
from avere.interfaces import Prompt
from avere.models.avere_7b import media
from avere.models.avere_7b.configuration import AvereConfig
from avere.models.avere_7b.media import AvereInputs, PreparedVideo
from avere.models.avere_7b.options import AvereOptions
from avere.models.avere_7b.processing import AUDIO, VIDEO, AvereProcessor, tokenise_prompt
from avere.models.packing.family import PromptLayout
from avere.models.packing.folder import open_tokenizer
from avere.models.packing.memory import Memory
from avere.models.packing.ownership import read_json
from avere.models.packing.prompts import apply_template, name_of
from avere.models.packing.sound import MelSound
from avere.records import Medium, Modality

PLACEHOLDERS: dict[Modality, str] = {"video": VIDEO, "audio": AUDIO}

SYSTEM = (
    "A chat between a curious {0} and an artificial intelligence assistant. The assistant gives helpful, "
    "detailed, and polite answers to the {0}'s questions."
)
TRAINED, RELEASED = SYSTEM.format("user"), SYSTEM.format("human")
"""The words before a conversation: those of training, and those of the released scripts for inference."""


def write_template(system: str) -> str:
    """Write the chat template of the library's form.

    >>> write_template("Be kind.").count("Be kind.")
    1
    """
    return (
        "{% if messages[0]['role'] == 'system' %}{{ messages[0]['content'] + ' ' }}"
        "{% else %}" + system + " {% endif %}"
        "{% for message in messages %}"
        "{% if message['role'] == 'user' %}USER: "
        "{% if message['content'] is string %}{{ message['content'] }}{% else %}"
        "{% for part in message['content'] %}"
        "{% if part['type'] == 'video' %}" + VIDEO + "{{ '\\n' }}"
        "{% elif part['type'] == 'audio' %}" + AUDIO + "{{ '\\n' }}"
        "{% else %}{{ part['text'] }}{% endif %}{% endfor %}{% endif %}{{ ' ' }}"
        "{% elif message['role'] == 'assistant' %}ASSISTANT: {{ message['content'] }}</s>"
        "{% endif %}{% endfor %}"
        "{% if add_generation_prompt %}ASSISTANT:{% endif %}"
    )


class AverePrompts:
    """Tokenizer, media and layout of one model."""

    end = "</s>"

    def __init__(self, processor: AvereProcessor, options: AvereOptions) -> None:
        self.tokenizer: PreTrainedTokenizerBase = processor.tokenizer
        self.processor = processor
        self.options = options
        turned = options.media_order == "audio_first"
        self.media_order: tuple[Modality, ...] = ("audio", "video") if turned else ("video", "audio")
        self._latest = Memory[PreparedVideo | MelSound](options.remember)

    def read(self, modality: Modality, medium: Medium) -> PreparedVideo | MelSound:
        """Decode a medium, or remember it.

        Raises:
            MediaError: it cannot be decoded.
        """
        return self._latest.get(
            name_of(modality, medium), lambda: media.read(modality, medium, self.processor, self.options)
        )

    def recall(self, modality: Modality, outline: str) -> PreparedVideo | MelSound:
        """Make a medium without content from its outline."""
        return PreparedVideo.recall(outline) if modality == "video" else MelSound.recall(outline)

    def render(self, prompt: Prompt, modalities: Sequence[Modality]) -> str:
        """Write the chat text of a prompt.

        Raises:
            AvereError: the words hold a placeholder themselves, or the template drops a medium.
        """
        return apply_template(self.tokenizer, prompt, modalities, PLACEHOLDERS)

    def lay_out(self, prompt: Prompt, media: Mapping[Modality, PreparedVideo | MelSound]) -> PromptLayout:
        """Expand the placeholders of a prompt; every token advances the one axis of positions by one."""
        ids = np.array(tokenise_prompt(self.tokenizer, self.render(prompt, list(media))))
        stands = {each: ids == self.tokenizer.convert_tokens_to_ids(PLACEHOLDERS[each]) for each in media}
        counts = np.ones(len(ids), dtype=np.int64)
        for modality, here in stands.items():
            counts[here] = media[modality].tokens
        places = {modality: np.flatnonzero(here.repeat(counts)) for modality, here in stands.items()}
        tokens = ids.repeat(counts)
        return PromptLayout(tokens, np.arange(len(tokens))[None], places)

    def stack(self, media: Sequence[PreparedVideo | MelSound]) -> AvereInputs:
        """Put all videos and all sounds behind one another."""
        size, bins = self.processor.frame_size, self.processor.feature_extractor.feature_size
        pixels = [medium.pixels for medium in media if isinstance(medium, PreparedVideo)]
        mels = [medium.features for medium in media if isinstance(medium, MelSound)]
        return AvereInputs(
            torch.stack(pixels) if pixels else torch.empty(0, self.processor.num_frames, 3, size, size),
            torch.stack(mels) if mels else torch.empty(0, bins, 0),
        )

    def media_facts(self) -> dict[str, object]:
        """List the settings of the mel transform and of frames."""
        frames = [self.processor.num_frames, self.processor.frame_size]
        scale = [self.processor.frame_mean, self.processor.frame_std]
        sound = self.processor.feature_extractor.to_dict()
        return {"sound": sound, "frames": [*frames, *scale], "inputs": self.options.inputs()}

    def prompt_facts(self) -> dict[str, object]:
        """List the lengths of media."""
        return {"lengths": [self.processor.video_length, self.processor.audio_length]}


def open_prompts(folder: Path, options: AvereOptions, config: AvereConfig) -> AverePrompts:
    """Load the tokenizer and the mel transform of a folder; the configuration tells the rest.

    Raises:
        AvereError: one of them is missing, or the tokenizer's placeholders are not those of the model.
    """
    tokenizer = open_tokenizer(folder)
    found = {kind: tokenizer.convert_tokens_to_ids(kind) for kind in (VIDEO, AUDIO)}
    if found != {VIDEO: config.video_token_id, AUDIO: config.audio_token_id}:
        raise AvereError(
            f"the tokenizer in '{folder}' gives {VIDEO} and {AUDIO} the ids {list(found.values())}, and "
            f"config.json {[config.video_token_id, config.audio_token_id]}; convert the model again"
        )
    extractor: WhisperFeatureExtractor = WhisperFeatureExtractor.from_pretrained(
        folder, local_files_only=True
    )
    stored = read_json(folder / "processor_config.json")
    scale = {name: stored[name] for name in ("frame_mean", "frame_std") if name in stored}
    return AverePrompts(make_processor(extractor, tokenizer, config, **scale), options)


def make_processor(
    extractor: WhisperFeatureExtractor,
    tokenizer: PreTrainedTokenizerBase,
    config: AvereConfig,
    **scale: Any,
) -> AvereProcessor:
    """Make the processor that fits a configuration."""
    vision = config.vision_config
    return AvereProcessor(
        extractor,
        tokenizer,
        num_frames=vision.num_frames,
        frame_size=vision.image_size,
        video_length=config.video_tokens,
        audio_length=config.audio_tokens,
        **scale,
    )
