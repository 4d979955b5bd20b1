"""Arrays to files: H.264 with AAC, or 16-bit PCM; the same arrays give the same bytes."""

from fractions import Fraction
from pathlib import Path
from wave import open as open_riff

import numpy as np
from numpy.typing import NDArray

from avere.errors import MediaError
from avere.media._container import complete_stream, create_container
from avere.media._encoding import (
    Canvas,
    Picture,
    add_audio,
    add_video,
    encoded_audio,
    encoded_video,
    mux_streams,
    whole_numbers,
)
from avere.media.sounds import StoredSound


def write_video(
    path: Path,
    frames: NDArray[np.uint8],
    fps: float,
    wave: NDArray[np.float32] | None = None,
    rate: int = 16000,
) -> None:
    """Write frames, and a mono waveform if given, as H.264 and AAC.

    Args:
        path: ends in .mp4, .m4v, .mov or .mkv; replaced if it exists.
        frames: uint8 [count, height, width, 3], RGB; odd sizes are kept, but few browsers play them.
        fps: frames a second.
        wave: float32 [samples]; full scale is -1..1.
        rate: samples a second.

    Raises:
        MediaError: no frames, another shape or type, or a number that no file can hold.
    """
    path = Path(path)
    if frames.dtype != np.uint8 or frames.ndim != 4 or frames.shape[-1] != 3 or 0 in frames.shape:
        raise MediaError(
            f"cannot write {frames.dtype} {list(frames.shape)} to '{path}'; "
            "give uint8 [count, height, width, 3]"
        )
    if not 0 < fps <= 1000:
        raise MediaError(f"cannot write '{path}' at {fps} frames a second; give a number above 0, up to 1000")
    pace = Fraction(fps).limit_denominator(1001)
    canvas = Canvas(frames.shape[2], frames.shape[1], pace, 1 / pace)
    sound = None if wave is None else StoredSound(_checked(path, wave)[None], rate, "mono")
    with create_container(path) as output:
        video = add_video(output, path, canvas)
        audio = add_audio(output, path, sound) if sound else None
        shots = encoded_video(video, (Picture(f, i, 1) for i, f in enumerate(frames)), canvas)
        mux_streams(output, shots, encoded_audio(audio, sound) if audio and sound else ())


def write_sound(path: Path, wave: NDArray[np.float32], rate: int) -> None:
    """Write a mono waveform, float32 [samples] of full scale -1..1, as 16-bit PCM.

    Raises:
        MediaError: the name does not end in .wav, or the waveform is empty or not finite.
    """
    path = Path(path)
    if path.suffix.lower() != ".wav" or rate < 1:
        raise MediaError(
            f"cannot write sound at {rate} Hz to '{path}'; give a name in .wav and a rate above 0"
        )
    samples = whole_numbers(_checked(path, wave))
    with complete_stream(path) as unfinished, open_riff(str(unfinished), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())


def _checked(path: Path, wave: NDArray[np.float32]) -> NDArray[np.float32]:
    """Check that a waveform can be written; clip it to full scale."""
    if wave.ndim != 1 or not len(wave) or not np.isfinite(wave).all():
        raise MediaError(
            f"cannot write a sound of shape {list(wave.shape)} to '{path}'; give finite numbers [samples]"
        )
    return np.asarray(np.clip(wave, -1, 1), dtype=np.float32)
