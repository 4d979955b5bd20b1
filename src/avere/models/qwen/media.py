"""Media as a Qwen model gets them: decoded once, resized or transformed, kept in memory."""

import json
from collections.abc import Callable
from typing import NamedTuple, Self

import torch
from jaxtyping import Float, Int64, UInt8
from torch import Tensor
from transformers import WhisperFeatureExtractor

from avere import media
from avere.errors import MediaError
from avere.models.packing.memory import Memory
from avere.models.packing.prompts import name_of
from avere.models.packing.sound import MelSound
from avere.models.qwen import audio, video
from avere.models.qwen.options import LONGEST_SOUND, QwenOptions
from avere.models.qwen.positions import VideoShape
from avere.models.qwen.video import VideoLayout
from avere.records import Medium, Modality


class VideoInput(NamedTuple):
    """A video before normalisation (bytes are a quarter of the memory)."""

    frames: UInt8[Tensor, "time 3 high wide"]
    """Empty where features are kept."""
    shape: VideoShape
    tokens: int

    @property
    def cut(self) -> float:
        """Nothing: frames stand at even times of the whole video."""
        return 0.0

    @property
    def outline(self) -> str:
        """Grid, seconds a step and number of tokens."""
        return json.dumps([*self.shape, self.tokens])

    @classmethod
    def recall(cls, outline: str) -> Self:
        """Make a video without frames."""
        grid, seconds, tokens = json.loads(outline)
        return cls(torch.empty(0, 3, 0, 0, dtype=torch.uint8), VideoShape(tuple(grid), seconds), tokens)


class QwenInputs(NamedTuple):
    """What both encoders take, of all media of a forward."""

    patches: Float[Tensor, "patches values"]
    """Of all videos, one after the other."""
    grids: Int64[Tensor, "videos 3"]
    mels: Float[Tensor, "bins frames"]
    """Frames of all sounds, one after the other."""
    mel_lengths: Int64[Tensor, " sounds"]

    def alone(self, number: int) -> Self:
        """Take one medium out; all videos are counted before all sounds."""
        videos = len(self.grids)
        sight, sound = slice(number, number + 1), slice(max(number - videos, 0), max(number - videos + 1, 0))
        patches, frames = self.grids.prod(1), self.mel_lengths
        first, start = int(patches[:number].sum()), int(frames[: sound.start].sum())
        return self._replace(
            patches=self.patches[first : first + int(patches[sight].sum())],
            grids=self.grids[sight],
            mels=self.mels[:, start : start + int(frames[sound].sum())],
            mel_lengths=self.mel_lengths[sound],
        )

    def to(self, device: torch.device | str) -> Self:
        """Copy to another device."""
        return type(self)(*(part.to(device) for part in self))


class MediaReader:
    """Reads media from disk for one model and remembers the latest ones."""

    def __init__(
        self,
        options: QwenOptions,
        extractor: WhisperFeatureExtractor,
        layout: VideoLayout,
        count_tokens: Callable[[int], int],
    ) -> None:
        """Read for encoders that see ``layout`` and make ``count_tokens`` tokens of so many mel frames."""
        self.options = options
        self.extractor = extractor
        self.layout = layout
        self.count_tokens = count_tokens
        self._latest = Memory[VideoInput | MelSound](options.remember)

    def read(self, modality: Modality, medium: Medium) -> VideoInput | MelSound:
        """Read one medium, from memory where it was read before.

        Raises:
            MediaError: it cannot be decoded, or no token would reach the model.
        """
        return self._latest.get(name_of(modality, medium), lambda: self._decode(modality, medium))

    def _decode(self, modality: Modality, medium: Medium) -> VideoInput | MelSound:
        found = self._see(medium) if modality == "video" else self._hear(medium)
        if found.tokens < 1:
            raise MediaError(f"{medium.path}: no {modality} token would reach the model; give a longer clip")
        return found

    def _see(self, medium: Medium) -> VideoInput:
        layout, count = self.layout, self.options.frames
        frames = torch.from_numpy(media.frames(medium.path, count, corruption=medium.corruption))
        resized = video.resize(frames, layout)
        grid = video.grid(resized, layout)
        fps = self.options.fps or count / self._seconds(medium)
        return VideoInput(resized, VideoShape(grid, layout.pair / fps), video.token_count(grid, layout))

    def _seconds(self, medium: Medium) -> float:
        """Measure how long a video lasts; a single picture counts as one step."""
        return media.probe(medium.path).video_seconds or self.options.frames / 2

    def _hear(self, medium: Medium) -> MelSound:
        rate, seconds = self.extractor.sampling_rate, self.options.audio_seconds or LONGEST_SOUND
        wave = media.sound(medium.path, rate=rate, seconds=seconds, corruption=medium.corruption)
        features, valid = audio.mel(wave, self.extractor, seconds)
        cut = media.seconds_beyond(medium.path, seconds) if len(wave) >= round(seconds * rate) else 0.0
        # Padding is cut off.
        return MelSound(features[:, :valid].clone(), self.count_tokens(valid), cut)
