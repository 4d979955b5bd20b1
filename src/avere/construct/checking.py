"""A file of preference pairs looked through before anyone trains on it: every bad row, with its cause."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, TypeVar, get_args

import numpy as np

from avere import media
from avere.errors import AvereError, MediaError, RecordError
from avere.records import Clip, Corruption, Modality, PreferencePair, Record, jsonl

R = TypeVar("R", bound=Record)

HEARD = 30.0
"""Seconds of sound that every model hears; how many more, its option audio_seconds says."""
REJECTED = ("spurious", "hallucinated")
BLANKS = re.compile(r"[\s\u200b\ufeff]+")
SPECIAL = re.compile(r"<\|\w+\|>")
"""Tokens that stand for media, or for the ends of turns, in models' own templates."""
PICTURES, WAVE = np.zeros((2, 16, 16, 3), dtype=np.uint8), np.zeros(1600, dtype=np.float32)
"""The smallest media that can be corrupted."""


class RowFault(NamedTuple):
    """A row that cannot be used."""

    line: int
    cause: str


class Track(NamedTuple):
    """One modality of one file."""

    modality: Modality
    path: Path


class CheckReport(NamedTuple):
    """What was found in a file of pairs and its clips."""

    faults: list[tuple[Path, RowFault]]
    """Of the clips first, then of the pairs, in the order of lines."""
    rows: int
    """Lines of the pairs."""
    identical: int
    """Pairs that say in all but their ids what an earlier one says."""
    long: tuple[float, ...] = ()
    """Lengths of the sounds of more than HEARD seconds, sorted."""


def check(
    pairs: Path, clips: Path, progress: Callable[[Sequence[Track]], Iterable[Track]] = iter
) -> CheckReport:
    """Find the bad rows of both files; a clip that no pair names is not opened.

    Each medium is decoded once, as a whole; ``progress`` shows how many are done.

    Raises:
        RecordError: a file cannot be read at all.
    """
    clip_rows, pair_rows = list(_parsed(clips, Clip)), list(_parsed(pairs, PreferencePair))
    known = {
        clip.id: clip.moved(lambda path: clips.parent / path)
        for _, clip in clip_rows
        if isinstance(clip, Clip)
    }
    good = [pair for _, pair in pair_rows if isinstance(pair, PreferencePair)]
    tracks = sorted({track for pair in good for track in _tracks(pair, known)})
    found = {track: _decode(track) for track in progress(tracks)}
    unreadable = {track: cause for track, cause in found.items() if isinstance(cause, str)}
    twice_clips, twice_pairs = _repeated(clip_rows), _repeated(pair_rows)
    faults: list[tuple[Path, RowFault]] = []
    for line, clip in clip_rows:
        causes = [clip] if isinstance(clip, str) else [*twice_clips.get(line, ())]
        faults += [(clips, RowFault(line, cause)) for cause in causes]
    for line, pair in pair_rows:
        causes = [pair] if isinstance(pair, str) else [*twice_pairs.get(line, ()), *find_faults(pair)]
        if isinstance(pair, PreferencePair):
            if pair.spurious is None and pair.hallucinated is None:
                causes.append("no rejected answer; give spurious, hallucinated or both")
            causes += _media(pair, known, unreadable)
        faults += [(pairs, RowFault(line, "; ".join(causes)))] if causes else []
    heard = [one for track, one in found.items() if track.modality == "audio" and isinstance(one, float)]
    long = tuple(sorted(seconds for seconds in heard if seconds > HEARD + media.SHORT))
    return CheckReport(faults, len(pair_rows), count_identical(good), long)


def find_faults(pair: PreferencePair) -> Iterator[str]:
    """Yield the causes for which a pair cannot be trained on, whatever its clips and its id are."""
    rejected = {name: text for name in REJECTED if (text := getattr(pair, name)) is not None}
    for name, text in {"prompt": pair.prompt, "chosen": pair.chosen, **rejected}.items():
        if not _bare(text):
            yield f"{name} is empty"
        if found := SPECIAL.search(text):
            yield f"{name} holds {found[0]}, which models take for a medium or a command; take it out"
    if pair.chosen in rejected.values():
        yield "a rejected answer is the chosen one"
    elif _bare(pair.chosen) in map(_bare, rejected.values()):
        yield "a rejected answer is the chosen one but for blanks"
    yield from _misfits(pair)


def count_identical(pairs: Iterable[PreferencePair]) -> int:
    """Count the pairs that say in all but ids and provenance what an earlier one says.

    Answers of a group are not counted: a policy that says the same twice is meant to learn from both.
    """
    single = (pair for pair in pairs if pair.group is None)
    texts = Counter(pair.model_dump_json(exclude={"id", "made_by"}) for pair in single)
    return texts.total() - len(texts)


def _bare(text: str) -> str:
    return BLANKS.sub(" ", text).strip()


def _misfits(pair: PreferencePair) -> Iterator[str]:
    """Yield the corruptions of a pair that cannot be made."""
    for modality in get_args(Modality):
        change = getattr(pair.corruption, modality)
        if change is not None and (cause := _misfit(change, modality)) is not None:
            yield f"corruption.{modality}: {cause}"


@lru_cache(maxsize=1024)
def _misfit(change: Corruption, modality: Modality) -> str | None:
    """Explain why a corruption cannot be made, by making it of a tiny medium; None where it can."""
    if change.kind == "clip":
        return None if change.clip else "kind 'clip' names no clip; give the id of the replacement clip"
    try:
        if modality == "video":
            media.corrupt_frames(PICTURES, change)
        else:
            media.corrupt_sound(WAVE, 16_000, change)
    except AvereError as error:
        return str(error)
    return None


def _parsed(file: Path, kind: type[R]) -> Iterator[tuple[int, R | str]]:
    """Yield each line's number with its record, or with why it is none."""
    for number, line in jsonl.lines(file):
        try:
            yield number, jsonl.parse(line, kind, "line")
        except RecordError as error:
            yield number, str(error).removeprefix("line: ")


def _repeated(rows: Sequence[tuple[int, Clip | PreferencePair | str]]) -> dict[int, list[str]]:
    """Name the ids that several rows have, once for each id, at the second of these rows."""
    lines: dict[str, list[int]] = {}
    for line, record in rows:
        if not isinstance(record, str):
            lines.setdefault(record.id, []).append(line)
    return {
        second: [
            f"another row has the id '{name}' too"
            + (f", and so have {len(others):,} more, the last in line {others[-1]}" if others else "")
        ]
        for name, (_, second, *others) in ((n, held) for n, held in lines.items() if len(held) > 1)
    }


def _names(pair: PreferencePair, modality: Modality) -> tuple[str, ...]:
    """Name the clips whose modality a pair needs: its own, and the replacement clip."""
    change: Corruption | None = getattr(pair.corruption, modality)
    return (pair.clip,) if change is None or change.clip is None else (pair.clip, change.clip)


def _tracks(pair: PreferencePair, clips: Mapping[str, Clip]) -> Iterator[Track]:
    """Yield the media files that a pair needs."""
    for modality in get_args(Modality):
        for name in _names(pair, modality):
            path = getattr(clips.get(name), modality, None)
            if path is not None:
                yield Track(modality, path)


def _media(pair: PreferencePair, clips: Mapping[str, Clip], unreadable: Mapping[Track, str]) -> Iterator[str]:
    """Yield the faults of the clips and files of a pair; a missing track counts where it is needed."""
    unknown = {name for modality in get_args(Modality) for name in _names(pair, modality)} - clips.keys()
    for name in sorted(unknown):
        yield f"clip '{name}' is not in the clips file"
    for modality in get_args(Modality):
        for name in _names(pair, modality):
            needed = name != pair.clip or pair.target in {modality, "audiovisual"}
            if needed and name in clips and getattr(clips[name], modality) is None:
                yield f"clip '{name}' has no {modality}"
    yield from dict.fromkeys(unreadable[track] for track in _tracks(pair, clips) if track in unreadable)


def _decode(track: Track) -> float | str:
    """Decode a medium as a whole; measure its seconds, or explain why that cannot be done."""
    try:
        about = media.check_decoding(track.path, track.modality)
    except (MediaError, OSError, ValueError) as error:
        return str(error)
    return (about.video_seconds if track.modality == "video" else about.audio_seconds) or 0.0
