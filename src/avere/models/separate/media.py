"""Media as the processors of the library take them: frames with their times, a wave, both decoded by us."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from transformers import ProcessorMixin
from transformers.video_utils import VideoMetadata

from avere import media
from avere.errors import MediaError
from avere.interfaces import Prompt
from avere.models.packing.memory import Memory
from avere.models.packing.prompts import name_of, requested_media
from avere.models.separate.options import StockOptions
from avere.records import Medium, Modality

RATE = 16_000
"""Samples a second, where a processor does not tell what it wants."""
SHORTEST = 0.1
"""Seconds: a processor that reads the times of frames divides by the length of the clip."""


class Seen(NamedTuple):
    """A video: frames and when they stand."""

    frames: NDArray[np.uint8]
    times: VideoMetadata


class Heard(NamedTuple):
    """A sound: one wave, and the seconds that were cut off."""

    wave: NDArray[np.float32]
    cut: float


class StockMedia:
    """Decodes media for one processor and remembers the latest ones."""

    def __init__(self, processor: ProcessorMixin, options: StockOptions) -> None:
        parts: Any = processor
        self.options = options
        self.rate = int(getattr(getattr(parts, "feature_extractor", None), "sampling_rate", None) or RATE)
        self.hears = getattr(parts, "feature_extractor", None) is not None
        films = getattr(parts, "video_processor", None) is not None
        self.sees = films or getattr(parts, "image_processor", None) is not None
        self.sees_films = films and not options.pictures
        self._latest = Memory[Seen | Heard](options.remember)

    def kinds(self, prompt: Prompt) -> list[str]:
        """List what stands before the words, as templates call it: a film, or its frames as pictures.

        Raises:
            MediaError: a medium that this processor does not take.
        """
        wanted = dict(requested_media(prompt))
        for modality, able in (("video", self.sees), ("audio", self.hears)):
            if modality in wanted and not able:
                raise MediaError(f"{wanted[modality].path}: this model takes no {modality}; ask it without")
        film = ["video"] if self.sees_films else ["image"] * self.options.frames
        found = {"video": film, "audio": ["audio"]}
        return [
            kind for modality in self.options.modalities if modality in wanted for kind in found[modality]
        ]

    def arguments(self, prompt: Prompt) -> dict[str, Any]:
        """Make what the processor is called with besides the words.

        Raises:
            MediaError: a medium cannot be decoded.
        """
        given: dict[str, Any] = {}
        if prompt.video is not None:
            seen = self.see(prompt.video)
            if self.sees_films:
                # The frames are chosen already; the processor must not choose among them once more.
                given["videos"] = [seen.frames]
                times = {"video_metadata": seen.times, "fps": seen.times.fps}
                given["videos_kwargs"] = times | {"do_sample_frames": False}
            else:
                given["images"] = [list(seen.frames)]
        if prompt.audio is not None:
            given["audio"] = [self.hear(prompt.audio).wave]
            given["audio_kwargs"] = {"sampling_rate": self.rate}
        return given

    def see(self, medium: Medium) -> Seen:
        """Read the frames of a video, from memory where they were read before."""
        found = self._latest.get(name_of("video", medium), lambda: self._decode("video", medium))
        assert isinstance(found, Seen)
        return found

    def hear(self, medium: Medium) -> Heard:
        """Read a sound, from memory where it was read before."""
        found = self._latest.get(name_of("audio", medium), lambda: self._decode("audio", medium))
        assert isinstance(found, Heard)
        return found

    def _decode(self, modality: Modality, medium: Medium) -> Seen | Heard:
        if modality == "video":
            return self._see(medium)
        seconds = self.options.audio_seconds
        wave = media.sound(medium.path, rate=self.rate, seconds=seconds, corruption=medium.corruption)
        cut = media.seconds_beyond(medium.path, seconds) if len(wave) >= round(seconds * self.rate) else 0.0
        return Heard(wave, cut)

    def _see(self, medium: Medium) -> Seen:
        count = self.options.frames
        frames = media.frames(medium.path, count, corruption=medium.corruption)
        seconds = max(media.probe(medium.path).video_seconds or count / 2, SHORTEST)
        high, wide = frames.shape[1:3]
        times: Any = VideoMetadata
        return Seen(
            frames,
            times(
                total_num_frames=count,
                fps=count / seconds,
                frames_indices=list(range(count)),
                duration=seconds,
                height=high,
                width=wide,
            ),
        )
