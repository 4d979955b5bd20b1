"""Finding replacements that make an answer false: media of other clips of the same split, or nothing."""

import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import NamedTuple

from avere.construct._options import Draw
from avere.construct.facts import MODALITIES, ClipFacts, ModalityFacts
from avere.construct.recipe import Pairs
from avere.records import Corruption, Corruptions, Modality, Target

PERSON = ("identity", "speaker", "actor")
"""Attributes of a clip that tell whose it is, the first that is there."""
SIMILAR = 1.5
"""As many times as long a clip may be to count as about as long."""


class Wanted(NamedTuple):
    """What a replacement must be like for an answer to be false of it."""

    test: Callable[[ModalityFacts], bool]
    """Of one side of another clip."""
    nothing: bool
    """Whether a medium in which nothing can be perceived will do."""


ANY = Wanted(lambda _: True, nothing=True)


class Swaps:
    """Choose replacements: of the same person, else of anybody; of about the same length, else of any.

    So that as little as possible but the expression differs. Of those that are as good, clips that stand in
    for each other are preferred: a step that holds the pairs of both reads their media once.
    """

    def __init__(self, facts: Iterable[ClipFacts], options: Pairs) -> None:
        self._options = options
        self._split: defaultdict[str | None, list[ClipFacts]] = defaultdict(list)
        self._person: defaultdict[tuple[str | None, str], list[ClipFacts]] = defaultdict(list)
        self._partners: defaultdict[str, set[str]] = defaultdict(set)
        """The clips that stand in for a clip or that it stands in for."""
        for fact in facts:
            self._split[fact.clip.split].append(fact)
            self._person[self._key(fact)].append(fact)

    def corruptions(
        self, fact: ClipFacts, target: Target, wanted: dict[Modality, Wanted], random: Draw
    ) -> Corruptions:
        """Return a replacement for each medium; those of the target make the answer false, or there is none.

        Where the options do not ask for that, anything stands in.

        Args:
            fact: the clip of the answer.
            target: which media must falsify.
            wanted: what falsifies, by modality; elsewhere any other emotion does.
            random: source of the choice.
        """
        if not self._options.falsifying:
            wanted = dict.fromkeys(MODALITIES, ANY)
        found = {m: self._find(fact, m, wanted.get(m) or _another(fact.side(m)), random) for m in MODALITIES}
        aimed = [m for m in MODALITIES if target in (m, "audiovisual") and found[m] is None]
        lacking = " and ".join(aimed)
        reason = f"nothing at hand to stand in for {lacking} makes the answer false" if aimed else None
        return Corruptions(audio=found["audio"], video=found["video"], reason=reason)

    def _find(self, fact: ClipFacts, modality: Modality, wanted: Wanted, random: Draw) -> Corruption | None:
        seed = int(random.integers(2**31))
        kind = self._options.corruption
        if getattr(fact.clip, modality) is None or (kind != "clip" and not wanted.nothing):
            return None
        if kind != "clip":
            return Corruption(kind=kind, level=self._options.level, seed=seed)
        for candidates in (self._person[self._key(fact)], self._split[fact.clip.split]):
            found = self._among(candidates, fact, modality, wanted, random)
            if found is not None:
                self._partners[found].add(fact.clip.id)
                self._partners[fact.clip.id].add(found)
                return Corruption(kind="clip", clip=found)
        return None

    def _among(
        self, candidates: list[ClipFacts], fact: ClipFacts, modality: Modality, wanted: Wanted, random: Draw
    ) -> str | None:
        """Return the first of the candidates that will do, before all one as long, then a partner."""
        second: str | None = None
        drawn = [candidates[int(index)] for index in random.permutation(len(candidates))]
        for other in sorted(drawn, key=lambda each: self._distance(fact, each)):
            side = other.side(modality)
            there = other.clip.id != fact.clip.id and getattr(other.clip, modality) is not None
            if there and side.usable and wanted.test(side):
                if _as_long(fact, other):
                    return other.clip.id
                second = second or other.clip.id
        return second

    def _distance(self, fact: ClipFacts, other: ClipFacts) -> int:
        """Return 0 for partners, 1 for a clip that has none yet, 2 for others."""
        known = self._partners[other.clip.id]
        return 0 if fact.clip.id in known else 1 if not known else 2

    def _key(self, fact: ClipFacts) -> tuple[str | None, str]:
        named = (fact.clip.attributes.get(name) for name in PERSON)
        return fact.clip.split, next((found for found in named if found), fact.clip.id)


def lacks_cues(emotion: str, cited: Iterable[str]) -> Wanted:
    """Return the test for sides that have another emotion and none of the cited cues, whoever bears them."""
    names = set(cited)
    return Wanted(
        lambda side: side.emotion != emotion and names.isdisjoint({*side.supporting, *side.displaced}),
        nothing=True,
    )


def shows_cue(cue: str) -> Wanted:
    """Return the test for sides whose person shows the cue, so that it is evidence there."""
    return Wanted(lambda side: cue in side.supporting, nothing=False)


def stream_of(name: str) -> int:
    """Return a number for a name, the same on every machine, to seed with."""
    return zlib.crc32(name.encode())


def _as_long(fact: ClipFacts, other: ClipFacts) -> bool:
    """True where two clips last about as long; clips without a length are taken to."""
    lengths = [clip.attributes.get("seconds") for clip in (fact.clip, other.clip)]
    try:
        shorter, longer = sorted(float(length) for length in lengths if length is not None)
    except ValueError:
        return True
    return longer <= SIMILAR * shorter


def _another(side: ModalityFacts) -> Wanted:
    return Wanted(lambda other: other.emotion != side.emotion, nothing=True)
