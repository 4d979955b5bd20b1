"""Finding, in a free description, the facts of EmoWorld that it names, exactly and without a judge."""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Literal, NamedTuple

from avere.answers._sentences import take_answer
from avere.records import Cue, Modality
from avere.world.cues import BY_NAME

Verdict = Literal["supporting", "displaced", "spurious", "hallucinated", "wrong_modality"]
VERDICTS: tuple[Verdict, ...] = ("supporting", "displaced", "spurious", "hallucinated", "wrong_modality")
DENIED = re.compile(r"\b(?:no|not|without|never)(?:\s+(?:a|an|the|any))?\s+$")


class NamedFact(NamedTuple):
    """One fact that a description names."""

    name: str
    modality: Modality
    expressive: bool
    """False for facts that are evidence of nothing (shirt, object, ambient sound)."""


class ParsedDescription(NamedTuple):
    """What was read in a description."""

    named: tuple[NamedFact, ...]
    """Facts that it asserts, each once, in the order of first mention."""
    denied: tuple[NamedFact, ...]
    """Facts that it says are not there ("no smiling mouth"): counted as nothing."""
    rest: str
    """The words that name no known fact."""

    @property
    def parsed(self) -> bool:
        """Whether any known fact is named."""
        return bool(self.named or self.denied)


def parse(text: str) -> ParsedDescription:
    """Parse the facts that a text names in any of the world's wordings; reasoning in tags names none.

    >>> [fact.name for fact in parse("The broad smile and the rain noise show it, no wet tears.").named]
    ['smile', 'ambient-rain']
    """
    plain = " ".join((take_answer(text) or "").casefold().split())
    asserted: dict[str, NamedFact] = {}
    denied: dict[str, NamedFact] = {}
    for found in _pattern().finditer(plain):
        fact = _wordings()[found[0]]
        target = denied if DENIED.search(plain[: found.start()]) else asserted
        target.setdefault(fact.name, fact)
    rest = " ".join(_pattern().sub(" ", plain).split())
    return ParsedDescription(tuple(asserted.values()), tuple(denied.values()), rest)


def judge(named: NamedFact, cues: Iterable[Cue], target: Modality) -> Verdict:
    """Judge what a named fact is to a question about the expression of one modality.

    A fact of the other modality is ``wrong_modality`` whether or not it is true. A fact that the clip shows
    both on the person and on somebody else counts as the person's.
    """
    if named.modality != target:
        return "wrong_modality"
    present = [cue for cue in cues if cue.name == named.name and cue.present]
    if not present:
        return "hallucinated"
    if not named.expressive:
        return "spurious"
    return "supporting" if any(cue.bearer == "person" for cue in present) else "displaced"


def supporting(cues: Iterable[Cue], target: Modality) -> frozenset[str]:
    """Name the cues that a complete description of one modality would name."""
    return frozenset(
        cue.name
        for cue in cues
        if cue.present and cue.bearer == "person" and cue.modality == target and cue.evidence_of is not None
    )


def tally(text: str, cues: Sequence[Cue], target: Modality) -> dict[str, float]:
    """Count what description measures are made from, as :func:`count` does."""
    description = parse(text)
    return count(description.named, cues, target, parsed=description.parsed)


def count(
    named: Sequence[NamedFact], cues: Sequence[Cue], target: Modality, *, parsed: bool
) -> dict[str, float]:
    """Count what named facts are to the clip.

    Keys: one for each verdict, ``named`` (their sum), ``recalled`` of ``recallable`` supporting cues,
    ``unparsed`` (1 where the description names nothing that is known).
    """
    verdicts = [judge(fact, cues, target) for fact in named]
    counts: dict[str, float] = {verdict: float(verdicts.count(verdict)) for verdict in VERDICTS}
    true = supporting(cues, target)
    return counts | {
        "named": float(len(verdicts)),
        "recalled": float(len(true & {fact.name for fact in named})),
        "recallable": float(len(true)),
        "unparsed": float(not parsed),
    }


@cache
def _wordings() -> dict[str, NamedFact]:
    """List every wording of the world and the fact that it names."""
    return {
        wording: NamedFact(kind.name, kind.modality, kind.emotion is not None)
        for kind in BY_NAME.values()
        for wording in kind.wordings
    }


@cache
def _pattern() -> re.Pattern[str]:
    """Build the expression that finds any wording as whole words, the longest first."""
    longest = sorted(_wordings(), key=len, reverse=True)
    return re.compile(r"\b(?:" + "|".join(map(re.escape, longest)) + r")\b")
