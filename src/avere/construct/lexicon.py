"""The kinds of cues that a corpus has, and what each speaks for: EmoWorld's, or what annotators found."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from avere.construct import wording
from avere.construct.wording import Wording
from avere.records import Cue, Modality
from avere.world.cues import BY_NAME, EMOTIONS, CueType, typical_cues

ARTICLE = re.compile(r"^(?:a|an|the|his|her|their)\s+")
_NAMES = {(kind.modality, text): kind.name for kind in BY_NAME.values() for text in kind.wordings}


class Lexicon(NamedTuple):
    """What builders need to know of cues in general."""

    kinds: Mapping[str, CueType]
    emotions: tuple[str, ...]
    by_emotion: Mapping[tuple[str, Modality], tuple[CueType, ...]]
    """The kinds typical of an emotion, in a fixed order."""
    closed: bool
    """Whether everything present is known, so that what is not present is absent."""
    words: Wording

    def typical(self, emotion: str, modality: Modality) -> tuple[CueType, ...]:
        """Return the kinds that are evidence of an emotion in one modality."""
        return self.by_emotion.get((emotion, modality), ())


MODALITIES: tuple[Modality, Modality] = ("video", "audio")
WORLD = Lexicon(
    BY_NAME,
    EMOTIONS,
    {(e, m): typical_cues(e, m) for e in EMOTIONS for m in MODALITIES},
    closed=True,
    words=wording.WORLD,
)


def name_cue(text: str, modality: Modality) -> str:
    """Find the cue type that a wording names: one of EmoWorld, or the plain wording itself.

    >>> name_cue("The wide  Grin", "video"), name_cue("a raised fist", "video")
    ('smile', 'video:raised fist')
    """
    plain = plain_wording(text)
    return _NAMES.get((modality, plain), f"{modality}:{plain}")


def plain_wording(text: str) -> str:
    """Return a wording without capitals, article, outer punctuation and double blanks.

    >>> plain_wording(' "A trembling  voice." ')
    'trembling voice'
    """
    return ARTICLE.sub("", " ".join(text.casefold().split()).strip(" .,;:!?\"'"))


class Gathering:
    """Kinds as they turn up, clip by clip."""

    def __init__(self, emotions: tuple[str, ...]) -> None:
        self._emotions = emotions
        self._evidence: defaultdict[tuple[str, Modality], Counter[str]] = defaultdict(Counter)
        self._texts: dict[str, str] = {}

    def add(self, cues: Iterable[Cue]) -> None:
        """Count what cues that are present speak for."""
        for cue in cues:
            if cue.present:
                self._texts.setdefault(cue.name, cue.text)
                self._evidence[cue.name, cue.modality][cue.evidence_of or ""] += 1

    def lexicon(self, *, most: int | None = None, at_least: int = 1) -> Lexicon:
        """Return the kinds, each speaking for what it mostly speaks for.

        Args:
            most: how many kinds to take as typical of an emotion and modality, the most usual ones.
            at_least: in how many clips they must turn up.
        """
        kinds = {
            name: BY_NAME.get(name) or CueType(name, modality, _usual(found), (self._texts[name],) * 3)
            for (name, modality), found in self._evidence.items()
        }
        counts = {name: found.total() for (name, _), found in self._evidence.items()}
        usual = sorted(kinds.values(), key=lambda kind: (-counts[kind.name], kind.name))
        usual = [kind for kind in usual if counts[kind.name] >= at_least]
        by_emotion = {
            (e, m): tuple(kind for kind in usual if kind.emotion == e and kind.modality == m)[:most]
            for e in self._emotions
            for m in MODALITIES
        }
        own = all(name in BY_NAME for name in kinds)
        ordered = {place: tuple(sorted(found, key=_place)) for place, found in by_emotion.items()}
        words = wording.WORLD if own else wording.PERSON
        return Lexicon(kinds, self._emotions, ordered, closed=False, words=words)


def _usual(counts: Counter[str]) -> str | None:
    """Find the emotion that a cue type mostly speaks for; None where that is none."""
    return max(sorted(counts), key=counts.__getitem__) or None


_ORDER = {name: place for place, name in enumerate(BY_NAME)}


def _place(kind: CueType) -> tuple[int, str]:
    """Order a cue type among others: as in EmoWorld's catalogue, then by name."""
    return _ORDER.get(kind.name, len(_ORDER)), kind.name
