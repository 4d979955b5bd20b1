"""Feed tables of any bytes to the reader: only AvereError comes out, and never a different count of rows."""

import csv
import io
import random
from pathlib import Path

import _fuzzing

from avere import corpora
from avere.errors import AvereError

SIGNS = [*_fuzzing.SIGNS, ",", ";", "\t", "\n", "\r\n", " ", "="]
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "gb18030", "latin-1"]
HEADER = ["path", "label", "transcript"]


def written(dice: random.Random, path: Path) -> int:
    """Write a table by Python's own writer; count its rows."""
    rows = [
        [f"{n}.mp4", "sad", "".join(dice.choices(SIGNS, k=dice.randrange(9)))]
        for n in range(dice.randrange(6))
    ]
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=dice.choice(",;\t"), quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([HEADER, *rows])
    path.write_bytes(text.getvalue().encode(dice.choice(["utf-8", "utf-8-sig", "utf-16"])))
    return len(rows)


def broken(dice: random.Random, path: Path) -> None:
    """Write what is hardly a table: signs in any order, bytes of any encoding, some of them lost."""
    body = "".join(dice.choices([*SIGNS, "a.mp4,sad,x\n"], k=dice.randrange(40)))
    data = bytearray((",".join(HEADER) + "\n" + body).encode(dice.choice(ENCODINGS), "ignore"))
    for _ in range(dice.randrange(3)):
        if data:
            data[dice.randrange(len(data))] = dice.randrange(256)
    path.write_bytes(bytes(data))


def attempt(path: Path, wanted: int | None) -> bool:
    """Read a table; True where it was refused, in one line and not although it was whole."""
    try:
        found = len(list(corpora.read("folder", path)))
    except AvereError as error:
        if "\n" in str(error) or wanted:
            raise AssertionError(str(error)) from error
        return True
    assert wanted in (None, found), f"{found} rows of {wanted}"
    return False


if __name__ == "__main__":
    _fuzzing.fuzz("labels.csv", (written, broken), attempt)
