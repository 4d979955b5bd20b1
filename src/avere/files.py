"""Files written whole or not at all, the digest of what a file holds, and the one identity of a medium."""

import errno
import hashlib
import json
import os
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from unicodedata import category
from uuid import uuid4

from avere.errors import AvereError, MediaError

REFUSED = frozenset(
    {
        *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS),
        *(errno.EACCES, errno.EPERM, errno.EISDIR, errno.ENOTDIR, errno.EEXIST),
    }
)
"""What a system says where a file cannot be written, which a person can mend."""
SETTLED = 2_000_000_000
"""Nanoseconds after which a changed file bears another time of change, on every file system."""
LONGEST_NAME = 100
"""Characters of a name, twice as many bytes: file systems take 255, and endings are added."""
SEPARATING = frozenset("/\\:")
UNSEEN = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Kinds of signs, by Unicode: control, halves of signs, separators of lines and paragraphs."""
KEPT = 65_536
"""Digests that stay in memory, some 200 bytes each."""


def safe_name(text: str, what: str) -> str:
    r"""Check that a text can be the name of a file or folder on every system, and give it back.

    Args:
        text: the name, which may become a part of a longer one.
        what: it is the name of, for the error.

    Raises:
        AvereError: it is empty or too long, or would lead elsewhere.

    >>> safe_name("reasoning_basic_audio", "task")
    'reasoning_basic_audio'
    >>> safe_name("../x", "task")
    Traceback (most recent call last):
    ...
    avere.errors.AvereError: the task '../x' can name no file: it holds '/'; give another name
    """
    wrong = next((sign for sign in text if sign in SEPARATING or category(sign) in UNSEEN), None)
    if not text.strip():
        fault = "it is empty"
    elif len(text) > LONGEST_NAME or len(text.encode("utf-8", "replace")) > 2 * LONGEST_NAME:
        fault = f"it is longer than {LONGEST_NAME} characters"
    elif wrong is not None:
        fault = f"it holds {wrong!r}"
    elif text in {".", ".."}:
        fault = "it stands for a folder"
    else:
        return text
    raise AvereError(f"the {what} {text[:LONGEST_NAME]!r} can name no file: {fault}; give another name")


@contextmanager
def create_whole(path: Path, *, sync: bool = False) -> Iterator[Path]:
    """Give a place to write to; what is written there takes the place of ``path`` only when it is complete.

    A full disk, a fault or an interruption leaves the older file as it was, and nothing beside it. The place
    stands in the same folder and ends as the file does, because some writers choose their format by that. A
    link is followed; a pipe or a terminal (``/dev/stdout``) is written to as it is.

    Args:
        path: the file; its folder is made.
        sync: whether it also outlives a loss of power, which takes milliseconds.

    Raises:
        AvereError: the system does not let the file be written.
    """
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            yield path
            return
        target = path.resolve() if path.is_symlink() else path
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_name(f".{target.stem}.{uuid4().hex}{target.suffix}")
        try:
            yield unfinished
            if sync:
                _reach_disk(unfinished)
            unfinished.replace(target)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        if error.errno not in REFUSED:
            raise
        raise AvereError(
            f"cannot write '{path}': {error.strerror}; make room, or give another place"
        ) from error


def check_writable(folder: Path) -> None:
    """Check that files can be written to a folder, which may not be there yet; nothing is left behind.

    Raises:
        AvereError: the system does not let them, or the place is a file.
    """
    place = folder
    while not place.exists() and place != place.parent:
        place = place.parent
    if not place.is_dir():
        raise AvereError(f"cannot write to '{folder}': '{place}' is a file; give another place")
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        raise AvereError(
            f"cannot write to '{folder}': {error.strerror}; make room, or give another place"
        ) from error


@contextmanager
def naming(place: Path) -> Iterator[None]:
    """Name a place in what the system refuses there, for libraries that do not say where.

    Raises:
        AvereError: a library that is not Python's could not read or write.
    """
    try:
        yield
    except OSError as error:
        if error.errno is not None and error.filename is None:
            error.filename = str(place)
        raise
    except Exception as error:
        if type(error).__name__ != "SafetensorError":  # of a library that this module does not import
            raise
        raise AvereError(
            f"a safetensors file of '{place}' is damaged or cannot be written: {error}; copy or make it again"
        ) from error


def write_text(path: Path, text: str, *, sync: bool = False) -> Path:
    """Write text as UTF-8, whole or not at all, as `create_whole` does; return the file."""
    return write_bytes(path, text.encode(), sync=sync)


def write_bytes(path: Path, content: bytes, *, sync: bool = False) -> Path:
    """Write bytes, whole or not at all, as `create_whole` does; return the file."""
    with create_whole(path, sync=sync) as unfinished:
        unfinished.write_bytes(content)
    return path


def read_json(path: Path, advice: str = "put it back from a copy, or give another folder") -> Any:
    """Read a JSON file whole; ``advice`` says what to do about a damaged one.

    Raises:
        AvereError: what stands in it is no JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise AvereError(f"'{path}' is not JSON ({error}); {advice}") from error


def digest(path: Path) -> str:
    """Compute the SHA-256 of a file's content, in hexadecimal; an unchanged file is read once a process.

    A file counts as unchanged while inode, size and time of change are the same. One that was changed just
    now is read each time: a second change within the tick of the clock would leave no trace.

    Raises:
        OSError: it cannot be read.
    """
    state = path.stat()
    if not (stat.S_ISREG(state.st_mode) or stat.S_ISDIR(state.st_mode)):
        # Reading a pipe would wait for ever, and a device may have no end.
        raise OSError(errno.EINVAL, "it is no regular file")
    if time.time_ns() - state.st_mtime_ns < SETTLED:
        return _digest_content(path)
    return _digest_known(path, state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns)


class MediumIdentity(NamedTuple):
    """What tells a medium from every other one, wherever it lies."""

    content: str
    """The digest of the file."""
    corruption: str | None
    """What is done to it after decoding, as JSON."""

    def __str__(self) -> str:
        return f"{self.content} {self.corruption or ''}"


def identify_medium(path: Path, corruption: str | None = None, *, missing_ok: bool = False) -> MediumIdentity:
    """Name a medium by all bytes of its file and by what is done to it: equal names are equal media.

    Args:
        path: the file.
        corruption: what is done to it after decoding, as JSON.
        missing_ok: name a file that cannot be read by its name; whoever opens it later says what is wrong.

    Raises:
        MediaError: the file cannot be read, or is empty.
    """
    try:
        content = digest(path)
        fault = None if path.stat().st_size else "it is empty (0 bytes)"
    except OSError as error:
        fault = error.strerror or type(error).__name__
    if fault is None:
        return MediumIdentity(content, corruption)
    if missing_ok:
        return MediumIdentity(path.name, corruption)
    raise MediaError(f"cannot read '{path}': {fault}; give a file that can be read")


@lru_cache(maxsize=KEPT)
def _digest_known(path: Path, *state: int) -> str:
    """Compute a digest once for each state of a file."""
    del state  # a part of the key
    return _digest_content(path)


def _digest_content(path: Path) -> str:
    """Read a file in pieces and compute its digest."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _reach_disk(path: Path) -> None:
    """Wait until a file is on the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
