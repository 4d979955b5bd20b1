"""Small real clips: frame i is grey i * STEP, so that a frame tells its own number."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import av
import numpy as np
import pytest

from avere.media import write_video

STEP = 8


class Made(NamedTuple):
    """A file and what was put into it."""

    path: Path
    frames: np.ndarray
    wave: np.ndarray


class Clips:
    """Makes clips in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @staticmethod
    def grey(count: int, height: int = 32, width: int = 48) -> np.ndarray:
        levels = (np.arange(count) * STEP % 256).astype(np.uint8)
        return np.broadcast_to(levels[:, None, None, None], (count, height, width, 3)).copy()

    @staticmethod
    def tone(seconds: float, rate: int = 16000, pitch: float = 220.0) -> np.ndarray:
        return (0.4 * np.sin(2 * np.pi * pitch * np.arange(round(seconds * rate)) / rate)).astype(np.float32)

    @staticmethod
    def numbers(frames: np.ndarray) -> list[int]:
        """Read back the number of each frame."""
        return [round(float(level) / STEP) for level in frames.mean(axis=(1, 2, 3))]

    def usual(self, name: str = "clip.mp4", count: int = 20, fps: float = 10, seconds: float = 2.0) -> Made:
        made = Made(self.folder / name, self.grey(count), self.tone(seconds))
        write_video(made.path, made.frames, fps, made.wave)
        return made

    def stamped(self, name: str, stamps: Sequence[int], last: int = 1, **options: Any) -> Path:
        """Write grey frames at the given hundredths of a second."""
        path = self.folder / name
        with av.open(str(path), "w") as output:
            stream: Any = output.add_stream(options.pop("codec", "libx264"), rate=10, options=options)
            stream.width, stream.height, stream.pix_fmt = 48, 32, "yuv420p"
            stream.codec_context.time_base = Fraction(1, 100)
            for pixels, stamp in zip(self.grey(len(stamps)), stamps, strict=True):
                frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
                frame.pts, frame.time_base = stamp, Fraction(1, 100)
                output.mux(stream.encode(frame))
            for packet in stream.encode():
                packet.duration = last if packet.pts == stamps[-1] else packet.duration
                output.mux(packet)
        return path

    def turned(self, source: Path, matrix: Sequence[int]) -> Path:
        """Patch the display matrix [a, b, c, d] into the track header of an MP4 file."""
        data = bytearray(source.read_bytes())
        place = data.index(b"tkhd") + 4 + 40
        for offset, value in zip((0, 4, 12, 16), matrix, strict=True):
            data[place + offset : place + offset + 4] = (value << 16 & 0xFFFFFFFF).to_bytes(4, "big")
        path = source.with_name(f"turned {source.name}")
        path.write_bytes(data)
        return path


@pytest.fixture
def clips(tmp_path: Path) -> Clips:
    return Clips(tmp_path)
