"""A file of preference pairs looked through before anyone trains on it: every bad row, with its cause."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, TypeVar, get_args

from avere import media
from avere.errors import MediaError, RecordError
from avere.records import Clip, Modality, PreferencePair, Record, jsonl

R = TypeVar("R", bound=Record)


class RowFault(NamedTuple):
    """A row that cannot be used."""

    line: int
    cause: str


def check(pairs: Path, clips: Path) -> Iterator[tuple[Path, RowFault]]:
    """Yield the bad rows of both files, those of the clips first; a clip that no pair names is not opened.

    Raises:
        RecordError: a file cannot be read at all.
    """
    known: dict[str, Clip] = {}
    for line, clip in _parsed(clips, Clip):
        if isinstance(clip, Clip):
            known[clip.id] = clip.moved(lambda path: clips.parent / path)
        else:
            yield clips, RowFault(line, clip)
    seen: set[str] = set()
    readable: dict[Path, str | None] = {}
    for line, pair in _parsed(pairs, PreferencePair):
        if not isinstance(pair, PreferencePair):
            yield pairs, RowFault(line, pair)
            continue
        causes = [*_words(pair, seen), *_media(pair, known, readable)]
        seen.add(pair.id)
        if causes:
            yield pairs, RowFault(line, "; ".join(causes))


def _parsed(file: Path, kind: type[R]) -> Iterator[tuple[int, R | str]]:
    """Yield each line's number with its record, or with why it is none."""
    try:
        lines = file.read_bytes().splitlines()
    except OSError as error:
        raise RecordError(f"cannot read '{file}': {error.strerror}; give an existing JSONL file") from error
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield number, jsonl.parse(line, kind, "line")
            except RecordError as error:
                yield number, str(error).removeprefix("line: ")


def _words(pair: PreferencePair, seen: Iterable[str]) -> Iterator[str]:
    if pair.id in seen:
        yield f"another row has the id '{pair.id}' too"
    for name in ("prompt", "chosen"):
        if not getattr(pair, name).strip():
            yield f"{name} is empty"
    rejected = [text for text in (pair.spurious, pair.hallucinated) if text is not None]
    if not rejected:
        yield "no rejected answer; give spurious, hallucinated or both"
    if pair.chosen in rejected:
        yield "a rejected answer is the chosen one"


def _media(
    pair: PreferencePair, clips: Mapping[str, Clip], readable: dict[Path, str | None]
) -> Iterator[str]:
    """List the faults of the files that a pair needs."""
    wanted: dict[Modality, list[str]] = {modality: [pair.clip] for modality in get_args(Modality)}
    for modality, names in wanted.items():
        change = getattr(pair.corruption, modality)
        if change is not None and change.clip is not None:
            names.append(change.clip)
    unknown = sorted({name for names in wanted.values() for name in names} - clips.keys())
    for name in unknown:
        yield f"clip '{name}' is not in the clips file"
    for modality, names in wanted.items():
        for name in names:
            if name in clips:
                needed = name != pair.clip or pair.target in {modality, "audiovisual"}
                yield from _track(clips[name], modality, readable, needed=needed)


def _track(
    clip: Clip, modality: Modality, readable: dict[Path, str | None], *, needed: bool
) -> Iterator[str]:
    """List the faults of one modality of a clip; a missing one is a fault only where it is needed."""
    path = getattr(clip, modality)
    if path is None:
        if needed:
            yield f"clip '{clip.id}' has no {modality}"
        return
    if path not in readable:
        readable[path] = _fault(path)
    cause = readable[path]
    if cause is not None:
        yield cause


def _fault(path: Path) -> str | None:
    try:
        media.check_decoding(path)
    except MediaError as error:
        return str(error)
    return None
