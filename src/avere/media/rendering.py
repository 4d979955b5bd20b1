"""Media in the form in which other programs expect them: corrupted ones as files, sound as 16 kHz mono."""

from pathlib import Path

from avere.media import clips, pictures, probing, sounds
from avere.media._container import open_container
from avere.media.corruptions import CorruptionLike
from avere.media.writing import write_sound, write_video

RATE = 16_000
"""Samples a second that speech encoders take."""
PLAYED = ("yuv420p", "yuvj420p")
"""Formats of stored points that every browser decodes."""
HEARD = ("aac", "mp3", "mp3float")


def render(source: Path, target: Path, corruption: CorruptionLike, *, frames: int = 8) -> None:
    """Write what a corruption leaves of a medium: of the sound into a ``.wav``, else of the pictures.

    Args:
        source: holds the medium.
        target: ends in .wav for the sound, in .mp4, .m4v, .mov or .mkv for the pictures.
        corruption: what is done to it.
        frames: pictures, at even times over the clip's length, as a model with that many would get them.

    Raises:
        MediaError: the medium is missing, or the target cannot hold it.
        AvereError: a corruption that cannot be applied.
    """
    if target.suffix.lower() == ".wav":
        write_sound(target, sounds.sound(source, RATE, corruption=corruption), RATE)
        return
    found = pictures.frames(source, frames, corruption=corruption)
    write_video(target, found, frames / (probing.probe(source).video_seconds or 1.0))


def is_plain(source: Path) -> bool:
    """True where a file needs no conversion: an .mp4 with pictures, or 16 kHz mono sound in a .wav.

    Raises:
        MediaError: it is missing, empty, damaged or no media.
    """
    found, suffix = probing.probe(source), source.suffix.lower()
    if suffix == ".wav":
        return (found.rate, found.channels) == (RATE, 1)
    return suffix == ".mp4" and found.has_video


def is_playable(source: Path) -> bool:
    """True where browsers play a film as it is: an .mp4 with 8-bit H.264 of even size, and AAC or MP3 if any.

    Raises:
        MediaError: it is missing, empty, damaged or no media.
    """
    with open_container(source) as found:
        if found.video is None or source.suffix.lower() != ".mp4":
            return False
        if found.audio is not None and found.audio.codec_context.name not in HEARD:
            return False
        codec = found.video.codec_context
        return codec.name == "h264" and codec.pix_fmt in PLAYED and codec.width % 2 == codec.height % 2 == 0


def plain(source: Path, target: Path) -> None:
    """Write the sound of a file as 16 kHz mono into a ``.wav``, or all of it anew into an ``.mp4``.

    Raises:
        MediaError: the medium is missing, or cannot be decoded.
    """
    if target.suffix.lower() == ".wav":
        write_sound(target, sounds.sound(source, RATE), RATE)
    else:
        clips.cut(source, target, 0.0, probing.probe(source).seconds)
