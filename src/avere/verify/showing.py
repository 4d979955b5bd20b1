"""Media as people may see and hear them: only what the question is about, in a form that browsers play.

The new files bear no title or other note of the old ones, and their names tell nothing.
"""

from collections import Counter
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import NamedTuple

from avere import media
from avere.errors import MediaError
from avere.records import Clip, Target

RATES = (8_000, 48_000)
"""Samples a second that browsers play."""


class PageMedium(NamedTuple):
    """One file for pages."""

    name: str
    kind: str
    """``video`` or ``audio``: which element plays it."""
    seconds: float


class Showcase:
    """Write media for pages into one folder, each clip and target once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.faults: Counter[str] = Counter()
        self._written: dict[tuple[str, Target], PageMedium | None] = {}

    def place(self, clip: Clip, target: Target) -> PageMedium | None:
        """Write what a question about ``target`` may show; None where the clip does not have it.

        Why not, is counted in ``faults``.
        """
        key = (clip.id, target)
        if key not in self._written:
            self._written[key] = self._place(clip, target)
        found = self._written[key]
        if found is None:
            self.faults[f"about {target} of a clip that lacks it or cannot be read"] += 1
        return found

    def _place(self, clip: Clip, target: Target) -> PageMedium | None:
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / f"{token_hex(12)}{'.wav' if target == 'audio' else '.mp4'}"
        try:
            show_target(clip, target, file)
        except (MediaError, OSError):
            file.unlink(missing_ok=True)
            return None
        return PageMedium(file.name, "audio" if target == "audio" else "video", media.probe(file).seconds)


def show_target(clip: Clip, target: Target, place: Path) -> None:
    """Write the pictures of a clip without sound, its sound alone as ``.wav``, or both.

    Raises:
        MediaError: the clip lacks what is asked about, or it cannot be decoded.
    """
    heard = _sound(clip) if target != "video" else None
    if target == "audio" and heard is not None:
        _write_sound(heard, place)
        return
    if clip.video is None:
        raise MediaError(f"the clip '{clip.id}' has no pictures; give a clip with video")
    with TemporaryDirectory() as name:
        pictures = _playable(clip.video, Path(name))
        if heard is None:
            media.mute(pictures, place)
        elif heard == clip.video:
            media.swap(pictures, pictures, place)
        else:
            wave, sound = Path(name) / "sound.wav", Path(name) / "sound.m4a"
            _write_sound(heard, wave)
            media.cut(wave, sound, 0.0, media.probe(wave).seconds)
            media.swap(pictures, sound, place)


def _write_sound(source: Path, place: Path) -> None:
    """Write the sound of a file as mono ``.wav`` at its own rate, where browsers know that."""
    rate = min(max(media.probe(source).rate or RATES[1], RATES[0]), RATES[1])
    media.write_sound(place, media.sound(source, rate), rate)


def _sound(clip: Clip) -> Path:
    """Find the file that holds the sound of a clip; a sound of its own goes before that of the video."""
    source = clip.audio or clip.video
    if source is None:
        raise MediaError(f"the clip '{clip.id}' has no media; give a clip with files")
    return source


def _playable(source: Path, folder: Path) -> Path:
    """Give a file with the same pictures that browsers play: itself, or one that is encoded anew."""
    if media.is_playable(source):
        return source
    file = folder / "pictures.mp4"
    media.cut(source, file, 0.0, media.probe(source).seconds)
    return file
