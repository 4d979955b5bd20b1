"""Media as a service gets them: pictures, or a silent film of the same frames, and a sound."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np

from avere import media
from avere.files import MediumIdentity
from avere.interfaces import Prompt
from avere.models.service.options import ServiceOptions
from avere.records import MediaTokens, Medium

RATE = 16_000
"""Samples a second of the sound that is sent."""
QUALITY = 90
"""Of JPEG."""
PICTURE_TOKENS = 258
"""Of one picture, as Gemini counts; OpenAI counts 255 for one of 512 pixels."""
SOUND_TOKENS = 32
"""Of one second of sound, as Gemini counts."""
KEPT = 64
"""Encoded media that stay in memory: the questions about one clip come together."""


class Sent(NamedTuple):
    """The media of one call; empty or None where a medium is withheld."""

    pictures: tuple[bytes, ...] = ()
    """JPEG, at even times."""
    film: bytes | None = None
    """MP4 without sound, in place of the pictures."""
    fps: float = 0.0
    """Frames a second of the film."""
    sound: bytes | None = None
    """WAV, mono, 16 bit."""


def encode(prompt: Prompt, options: ServiceOptions) -> Sent:
    """Encode the media of a prompt, corrupted where it says so.

    Raises:
        MediaError: one cannot be read.
    """
    sent = Sent()
    if prompt.video is not None:
        look = (prompt.video.identity(), prompt.video, options.frames, options.side)
        if options.video == "frames":
            sent = sent._replace(pictures=_pictures(*look))
        else:
            film, fps = _film(*look)
            sent = sent._replace(film=film, fps=fps)
    if prompt.audio is not None:
        sent = sent._replace(sound=_sound(prompt.audio.identity(), prompt.audio, options.audio_seconds))
    return sent


def expected_tokens(prompt: Prompt, options: ServiceOptions) -> MediaTokens:
    """Estimate the tokens that the media of a prompt become.

    Raises:
        MediaError: one cannot be read.
    """
    video = 0 if prompt.video is None else options.frames * PICTURE_TOKENS
    if prompt.audio is None:
        return MediaTokens(video=video)
    seconds = media.probe(prompt.audio.path).audio_seconds or 0.0
    heard = min(seconds, options.audio_seconds or seconds)
    cut = 0.0 if seconds - heard < media.SHORT else round(seconds - heard, 3)
    return MediaTokens(video=video, audio=max(1, round(heard * SOUND_TOKENS)), audio_cut=cut)


@lru_cache(maxsize=KEPT)
def _pictures(identity: MediumIdentity, medium: Medium, count: int, side: int) -> tuple[bytes, ...]:
    """Make JPEG pictures no larger than ``side``."""
    from PIL import Image

    del identity  # a part of the key
    found = []
    for frame in _frames(medium, count, side):
        file = BytesIO()
        Image.fromarray(frame).save(file, "JPEG", quality=QUALITY)
        found.append(file.getvalue())
    return tuple(found)


@lru_cache(maxsize=KEPT)
def _film(identity: MediumIdentity, medium: Medium, count: int, side: int) -> tuple[bytes, float]:
    """Make the same frames into a film that lasts as long as the video, and its frames a second."""
    del identity  # a part of the key
    frames = np.stack(_frames(medium, count, side))
    fps = count / (media.probe(medium.path).video_seconds or 1.0)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        media.write_video(path, frames, fps=fps)
        return path.read_bytes(), fps


@lru_cache(maxsize=KEPT)
def _sound(identity: MediumIdentity, medium: Medium, seconds: float | None) -> bytes:
    """Write the sound as a WAV file."""
    del identity  # a part of the key
    wave = media.sound(medium.path, rate=RATE, seconds=seconds, corruption=medium.corruption)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "sound.wav"
        media.write_sound(path, wave, RATE)
        return path.read_bytes()


def _frames(medium: Medium, count: int, side: int) -> list[np.ndarray]:
    """Decode frames at even times, corrupted at full size, then made to fit ``side`` with even edges."""
    from PIL import Image

    frames = media.frames(medium.path, count, corruption=medium.corruption)
    height, width = frames.shape[1:3]
    scale = min(1.0, side / max(height, width))
    size = tuple(max(2, round(edge * scale / 2) * 2) for edge in (width, height))
    return [np.asarray(Image.fromarray(frame).resize((size[0], size[1]))) for frame in frames]
