"""Pairs in the field names of the trainer published with AVERE, which `avere data import` reads back.

``rejected`` is the spurious answer, whose cue is in the video, ``rejected_2`` the hallucinated one: our
reading, since nothing published writes the second. ``video_l`` and ``audio_l`` are what makes the chosen
answer false; where a medium is not corrupted they name the real file, because the trainer would put noise in
place of a missing one. Replacements for a medium that the prompt is not about have no place there.
"""

from collections.abc import Iterator
from pathlib import Path

from avere.errors import AvereError, RecordError
from avere.exchange.formats._folder import DataFolder, FormatOptions, LeftOut, Way, Written
from avere.exchange.formats._lists import write_list
from avere.exchange.formats._shelf import Shelf
from avere.records import Modality, PreferencePair

MEDIA: tuple[Way, ...] = ("copy", "link")
FILE = "pairs.json"
PREFIX = "<video>\n<audio>\n"
FOLDERS: dict[Modality, str] = {"video": "videos", "audio": "audios"}


def write(data: DataFolder, out: Path, options: FormatOptions) -> Written:
    """Write one row a pair; its paths start at the folder, which is that trainer's ``--video_folder``.

    Raises:
        RecordError: the pairs cannot be read.
    """
    left_out = LeftOut(list)
    rows = write_list(out / FILE, _rows(data, Shelf(out, data, options), left_out))
    return Written(out / FILE, rows, left_out)


def _rows(data: DataFolder, shelf: Shelf, left_out: LeftOut) -> Iterator[dict[str, str]]:
    """Yield the rows; count what the form cannot hold."""
    for pair in data.pairs():
        try:
            yield _row(pair, data, shelf)
        except AvereError as error:
            left_out[str(error)].append(pair.id)


def _row(pair: PreferencePair, data: DataFolder, shelf: Shelf) -> dict[str, str]:
    """Make one row; ``id`` and ``target`` are ours, and of no interest to that trainer."""
    if pair.spurious is None or pair.hallucinated is None:
        raise RecordError("a pair with one rejected answer; that trainer needs two")
    clip = data.clip(pair.clip)
    places = {modality: shelf.real(clip, modality, folder) for modality, folder in FOLDERS.items()}
    worse = dict(places)
    for modality, folder in FOLDERS.items():
        if pair.target in (modality, "audiovisual"):
            worse[modality] = shelf.replacement(pair, modality, folder) or places[modality]
    return {
        "id": pair.id,
        "target": pair.target,
        "prompt": PREFIX + pair.prompt,
        "chosen": pair.chosen,
        "rejected": pair.spurious,
        "rejected_2": pair.hallucinated,
        **places,
        **{f"{modality}_l": place for modality, place in worse.items()},
    }
