"""Where the media of a shared folder stand: each is put in place once, in a form that readers expect."""

import shutil
from pathlib import Path

from avere import files, media
from avere.errors import AvereError, RecordError
from avere.exchange.formats._folder import DataFolder, FormatOptions
from avere.records import Clip, Modality, PreferencePair

SUFFIX = {"video": ".mp4", "audio": ".wav"}
NAMED = 100
"""Characters of an id that an error tells."""


class Shelf:
    """Put media into a folder: .mp4 as it is, other files converted, corrupted media rendered."""

    def __init__(self, root: Path, data: DataFolder, options: FormatOptions) -> None:
        self.root = root
        self._data, self._options = data, options
        self._placed: set[Path] = set()

    def real(self, clip: Clip, modality: Modality, folder: str) -> str:
        """Put a clip's medium in its place and name that, relative to the root.

        Raises:
            RecordError: the clip has no such medium, or an id that can be no file name.
            MediaError: it cannot be read or converted.
        """
        source = getattr(clip, modality)
        if source is None:
            raise RecordError(f"a clip without {modality}")
        place = f"{folder}/{file_name(clip.id, SUFFIX[modality])}"
        self._put(source, self.root / place)
        return place

    def own(self, pair: PreferencePair, modality: Modality, folder: str) -> str | None:
        """Put a pair's own medium in its place and name that; None where its clip has none.

        Raises:
            RecordError: the clip is unknown, or its id can be no file name.
            MediaError: the medium cannot be read or converted.
        """
        clip = self._data.clip(pair.clip)
        return None if getattr(clip, modality) is None else self.real(clip, modality, folder)

    def replacement(self, pair: PreferencePair, modality: Modality, folder: str) -> str | None:
        """Put the medium that makes the chosen answer false in its place and name that; None without one.

        Raises:
            RecordError: the clip that stands in is unknown or lacks the medium.
            MediaError: a medium cannot be read, converted or rendered.
        """
        change = getattr(pair.corruption, modality)
        if change is None:
            return None
        if change.kind == "clip":
            return self.real(self._data.clip(change.clip), modality, folder)
        source = getattr(self._data.clip(pair.clip), modality)
        if source is None:
            return None
        place = f"corrupted/{file_name(pair.id, SUFFIX[modality])}"
        target = _ready(self.root / place)
        media.render(source, target, change, frames=self._options.frames)
        return place

    def _put(self, source: Path, target: Path) -> None:
        """Bring a file to its place, unless it stands there already."""
        if target in self._placed:
            return
        if not media.is_plain(source) or source.suffix.lower() != target.suffix:
            media.plain(source, _ready(target))
        elif self._options.media == "link":
            _ready(target).symlink_to(source.resolve())
        elif target.is_symlink() or not target.exists() or not target.samefile(source):
            shutil.copyfile(source, _ready(target))
        self._placed.add(target)


def file_name(name: str, suffix: str) -> str:
    """Make a file's name of an id, which may have folders.

    Raises:
        RecordError: the id leads out of its folder, or no system can hold it.

    >>> file_name("part_1/7", ".mp4")
    'part_1/7.mp4'
    """
    try:
        for part in name.split("/"):
            files.safe_name(part, "part")
    except AvereError as error:
        raise RecordError(f"an id that can be no file name: {name[:NAMED]!r}") from error
    return name + suffix


def _ready(target: Path) -> Path:
    """Clear a place for a file: a link that stands there is not followed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    return target
