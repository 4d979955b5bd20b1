"""What the fuzz targets of text share: their options, the time they take, and the bytes that broke a law."""

import argparse
import random
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

SIGNS = ["a", "é", "愤", "\u2028", "\x85", "\x0c", '"', "\ufeff", "😀"]
"""Signs of one to four bytes, those that some readers take for the end of a line, quotes and a mark."""
Write = Callable[[random.Random, Path], int | None]
"""Writes a file and counts its records; None where nobody knows how many it holds."""


def read_options() -> argparse.Namespace:
    """Read for how many seconds to try, and from which seed."""
    given = argparse.ArgumentParser()
    given.add_argument("--seconds", type=float, default=60)
    given.add_argument("--seed", type=int, default=0)
    return given.parse_args()


def fuzz(name: str, write: tuple[Write, Write], attempt: Callable[[Path, int | None], bool]) -> None:
    """Write and read files of one name until the time is over, whole ones and broken ones in turn.

    Args:
        name: of the files.
        write: what writes a whole file, and what writes a broken one.
        attempt: reads a file, told how many records it must have; True where it was refused.

    Raises:
        AssertionError: something broke a law; the text holds the bytes.
    """
    told = read_options()
    dice, end, tries, refused = random.Random(told.seed), time.monotonic() + told.seconds, 0, 0
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        while time.monotonic() < end:
            tries += 1
            wanted = write[1 - tries % 2](dice, path)
            try:
                refused += attempt(path, wanted)
            except Exception as error:
                raise AssertionError(f"{type(error).__name__}: {error}: {path.read_bytes()!r}") from error
    print(f"{tries} files, {refused} refused")
