"""Finding the same clip in two lists by its fingerprints, in far fewer steps than pairs."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from avere.corpora._fingerprints import Fingerprint

SAME_VIDEO = 0.10
"""Share of differing bits up to which two videos are taken for one."""
SAME_AUDIO = 0.25
"""Share of differing bits, over what both let hear, up to which two sounds are taken for one."""
LEAST = 31
"""Moments, one second, that must be heard in both."""
COMMON = 64
"""Words said by more moments than this tell nothing apart."""
ROWS = 1024
ONE = np.float32(1)


class Match(NamedTuple):
    """Two entries whose medium is the same, by their places in the lists."""

    left: int
    right: int
    distance: float
    """Share of differing bits: 0 for the same, near 0.5 for strangers."""


def same_videos(left: Sequence[Fingerprint], right: Sequence[Fingerprint]) -> Iterator[Match]:
    """Yield the pairs whose pictures are the same."""
    seen, known = (
        {place: one.video for place, one in enumerate(side) if one.video is not None}
        for side in (left, right)
    )
    if not seen or not known:
        return
    here, there = list(seen), list(known)
    # Plus and minus one: their products count equal bits less different ones.
    ours, theirs = (np.where(np.stack(list(side.values())), ONE, -ONE) for side in (seen, known))
    for start in range(0, len(ours), ROWS):
        distances = (1 - ours[start : start + ROWS] @ theirs.T / ours.shape[1]) / 2
        for row, column in np.argwhere(distances <= SAME_VIDEO):
            yield Match(here[start + row], there[column], float(distances[row, column]))


def same_sounds(left: Sequence[Fingerprint], right: Sequence[Fingerprint]) -> Iterator[Match]:
    """Yield the pairs whose sound is the same, also where one is a piece of the other.

    Only pairs that share a word, the 32 bits of a moment, are laid side by side: hardly any encoding spoils
    every word of a second.
    """
    best: dict[tuple[int, int], float] = {}
    for here, there, offset in _meetings(left, right):
        distance = apart(left[here], right[there], offset)
        if distance is not None and distance <= SAME_AUDIO:
            best[here, there] = min(distance, best.get((here, there), 1.0))
    for (here, there), distance in sorted(best.items()):
        yield Match(here, there, distance)


def apart(left: Fingerprint, right: Fingerprint, offset: int) -> float | None:
    """Measure the share of bits in which two sounds differ, the right one ``offset`` moments earlier.

    None where less than a second is heard in both.
    """
    if left.audio is None or right.audio is None or left.heard is None or right.heard is None:
        return None
    start = max(0, offset)
    stop = min(len(left.audio), len(right.audio) + offset)
    if stop - start < LEAST:
        return None
    both = left.heard[start:stop] & right.heard[start - offset : stop - offset]
    if both.sum() < LEAST:
        return None
    differ = left.audio[start:stop] ^ right.audio[start - offset : stop - offset]
    return float(differ[both].mean())


def _meetings(left: Sequence[Fingerprint], right: Sequence[Fingerprint]) -> list[tuple[int, int, int]]:
    """Find (left, right, offset) wherever a word of the left list is said in the right one.

    One of its 32 bits may be spoilt.
    """
    ours, theirs = _words(left), _words(right)
    found = [np.zeros((0, 3), np.int64)]
    for flipped in (0, *(1 << bit for bit in range(32))):
        wanted = ours.word ^ np.uint32(flipped)
        first = np.searchsorted(theirs.word, wanted, side="left")
        count = np.searchsorted(theirs.word, wanted, side="right") - first
        count[count > COMMON] = 0
        mine = np.repeat(np.arange(len(count)), count)
        other = np.repeat(first - np.cumsum(count) + count, count) + np.arange(len(mine))
        offset = ours.moment[mine] - theirs.moment[other]
        found.append(np.unique(np.stack([ours.clip[mine], theirs.clip[other], offset], axis=1), axis=0))
    return [(int(a), int(b), int(c)) for a, b, c in np.unique(np.concatenate(found), axis=0)]


class _SpokenWords(NamedTuple):
    """All words of a list in order, and where each is said."""

    word: NDArray[np.uint32]
    clip: NDArray[np.int64]
    moment: NDArray[np.int64]


def _words(clips: Sequence[Fingerprint]) -> _SpokenWords:
    """Gather the words that are heard in a list of clips."""
    words, owners, moments = [], [], []
    for place, clip in enumerate(clips):
        if clip.audio is None or clip.heard is None:
            continue
        at = np.flatnonzero(clip.heard)
        packed = np.packbits(clip.audio[at], axis=1)
        words.append(np.ascontiguousarray(packed).view(np.uint32).reshape(-1))
        owners.append(np.full(len(at), place))
        moments.append(at)
    if not words:
        return _SpokenWords(np.zeros(0, np.uint32), np.zeros(0, np.int64), np.zeros(0, np.int64))
    word, owner, moment = np.concatenate(words), np.concatenate(owners), np.concatenate(moments)
    order = np.argsort(word, kind="stable")
    return _SpokenWords(word[order], owner[order], moment[order])
