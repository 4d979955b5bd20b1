"""Pairs as the DPO rows of ms-swift, media on both sides, which `avere data import` reads back.

A response preference is a row for each rejected answer, over the same media. A modality preference is a row
whose two answers are the same, and whose rejected media make it false. All rows have all columns: ms-swift
drops a row in which a column of other rows is empty.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from avere import files
from avere.errors import AvereError, RecordError
from avere.exchange.formats._folder import DataFolder, FormatOptions, LeftOut, Way, Written
from avere.exchange.formats._shelf import Shelf
from avere.records import Modality, PreferencePair

MEDIA: tuple[Way, ...] = ("copy", "link")
FILE = "dpo.jsonl"
FOLDERS: dict[Modality, str] = {"video": "videos", "audio": "audios"}


def write(data: DataFolder, out: Path, options: FormatOptions) -> Written:
    """Write rows whose paths start at the folder, in which ms-swift is to be started.

    Raises:
        RecordError: the pairs cannot be read.
    """
    left_out, count = LeftOut(list), 0
    shelf = Shelf(out, data, options)
    with files.create_whole(out / FILE) as unfinished, unfinished.open("w", encoding="utf-8") as file:
        for pair in data.pairs():
            try:
                made = list(_rows(pair, shelf))
            except AvereError as error:
                left_out[str(error)].append(pair.id)
                continue
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in made)
            count += len(made)
    return Written(out / FILE, count, left_out)


def _rows(pair: PreferencePair, shelf: Shelf) -> Iterator[dict[str, Any]]:
    """Yield the rows of a pair.

    Raises:
        RecordError: it has no rejected answer and no replacement, or no medium.
        MediaError: a medium cannot be read, converted or rendered.
    """
    places = {modality: shelf.own(pair, modality, folder) for modality, folder in FOLDERS.items()}
    real = {modality: place for modality, place in places.items() if place is not None}
    rejected = [text for text in (pair.spurious, pair.hallucinated) if text is not None]
    swapped = {
        modality: (
            (shelf.replacement(pair, modality, FOLDERS[modality]) or place)
            if pair.target in (modality, "audiovisual")
            else place
        )
        for modality, place in real.items()
    }
    if not real or not (rejected or swapped != real):
        raise RecordError("a pair without media, or without anything that is rejected")
    words = "".join(f"<{modality}>" for modality in real) + pair.prompt
    yield from (_row(pair, words, (pair.chosen, text), (real, real)) for text in rejected)
    if swapped != real:
        yield _row(pair, words, (pair.chosen, pair.chosen), (real, swapped))


def _row(
    pair: PreferencePair, words: str, answers: tuple[str, str], media: tuple[dict[Modality, str], ...]
) -> dict[str, Any]:
    """Make one row: the chosen side, and under the same names with ``rejected_`` before them the other."""
    row: dict[str, Any] = {"id": pair.id}
    for prefix, answer, places in zip(("", "rejected_"), answers, media, strict=True):
        asked = {"role": "user", "content": words}
        row[f"{prefix}messages"] = [asked, {"role": "assistant", "content": answer}]
        row |= {f"{prefix}{modality}s": [place] for modality, place in places.items()}
    return row
