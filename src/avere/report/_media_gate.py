"""Which files a page may carry: a record of clips may come from anybody, and name any file of this machine.

A page is made to be sent to others. So a medium goes in only where it belongs to the data: it lies below the
folder of the records, below a folder that the user named, or below other records of clips that hold the same
clip with the same file (as a world does for the questions and runs that were made of it).
"""

import stat
from collections.abc import Iterable, Sequence
from pathlib import Path

from avere import media
from avere.errors import AvereError, MediaError, printable_path
from avere.records import Clip, Modality, jsonl

LARGEST = 64 * 2**20
"""Bytes of one file."""
RECORDS, RECORDS_LARGEST = "clips.jsonl", 256 * 2**20
"""The file that tells which media belong to a folder, and the most bytes of it that are read for that."""


class MediaGate:
    """Decide file by file, and count what is left out.

    Args:
        folders: the folder of the records, and those that the user named.
    """

    def __init__(self, folders: Iterable[Path]) -> None:
        self._folders = tuple(folder.resolve() for folder in folders)
        self._known: dict[Path, frozenset[tuple[str, Path]]] = {}
        self.left_out: set[Path] = set()
        """Files that were not let through."""

    def find_fault(self, clip: str, modality: Modality, path: Path) -> str | None:
        """Say why a medium of a clip may not be shown; None where it may."""
        try:
            fault = self._fault(clip, modality, path)
        except FileNotFoundError:
            fault = f"'{printable_path(path)}' was not found"
        except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: links in a circle
            fault = f"it cannot be read ({getattr(error, 'strerror', None) or error})"
        except MediaError as error:
            fault = str(error)
        if fault is not None:
            self.left_out.add(path)
        return fault

    def _fault(self, clip: str, modality: Modality, path: Path) -> str | None:
        """Check a file.

        Raises:
            OSError: it is not there.
            ValueError: no file can have that name.
            MediaError: it does not decode.
        """
        true = path.resolve(strict=True)
        state = true.stat()
        name = printable_path(path)
        if not stat.S_ISREG(state.st_mode):
            return f"'{name}' is no regular file"
        if not self._belongs(clip, true):
            return (
                f"'{name}' lies outside the data, or is a link that leads out; add --media-root with its "
                "folder if it may be shown"
            )
        if state.st_size > LARGEST:
            return f"'{name}' has {state.st_size:,} bytes; at most {LARGEST:,} of one file are shown"
        found = media.probe(true)
        if not (found.has_video if modality == "video" else found.has_audio):
            return f"'{name}' has no {modality}"
        return None

    def _belongs(self, clip: str, true: Path) -> bool:
        """Check that a file belongs to the data; links are resolved before."""
        if any(true.is_relative_to(folder) for folder in self._folders):
            return True
        return any((clip, true) in self._read_records(folder) for folder in true.parents)

    def _read_records(self, folder: Path) -> frozenset[tuple[str, Path]]:
        """Read which media a folder has below it, by clip; none where it holds no records."""
        if folder not in self._known:
            self._known[folder] = frozenset(_list_media(folder))
        return self._known[folder]


def _list_media(folder: Path) -> Sequence[tuple[str, Path]]:
    """List the media that the records of a folder name, by clip."""
    file = folder / RECORDS
    try:
        state = file.stat()
        if not stat.S_ISREG(state.st_mode) or state.st_size > RECORDS_LARGEST:
            return ()
        return [
            (clip.id, path.resolve())
            for clip in jsonl.read(file, Clip)
            for path in (clip.video, clip.audio)
            if path is not None
        ]
    except (OSError, ValueError, RuntimeError, AvereError):
        # What cannot be read as records of clips allows nothing.
        return ()
