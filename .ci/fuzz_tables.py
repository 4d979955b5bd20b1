"""Feed tables of any bytes to the reader: only AvereError comes out, and never a different count of rows."""

import argparse
import csv
import io
import random
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from avere import corpora
from avere.errors import AvereError

SIGNS = [
    "a",
    "é",
    "愤",
    ",",
    ";",
    "\t",
    '"',
    "\n",
    "\r\n",
    "\u2028",
    "\x85",
    "\x0c",
    " ",
    "=",
    "\ufeff",
    "😀",
]
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "gb18030", "latin-1"]
HEADER = ["path", "label", "transcript"]


def written(dice: random.Random, path: Path) -> int:
    """Write a table by Python's own writer; return how many rows it has."""
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


def main() -> None:
    """Try until the time is over."""
    given = argparse.ArgumentParser()
    given.add_argument("--seconds", type=float, default=60)
    given.add_argument("--seed", type=int, default=0)
    told = given.parse_args()
    dice, end, tries, refused = random.Random(told.seed), time.monotonic() + told.seconds, 0, 0
    with TemporaryDirectory() as folder:
        path = Path(folder) / "labels.csv"
        while time.monotonic() < end:
            tries += 1
            wanted = written(dice, path) if tries % 2 else broken(dice, path)
            try:
                found = len(list(corpora.read("folder", path)))
                assert wanted in (None, found), f"{found} rows of {wanted}: {path.read_bytes()!r}"
            except AvereError as error:
                refused += 1
                if "\n" in str(error) or wanted:
                    raise AssertionError(f"{error}: {path.read_bytes()!r}") from error
            except Exception as error:
                raise AssertionError(f"{path.read_bytes()!r}") from error
    print(f"{tries} tables, {refused} refused")


if __name__ == "__main__":
    main()
