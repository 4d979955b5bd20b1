"""Media as a Qwen model gets them: decoded once, resized or transformed, kept in memory."""

from collections import OrderedDict
from typing import NamedTuple

import torch
from jaxtyping import Float, UInt8
from torch import Tensor
from transformers import WhisperFeatureExtractor

from avere import media
from avere.errors import MediaError
from avere.interfaces import Prompt
from avere.models.qwen import audio, video
from avere.models.qwen.options import QwenOptions
from avere.models.qwen.positions import VideoShape
from avere.records import Medium, Modality


class VideoInput(NamedTuple):
    """A video before normalisation (bytes are a quarter of the memory)."""

    frames: UInt8[Tensor, "time 3 high wide"]
    shape: VideoShape
    tokens: int


class AudioInput(NamedTuple):
    """An audio track as log-mel frames, padding cut off."""

    features: Float[Tensor, "bins frames"]
    tokens: int


def requested_media(prompt: Prompt) -> list[tuple[Modality, Medium]]:
    """Return the media that an ask wants, video first."""
    pairs: list[tuple[Modality, Medium | None]] = [("video", prompt.video), ("audio", prompt.audio)]
    return [(modality, medium) for modality, medium in pairs if medium is not None]


def name_of(modality: Modality, medium: Medium) -> str:
    """Return the same text for the same content."""
    return f"{modality} {medium.model_dump_json()}"


class MediaReader:
    """Reads media from disk for one model and remembers the latest ones."""

    def __init__(self, options: QwenOptions, extractor: WhisperFeatureExtractor) -> None:
        self.options = options
        self.extractor = extractor
        self._kept: OrderedDict[str, VideoInput | AudioInput] = OrderedDict()

    def read(self, modality: Modality, medium: Medium) -> VideoInput | AudioInput:
        """Return one medium, from memory where it was read before.

        Raises:
            MediaError: it cannot be decoded, or no token would reach the model.
        """
        name = name_of(modality, medium)
        found = self._kept.pop(name, None)
        if found is None:
            found = self._see(medium) if modality == "video" else self._hear(medium)
            if found.tokens < 1:
                raise MediaError(
                    f"{medium.path}: no {modality} token would reach the model; give a longer clip"
                )
        self._kept[name] = found
        while len(self._kept) > self.options.remember:
            self._kept.popitem(last=False)
        return found

    def _see(self, medium: Medium) -> VideoInput:
        layout, count = self.options.layout, self.options.frames
        frames = torch.from_numpy(media.frames(medium.path, count, corruption=medium.corruption))
        resized = video.resize(frames, layout)
        grid = video.grid(resized, layout)
        fps = self.options.fps or count / self._seconds(medium)
        return VideoInput(resized, VideoShape(grid, layout.pair / fps), video.token_count(grid, layout))

    def _seconds(self, medium: Medium) -> float:
        """Return how long a video lasts; a single picture counts as one step."""
        return media.probe(medium.path).video_seconds or self.options.frames / 2

    def _hear(self, medium: Medium) -> AudioInput:
        rate, seconds = self.extractor.sampling_rate, self.options.audio_seconds
        wave = media.sound(medium.path, rate=rate, seconds=seconds, corruption=medium.corruption)
        features, valid = audio.mel(wave, self.extractor, seconds)
        return AudioInput(features[:, :valid].clone(), audio.token_count(valid))
