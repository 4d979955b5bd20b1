"""Words, frames and waves to what AVERE-7B takes; no torchvision, no code from a model folder."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import BatchFeature, ProcessorMixin
from transformers.tokenization_utils_base import PreTrainedTokenizerBase

from avere.models.avere_7b.pixels import MEAN, STD, prepare_frames

VIDEO, AUDIO = "<video>", "<audio>"
RATE = 16_000


def tokenise_prompt(tokenizer: PreTrainedTokenizerBase, text: str) -> list[int]:
    """Make the ids of a prompt: the beginning, then each piece of words by itself; one id a medium.

    Words behind a medium so begin with the tokenizer's mark of a new word, as in training.
    """
    ids: list[Any] = [tokenizer.bos_token_id]
    for piece in re.split(f"({VIDEO}|{AUDIO})", text):
        if piece in {VIDEO, AUDIO}:
            ids.append(tokenizer.convert_tokens_to_ids(piece))
        elif piece:
            ids += tokenizer(piece, add_special_tokens=False)["input_ids"]
    return ids


class AvereProcessor(ProcessorMixin):
    """Tokenizer, mel transform and the size of frames of one model."""

    def __init__(
        self,
        feature_extractor: Any = None,
        tokenizer: Any = None,
        chat_template: str | None = None,
        num_frames: int = 8,
        frame_size: int = 224,
        video_length: int = 2056,
        audio_length: int = 88,
        frame_mean: Sequence[float] = MEAN,
        frame_std: Sequence[float] = STD,
    ) -> None:
        """Keep the parts; ``video_length`` and ``audio_length`` are tokens of a medium."""
        template = chat_template or getattr(tokenizer, "chat_template", None)
        super().__init__(feature_extractor, tokenizer, chat_template=template)
        self.num_frames = num_frames
        self.frame_size = frame_size
        self.video_length = video_length
        self.audio_length = audio_length
        self.frame_mean = tuple(frame_mean)
        self.frame_std = tuple(frame_std)

    def __call__(
        self,
        text: str | Sequence[str],
        videos: Sequence[NDArray[np.uint8]] = (),
        audio: Sequence[NDArray[np.float32]] = (),
        max_length: int | None = None,
        padding_side: str | None = None,
        **options: Any,
    ) -> BatchFeature:
        """Prepare prompts; media stand in the order of their placeholders ``<video>`` and ``<audio>``.

        Args:
            text: one prompt or several.
            videos: [frames, height, width, 3] each; of more frames than the model takes, some are chosen
                evenly, first and last among them.
            audio: [samples] each, mono at 16 kHz; what exceeds 30 s is cut.
            max_length: longer rows are cut at their ends, but not inside a medium.
            padding_side: of shorter rows; by default the tokenizer's.
            options: none; other processors take some.

        Raises:
            ValueError: placeholders and media are not as many, frames are too few, or a cut hits a medium.
        """
        options.pop("return_tensors", None)
        if options:
            raise ValueError(
                f"unknown options {sorted(options)}; this processor returns tensors and pads rows"
            )
        texts = [text] if isinstance(text, str) else list(text)
        for kind, given in ((VIDEO, videos), (AUDIO, audio)):
            if sum(each.count(kind) for each in texts) != len(given):
                raise ValueError(
                    f"{len(given)} media stand for {kind} in the prompts, which hold another number"
                )
        rows = [self._cut(self._expand(tokenise_prompt(self.tokenizer, each)), max_length) for each in texts]
        found = self._pad(rows, padding_side or self.tokenizer.padding_side)
        if len(videos):
            found["pixel_values_videos"] = torch.stack([self.prepare_video(video) for video in videos])
        if len(audio):
            found["input_features"] = torch.stack([self.prepare_sound(wave) for wave in audio])
        return BatchFeature(found)

    def prepare_video(self, frames: NDArray[np.uint8]) -> Tensor:
        """Choose frames of [frames, height, width, 3] and make pixels of them, [frames, 3, size, size]."""
        if len(frames) < self.num_frames:
            raise ValueError(
                f"a video has {len(frames)} frames, and {self.num_frames} are needed; repeat some"
            )
        chosen = np.linspace(0, len(frames) - 1, self.num_frames, dtype=int)
        return prepare_frames(frames[chosen], self.frame_size, self.frame_mean, self.frame_std)

    def prepare_sound(self, wave: NDArray[np.float32]) -> Tensor:
        """Compute the log-mel features, [bins, frames], of a wave, padded to 30 s."""
        made = self.feature_extractor(wave, sampling_rate=RATE, return_tensors="np")
        return torch.from_numpy(made["input_features"][0])

    def _expand(self, ids: Sequence[int]) -> list[int]:
        lengths = {
            self.tokenizer.convert_tokens_to_ids(VIDEO): self.video_length,
            self.tokenizer.convert_tokens_to_ids(AUDIO): self.audio_length,
        }
        return [token for token in ids for _ in range(lengths.get(token, 1))]

    def _cut(self, ids: list[int], length: int | None) -> list[int]:
        media = {self.tokenizer.convert_tokens_to_ids(kind) for kind in (VIDEO, AUDIO)}
        if length is not None and media.intersection(ids[length:]):
            raise ValueError(f"max_length {length} would cut a medium; a prompt has {len(ids)} tokens")
        return ids[:length]

    def _pad(self, rows: Sequence[Sequence[int]], side: str) -> dict[str, Tensor]:
        longest = max(map(len, rows))
        ids = torch.full((len(rows), longest), int(self.tokenizer.pad_token_id))
        mask = torch.zeros_like(ids)
        for number, row in enumerate(rows):
            place = slice(longest - len(row), None) if side == "left" else slice(len(row))
            ids[number, place] = torch.tensor(row)
            mask[number, place] = 1
        return {"input_ids": ids, "attention_mask": mask}
