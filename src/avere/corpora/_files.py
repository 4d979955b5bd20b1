"""Finding a corpus's files: which of several known layouts is there, and which medium belongs to a clip."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from avere.errors import AvereError
from avere.media import SOUND_SUFFIXES, VIDEO_SUFFIXES


class Tracks(NamedTuple):
    """The media of a folder by the names of clips."""

    home: Path
    videos: Mapping[str, Path]
    sounds: Mapping[str, Path]
    """Sounds in files of their own; elsewhere the sound is in the video's file."""

    def of(self, name: str, place: str) -> tuple[Path, Path]:
        """Find video and audio of a clip; where no video is, the path at which it should be."""
        video = self.videos.get(name, self.home / place)
        return video, self.sounds.get(name, video)


def first(root: Path, candidates: Sequence[str], what: str) -> Path:
    """Find the first of several places that exists.

    Raises:
        AvereError: none does; the text says where it was looked for.
    """
    found = optional(root, candidates)
    if found is None:
        if not root.exists():
            raise AvereError(f"'{root}' does not exist; give the folder of the corpus")
        raise AvereError(
            f"'{root}' holds no {what}; looked for: {', '.join(candidates)}; give the folder that holds them"
        )
    return found


def optional(root: Path, candidates: Sequence[str]) -> Path | None:
    """Find the first of several places that exists, or None."""
    return next((root / one for one in candidates if (root / one).exists()), None)


def tracks(
    root: Path,
    candidates: Sequence[str],
    *,
    prepared: bool = False,
    sounds: Sequence[str] = (),
    name: Callable[[str], str] = str,
) -> Tracks:
    """Find the media of a folder.

    Args:
        root: of the corpus.
        candidates: where the folder may be.
        prepared: read what the published preparation left beside it: 24 frames a second in ``..._24fps``,
            16 kHz sound in ``..._16khz``.
        sounds: where a folder of sounds may be.
        name: what a file's stem says of the clip.

    Raises:
        AvereError: there is no such folder.
    """
    places = [f"{one}_24fps" for one in candidates] if prepared else candidates
    home = first(root, places, "folder of clips")
    heard = optional(root, [f"{one}_16khz" for one in candidates] if prepared else sounds)
    return Tracks(
        home,
        by_name(home, VIDEO_SUFFIXES, name),
        by_name(heard, SOUND_SUFFIXES, name) if heard else {},
    )


def list_media(folder: Path, suffixes: frozenset[str]) -> list[Path]:
    """List the media below a folder in a fixed order, without the ``._`` files that macOS leaves."""
    found = (path for path in folder.rglob("*") if path.suffix.lower() in suffixes)
    return sorted(path for path in found if not path.name.startswith("._"))


def by_name(folder: Path, suffixes: frozenset[str], name: Callable[[str], str] = str) -> dict[str, Path]:
    """Arrange the media below a folder by their stems.

    Raises:
        AvereError: two files go by one name.
    """
    found: dict[str, Path] = {}
    for path in list_media(folder, suffixes):
        other = found.setdefault(name(path.stem), path)
        if other is not path:
            raise AvereError(
                f"'{other}' and '{path}' go by one name; give a folder that holds one copy of each clip"
            )
    return found
