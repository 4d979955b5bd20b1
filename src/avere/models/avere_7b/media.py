"""Media as AVERE-7B gets them: eight frames and half a minute of sound, decoded once, kept in memory."""

import json
from typing import NamedTuple, Self

import torch
from jaxtyping import Float
from torch import Tensor

from avere import files, media
from avere.models.avere_7b.options import AvereOptions
from avere.models.avere_7b.processing import RATE, AvereProcessor
from avere.models.packing.sound import MelSound
from avere.records import Medium, Modality


class PreparedVideo(NamedTuple):
    """A video, ready for its encoder."""

    pixels: Float[Tensor, "frames 3 size size"]
    """Empty where features are kept."""
    tokens: int

    @property
    def cut(self) -> float:
        """Nothing: frames stand at even times of the whole video."""
        return 0.0

    @property
    def outline(self) -> str:
        """Number of tokens."""
        return json.dumps([self.tokens])

    @classmethod
    def recall(cls, outline: str) -> Self:
        """Make a video without frames."""
        return cls(torch.empty(0, 3, 0, 0), *json.loads(outline))


class AvereInputs(NamedTuple):
    """What both encoders take, of all media of a forward."""

    pixels: Float[Tensor, "videos frames 3 size size"]
    mels: Float[Tensor, "sounds bins frames"]

    def alone(self, number: int) -> Self:
        """Take one medium out; all videos are counted before all sounds."""
        videos = len(self.pixels)
        sound = slice(max(number - videos, 0), max(number - videos + 1, 0))
        return self._replace(pixels=self.pixels[number : number + 1], mels=self.mels[sound])

    def to(self, device: torch.device | str) -> Self:
        """Copy to another device."""
        return type(self)(self.pixels.to(device), self.mels.to(device))


def read_video(medium: Medium, processor: AvereProcessor, options: AvereOptions) -> PreparedVideo:
    """Decode the frames of a medium: evenly spread, the first and the last among them.

    Raises:
        MediaError: it cannot be decoded.
    """
    frames = media.frames(medium.path, processor.num_frames, corruption=medium.corruption, spread="ends")
    if options.flip == "half" and is_flipped(medium):
        frames = frames[:, :, ::-1]
    return PreparedVideo(processor.prepare_video(frames), processor.video_length)


def read_sound(medium: Medium, processor: AvereProcessor, options: AvereOptions) -> MelSound:
    """Decode the sound of a medium; what exceeds the window of the mel transform is cut.

    Raises:
        MediaError: it cannot be decoded.
    """
    window = float(processor.feature_extractor.chunk_length)
    wave = media.sound(
        medium.path, RATE, seconds=window, corruption=medium.corruption, channels=options.channels
    )
    cut = media.seconds_beyond(medium.path, window) if len(wave) >= round(window * RATE) else 0.0
    return MelSound(processor.prepare_sound(wave), processor.audio_length, cut)


def is_flipped(medium: Medium) -> bool:
    """Draw from the bytes of a clip's file, by which features and replies are kept; no corruption counts."""
    return int(files.digest(medium.path)[:2], 16) < 128


def read(
    modality: Modality, medium: Medium, processor: AvereProcessor, options: AvereOptions
) -> PreparedVideo | MelSound:
    """Decode a medium.

    Raises:
        MediaError: it cannot be decoded.
    """
    return (read_video if modality == "video" else read_sound)(medium, processor, options)
