"""Feed lines of any bytes to the readers of records: only AvereError comes out, never other counts."""

import json
import random
from pathlib import Path

import _fuzzing

from avere.construct import checking
from avere.errors import AvereError
from avere.exchange import preference_rows
from avere.records import Clip, jsonl

SIGNS = [*_fuzzing.SIGNS, "\u2029", "\x0b", "\x1e", "\r", "\n", "\\"]
PIECES = ["{", "}", "[", "]", ":", ",", "null", "1e999", "-1", "true", '"id"', '"chosen"', '"videos"', "NaN"]
ROW = {"prompt": "What?", "chosen": "a", "rejected": "b", "videos": ["none.mp4"]}


def written(dice: random.Random, path: Path) -> int:
    """Write records with any text; count them."""
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
    """Read a file by every reader; True where the strict one, or any, refused it as a whole."""
    try:
        return refused(path, wanted)
    except AvereError:
        return True  # the whole file, as UTF-16 would be


def refused(path: Path, wanted: int | None) -> bool:
    """Read a file by every reader; True where the strict one refused it."""
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


if __name__ == "__main__":
    _fuzzing.fuzz("clips.jsonl", (written, broken), attempt)
