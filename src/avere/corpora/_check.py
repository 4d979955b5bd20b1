"""Looking through a corpus: what is there, what is broken, which clips stand in it twice or in others too."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Literal, NamedTuple, TypeVar

from avere import media
from avere.corpora import _fingerprints, _overlap
from avere.corpora._fingerprints import Fingerprint
from avere.errors import MediaError
from avere.records import Clip, Record

CopyKind = Literal["name", "video", "audio"]


class ClipFault(Record):
    """A media file that cannot be used."""

    clip: str
    path: str
    cause: str


class Overlap(Record):
    """Two clips that are one in some respect."""

    kind: CopyKind
    clip: str
    split: str | None = None
    corpus: str
    """Where the other clip is; the same corpus for clips that it holds twice."""
    other: str
    other_split: str | None = None
    distance: float | None = None
    """Share of differing bits of the fingerprints."""


class Report(Record):
    """What was found in a corpus."""

    corpus: str
    clips: int
    labels: Mapping[str, int]
    unlabelled: Mapping[str, int]
    """Clips without an emotion, by reason."""
    splits: Mapping[str, int]
    repeated: tuple[str, ...]
    """Ids that several clips bear."""
    missing: tuple[ClipFault, ...]
    unreadable: tuple[ClipFault, ...]
    without_sound: tuple[str, ...]
    """Clips whose video holds no sound, where the corpus has it there."""
    silent: tuple[str, ...] = ()
    """Clips with a track of sound in which nothing is to be heard."""
    compared: int
    """Clips with a fingerprint of at least one medium."""
    overlaps: tuple[Overlap, ...]


class Entry(NamedTuple):
    """A clip and what its media are like."""

    clip: Clip
    faults: tuple[ClipFault, ...]
    without_sound: bool
    fingerprint: Fingerprint
    silent: bool = False


MISSING = "missing"
"""The cause of a fault whose file is not there."""
T = TypeVar("T")


def examine_clips(clip: Clip, *, fingerprints: bool = True) -> Entry:
    """Examine the media of a clip, decoded as a whole: missing, unreadable, silent; take fingerprints."""
    causes: dict[Path, str] = {}
    mute = False
    for path in dict.fromkeys(path for path in (clip.video, clip.audio) if path is not None):
        try:
            held = media.check_decoding(path) if path.exists() else None
        except MediaError as error:
            causes[path] = str(error)
            continue
        if held is None:
            causes[path] = MISSING
        elif path == clip.video and not held.has_video:
            causes[path] = f"'{path}' has no video stream"
        elif path == clip.audio and not held.has_audio:
            mute = path == clip.video
            causes |= {} if mute else {path: f"'{path}' has no audio stream"}
    seen, heard = None, None
    if fingerprints:
        seen = _decoded(clip.video, causes, _fingerprints.of_video)
        heard = _decoded(None if mute else clip.audio, causes, _fingerprints.of_sound)
    silent = bool(not mute and heard is None and _decoded(clip.audio, causes, media.is_silent))
    faults = tuple(ClipFault(clip=clip.id, path=str(path), cause=cause) for path, cause in causes.items())
    return Entry(clip, faults, mute, Fingerprint(seen, *(heard or (None, None))), silent)


def write_report(name: str, entries: Sequence[Entry], others: Mapping[str, Sequence[Entry]]) -> Report:
    """Report the findings in a corpus, and its overlap with itself and with ``others``."""
    clips = [entry.clip for entry in entries]
    faults = [fault for entry in entries for fault in entry.faults]
    ids = Counter(clip.id for clip in clips)
    found = [*_within(name, entries)]
    for other, those in others.items():
        found += _between(other, entries, those)
    return Report(
        corpus=name,
        clips=len(clips),
        labels=Counter(clip.emotion for clip in clips if clip.emotion is not None),
        unlabelled=Counter(
            clip.attributes.get("unlabelled", "no label") for clip in clips if clip.emotion is None
        ),
        splits=Counter(clip.split or "none" for clip in clips),
        repeated=tuple(one for one, count in ids.items() if count > 1),
        missing=tuple(fault for fault in faults if fault.cause == MISSING),
        unreadable=tuple(fault for fault in faults if fault.cause != MISSING),
        without_sound=tuple(entry.clip.id for entry in entries if entry.without_sound),
        silent=tuple(entry.clip.id for entry in entries if entry.silent),
        compared=sum(any(part is not None for part in entry.fingerprint) for entry in entries),
        overlaps=tuple(found),
    )


def find_copies(overlaps: Sequence[Overlap]) -> int:
    """Count the pairs that agree in picture and in sound."""
    pairs = Counter(
        (one.corpus, one.clip, one.split, one.other, one.other_split)
        for one in overlaps
        if one.kind != "name"
    )
    return sum(count > 1 for count in pairs.values())


def _decoded(path: Path | None, causes: dict[Path, str], how: Callable[[Path], T | None]) -> T | None:
    """Take the fingerprint of a file, None where there is none; add to ``causes`` what cannot be read."""
    if path is None or path in causes:
        return None
    try:
        return how(path)
    except MediaError as error:
        causes[path] = str(error)
        return None


def _within(name: str, entries: Sequence[Entry]) -> Iterator[Overlap]:
    """Yield the pairs of clips of one corpus with the same picture or sound."""
    for kind, match in _matches(entries, entries):
        if match.left < match.right:
            yield _overlap_of(kind, name, entries[match.left], entries[match.right], match.distance)


def _between(name: str, entries: Sequence[Entry], others: Sequence[Entry]) -> Iterator[Overlap]:
    """Yield the pairs of clips of two corpora with the same name, picture or sound."""
    named = {key: list(group) for key, group in groupby(sorted(others, key=_name), key=_name)}
    for entry in entries:
        for other in named.get(_name(entry), ()):
            # A bare number means something inside its own corpus alone.
            if entry.clip.source == other.clip.source or not _name(entry).isdecimal():
                yield _overlap_of("name", name, entry, other, None)
    for kind, match in _matches(entries, others):
        yield _overlap_of(kind, name, entries[match.left], others[match.right], match.distance)


def _matches(left: Sequence[Entry], right: Sequence[Entry]) -> Iterator[tuple[CopyKind, _overlap.Match]]:
    """Yield the places of equal fingerprints."""
    ours, theirs = ([entry.fingerprint for entry in side] for side in (left, right))
    for match in _overlap.same_videos(ours, theirs):
        yield "video", match
    for match in _overlap.same_sounds(ours, theirs):
        yield "audio", match


def _overlap_of(kind: CopyKind, corpus: str, left: Entry, right: Entry, distance: float | None) -> Overlap:
    """Make the record of a pair."""
    return Overlap(
        kind=kind,
        clip=left.clip.id,
        split=left.clip.split,
        corpus=corpus,
        other=right.clip.id,
        other_split=right.clip.split,
        distance=None if distance is None else round(distance, 4),
    )


def _name(entry: Entry) -> str:
    """Find the name of a clip's file."""
    path = entry.clip.video or entry.clip.audio
    return (path.stem if path is not None else entry.clip.id).casefold()
