"""Media inside a page: playable real and corrupted clips, and what of them reaches a model."""

import base64
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from avere import media
from avere.errors import AvereError, MediaError
from avere.records import Clip, Corruption, Modality
from avere.report._media_gate import MediaGate

RATE, WINDOW, HOP, BINS = 16_000, 400, 160, 128
"""Log-mel features of Whisper (large-v3) and Qwen2.5-Omni: 25 ms windows every 10 ms, 128 bins."""
MIME = {".mp4": "video/mp4", ".m4v": "video/mp4", ".mov": "video/mp4", ".webm": "video/webm"} | {
    ".wav": "audio/wav",
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
    ".flac": "audio/flac",
    ".ogg": "audio/ogg",
}


GLANCE = 112
"""Height of a frame that is only looked at: ten pairs of a film's frames in full would take 30 MB."""


class Lens(NamedTuple):
    """What a model gets of a clip."""

    frames: int = 8
    size: tuple[int, int] | None = None
    """Height and width of a frame, shown to the pixel; None: as they are, shown small."""
    seconds: float = 30.0
    """Of sound; the rest is cut."""


class ShownMedia(NamedTuple):
    """One medium on a page; every source is a data URI."""

    label: str
    modality: Modality
    source: str | None
    """To play; None where it would make the page too large."""
    seen: str | None
    """Frames or spectrogram as a picture."""
    note: str


class Album:
    """Make what is shown of media; counts bytes, so that a page stays within its limit."""

    def __init__(self, lens: Lens, limit: int, gate: MediaGate) -> None:
        self._lens, self._left, self.gate = lens, limit, gate

    def show(self, label: str, modality: Modality, clip: Clip, corruption: Corruption | None) -> ShownMedia:
        """Show one medium as a model gets it; what cannot be shown says why."""
        path: Path | None = getattr(clip, modality)
        if path is None:
            return ShownMedia(label, modality, None, None, f"this clip has no {modality}")
        fault = self.gate.find_fault(clip.id, modality, path)
        if fault is not None:
            return ShownMedia(label, modality, None, None, f"left out: {fault}")
        note = path.name if corruption is None else f"{path.name}, {_words(corruption)}"
        try:
            picture, sort = (
                self._frames(path, corruption)
                if modality == "video"
                else (self._mel(path, corruption), "image/png")
            )
            played = path.read_bytes() if corruption is None else self._made(modality, path, corruption)
        except MediaError as error:
            return ShownMedia(label, modality, None, None, str(error))
        kind = (
            (MIME.get(path.suffix.lower()) or f"{modality}/mp4")
            if corruption is None
            else _made_kind(modality)
        )
        source = self._fit(played, kind)
        note = note if source else f"{note} (not playable here: the page would grow too large)"
        return ShownMedia(label, modality, source, self._fit(picture, sort), note)

    def _fit(self, content: bytes, kind: str) -> str | None:
        """Make a data URI; None where the page's limit is reached."""
        text = f"data:{kind};base64,{base64.b64encode(content).decode()}"
        if len(text) > self._left:
            return None
        self._left -= len(text)
        return text

    def _frames(self, path: Path, corruption: Corruption | None) -> tuple[bytes, str]:
        """Lay the frames side by side: a file and its type. What no size is given for is only looked at."""
        frames = media.frames(path, self._lens.frames, corruption=corruption)
        size = self._lens.size
        if size is None and frames.shape[1] > GLANCE:
            size = (GLANCE, max(1, round(frames.shape[2] * GLANCE / frames.shape[1])))
        if size is not None:
            height, width = size
            shrink = height * width < frames.shape[1] * frames.shape[2]
            how = cv2.INTER_AREA if shrink else cv2.INTER_CUBIC
            frames = np.stack([cv2.resize(frame, (width, height), interpolation=how) for frame in frames])
        row = np.concatenate(list(frames), axis=1)[..., ::-1]
        return (_encode(row, ".jpg"), "image/jpeg") if self._lens.size is None else (_png(row), "image/png")

    def _mel(self, path: Path, corruption: Corruption | None) -> bytes:
        wave = media.sound(path, RATE, seconds=self._lens.seconds, corruption=corruption)
        values = log_mel(wave)
        scaled = (values - values.min()) / max(float(np.ptp(values)), 1e-6) * 255
        return _png(cv2.applyColorMap(scaled[::-1].astype(np.uint8), cv2.COLORMAP_VIRIDIS))

    def _made(self, modality: Modality, path: Path, corruption: Corruption) -> bytes:
        """Make a file of the corrupted medium, the pictures at the model's own pace."""
        with TemporaryDirectory() as folder:
            made = Path(folder) / ("sound.wav" if modality == "audio" else "video.mp4")
            media.render(path, made, corruption, frames=self._lens.frames)
            return made.read_bytes()


def log_mel(wave: NDArray[np.float32]) -> NDArray[np.float64]:
    """Compute Whisper's log-mel features of a 16 kHz waveform: [bins, frames].

    Raises:
        MediaError: the waveform is empty.
    """
    if not wave.size:
        raise MediaError("the sound holds no samples; give a longer clip")
    count = max(1, len(wave) // HOP)
    padded = np.pad(np.pad(wave.astype(np.float64), (0, WINDOW)), (WINDOW // 2, 0), mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[: count * HOP : HOP]
    power = np.abs(np.fft.rfft(windows * np.hanning(WINDOW + 1)[:-1], axis=1)) ** 2
    log = np.log10(np.maximum(_filters() @ power.T, 1e-10))
    return np.asarray((np.maximum(log, log.max() - 8.0) + 4.0) / 4.0)


def _filters() -> NDArray[np.float64]:
    """Compute Slaney's mel filter bank [bins, frequencies]: linear below 1 kHz, each filter of area one."""
    top = 15.0 + 27.0 * np.log(RATE / 2 / 1000.0) / np.log(6.4)
    mels = np.linspace(0.0, top, BINS + 2)
    edges = np.where(mels < 15.0, mels * 200.0 / 3.0, 1000.0 * np.exp((mels - 15.0) * np.log(6.4) / 27.0))
    slopes = edges[:, None] - np.linspace(0.0, RATE / 2, WINDOW // 2 + 1)[None, :]
    steps = np.diff(edges)[:, None]
    triangles = np.maximum(0.0, np.minimum(-slopes[:-2] / steps[:-1], slopes[2:] / steps[1:]))
    return np.asarray(triangles * (2.0 / (edges[2:] - edges[:-2]))[:, None])


def _words(corruption: Corruption) -> str:
    level = "" if corruption.level is None else f" of level {corruption.level:g}"
    return f"{corruption.kind}{level}, seed {corruption.seed}"


def _made_kind(modality: Modality) -> str:
    return "video/mp4" if modality == "video" else "audio/wav"


def _png(picture: NDArray[np.uint8]) -> bytes:
    """Encode a picture [height, width, blue green red] as a PNG file.

    Raises:
        AvereError: it could not be encoded.
    """
    return _encode(picture, ".png")


def _encode(picture: NDArray[np.uint8], suffix: str) -> bytes:
    """Encode a picture [height, width, blue green red] as a file of that suffix.

    Raises:
        AvereError: it could not be encoded.
    """
    done, content = cv2.imencode(suffix, np.ascontiguousarray(picture))
    if not done:
        raise AvereError(
            f"a picture of shape {picture.shape} cannot be written as {suffix}; take fewer frames"
        )
    return bytes(content.tobytes())
