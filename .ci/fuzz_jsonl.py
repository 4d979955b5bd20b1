"""Feed lines of any bytes to the readers of records: only AvereError comes out, never other counts."""

import argparse
import json
import random
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from avere.construct import checking
from avere.errors import AvereError
from avere.exchange import preference_rows
from avere.records import Clip, jsonl

SIGNS = [
    "a",
    "é",
    "愤",
    "\u2028",
    "\u2029",
    "\x85",
    "\x0b",
    "\x0c",
    "\x1e",
    "\r",
    "\n",
    '"',
    "\\",
    "\ufeff",
    "😀",
]
PIECES = ["{", "}", "[", "]", ":", ",", "null", "1e999", "-1", "true", '"id"', '"chosen"', '"videos"', "NaN"]
ROW = {"prompt": "What?", "chosen": "a", "rejected": "b", "videos": ["none.mp4"]}


def written(dice: random.Random, path: Path) -> int:
    """Write records with any text; return how many."""
    count = dice.randrange(6)
    texts = ["".join(dice.choices(SIGNS, k=dice.randrange(9))) for _ in range(count)]
    return jsonl.write(path, (Clip(id=str(n), source="t", transcript=text) for n, text in enumerate(texts)))


def broken(dice: random.Random, path: Path) -> None:
    """Write lines that are hardly JSON, or rows with values of any kind."""
    values = [
        None,
        1,
        "x",
        [],
        {},
        ["\0"],
        "a" * 300,
        [{"role": "user", "content": [{"type": "text"}]}],
        True,
    ]
    lines = ["".join(dice.choices([*PIECES, *SIGNS], k=dice.randrange(30)))]
    lines += [json.dumps({**ROW, dice.choice([*ROW, "id", "target", "messages"]): dice.choice(values)})]
    data = bytearray("\n".join(lines).encode())
    data[dice.randrange(len(data))] = dice.randrange(256)
    path.write_bytes(bytes(data))


def attempt(path: Path, wanted: int | None) -> bool:
    """Read a file by every reader; return whether the strict one refused it."""
    pairs = path.with_name("pairs.jsonl")
    pairs.write_bytes(path.read_bytes())
    for form in preference_rows.FORMS:
        found = preference_rows.read(pairs, form)
        held = sum(1 for _ in jsonl.lines(pairs))
        assert len(found.pairs) + len(found.faults) == held
    checking.check(pairs, path)
    try:
        found_clips = jsonl.read_by_id(path, Clip)
    except AvereError as error:
        if "\n" in str(error) or wanted is not None:
            raise AssertionError(str(error)) from error
        return True
    assert wanted in (None, len(found_clips))
    return False


def main() -> None:
    """Try until the time is over."""
    given = argparse.ArgumentParser()
    given.add_argument("--seconds", type=float, default=60)
    given.add_argument("--seed", type=int, default=0)
    told = given.parse_args()
    dice, end, tries, refused = random.Random(told.seed), time.monotonic() + told.seconds, 0, 0
    with TemporaryDirectory() as folder:
        path = Path(folder) / "clips.jsonl"
        while time.monotonic() < end:
            tries += 1
            wanted = written(dice, path) if tries % 2 else broken(dice, path)
            try:
                refused += attempt(path, wanted)
            except AvereError:
                refused += 1  # the whole file, as UTF-16 would be
            except Exception as error:
                raise AssertionError(f"{path.read_bytes()!r}") from error
    print(f"{tries} files, {refused} refused")


if __name__ == "__main__":
    main()
