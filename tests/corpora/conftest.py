"""Clips encoded anew, as another corpus may hold them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from avere import media


def encode_anew(
    source: Path, target: Path, *, scale: float = 0.5, gain: float = 0.3, start: float = 0.0
) -> Path:
    """Write a poor copy: other size, fewer and blurred frames, MP3 of 32 kbit/s, louder or quieter, cut."""
    frames, wave = media.frames(source, 16), media.sound(source, 16_000)
    wave = gain * wave[round(start * 16_000) :]
    height, width = (round(side * scale) // 2 * 2 for side in frames.shape[1:3])
    target.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(target), "w") as output:
        video: Any = output.add_stream("libx264", rate=6, options={"crf": "38", "preset": "veryfast"})
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        audio: Any = output.add_stream("libmp3lame", rate=16_000)
        audio.bit_rate, audio.layout = 32_000, "mono"
        for frame in frames:
            small = np.ascontiguousarray(cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA))
            output.mux(video.encode(av.VideoFrame.from_ndarray(small, format="rgb24")))
        output.mux(video.encode())
        for first in range(0, len(wave), 1024):
            piece = np.ascontiguousarray(wave[None, first : first + 1024], dtype=np.float32)
            block = av.AudioFrame.from_ndarray(piece, format="fltp", layout="mono")
            block.sample_rate, block.pts = 16_000, first
            output.mux(audio.encode(block))
        output.mux(audio.encode())
    return target


@pytest.fixture(scope="session")
def encoded() -> Callable[..., Path]:
    return encode_anew
