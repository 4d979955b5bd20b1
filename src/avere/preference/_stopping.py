"""What may end a run early: a signal that asks it to stop, and a disk without room."""

import errno
import re
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from avere.errors import AvereError

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
SPOKEN = re.compile(r"no space left|disk quota|file too large", re.IGNORECASE)
"""How libraries that hide the number of an error speak of the same."""
LITTLE = 1 << 20
"""Bytes; with less left, a write that failed failed for want of room."""


@contextmanager
def listening(asked: Callable[[], None]) -> Iterator[None]:
    """Call ``asked`` on SIGTERM instead of dying; outside the main thread signals stay as they are."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda *_: asked())
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def room(folder: Path) -> Iterator[None]:
    """Turn a failed write for want of room into one line.

    Raises:
        AvereError: the disk of ``folder`` is full, or a quota or limit is reached.
    """
    try:
        yield
    except AvereError:
        raise
    except Exception as error:
        if not _is_full(error, folder):
            raise
        raise AvereError(
            f"there is no room left to write to '{folder}' ({' '.join(str(error).split())}); make room and "
            "run the same command again: it goes on after the last whole checkpoint"
        ) from error


def _is_full(error: Exception, folder: Path) -> bool:
    """True where a write failed for want of room: torch says so neither by number nor by word."""
    if getattr(error, "errno", None) in NO_ROOM or SPOKEN.search(str(error)):
        return True
    place = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    return isinstance(error, OSError | RuntimeError) and shutil.disk_usage(place).free < LITTLE
