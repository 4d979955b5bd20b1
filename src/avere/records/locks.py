"""What one process has to itself while it works: a lock that ends with the process, however it ends."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from avere.errors import AvereError

NAME = ".lock"
"""The file that stands in a folder while somebody writes there."""
_held: set[int] = set()
"""Descriptors of the locks of this process.

A fork shares them, and a worker that outlives its killed parent by seconds would keep the lock. So a forked
child lets go at once; the parent's lock stays."""


@contextmanager
def hold(folder: Path, refusal: str, *, wait: bool = False) -> Iterator[None]:
    """Keep a folder, which is made, to this process; with ``wait``, once those before have let go of it.

    A folder that was made for this and holds nothing at the end is removed again.

    Raises:
        AvereError: another process holds it; ``refusal`` is the text.
    """
    file, made = folder / NAME, not folder.exists()
    place = _locked(file, refusal, wait=wait)
    _held.add(place)
    try:
        yield
    finally:
        file.unlink(missing_ok=True)
        if made:
            with suppress(OSError):
                folder.rmdir()
        _held.discard(place)
        os.close(place)


def lock(place: int, refusal: str, *, wait: bool = False) -> None:
    """Lock an open file for this process, where the system and the file system know locks.

    Raises:
        AvereError: another process holds it; ``refusal`` is the text.
    """
    try:
        import fcntl
    except ImportError:  # not a POSIX system: nothing to lock with
        return
    try:
        fcntl.flock(place, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError as error:
        raise AvereError(refusal) from error
    except OSError:  # some network file systems know no locks, which is no reason not to work
        return


def _locked(file: Path, refusal: str, *, wait: bool) -> int:
    """Open and lock a file; one that its holder removed meanwhile is nobody's, so another one is made."""
    while True:
        file.parent.mkdir(parents=True, exist_ok=True)
        place = os.open(file, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            lock(place, refusal, wait=wait)
        except AvereError:
            os.close(place)
            raise
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(place), file.stat()):
                return place
        os.close(place)


def _let_go() -> None:
    """Close, in a forked child, the locks of its parent."""
    while _held:
        with suppress(OSError):
            os.close(_held.pop())


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_let_go)
