"""Preference pairs from samples: the best answer against the policy's own spurious and hallucinated ones.

The chosen answer is the best one, if it has no fault and the right verdict. The rejected ones are the worst
of each kind of fault, of about the same length and of the same form, so that neither tells which is which.
"""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Literal, NamedTuple

from pydantic import Field

from avere import __version__
from avere.answers import descriptions
from avere.construct.replacements import Replacements
from avere.preference.online.faults import FaultKind
from avere.preference.online.scoring import ScoredGroup, ScoredRun, ScoredSample
from avere.preference.online.truth import find_verdict
from avere.records import Corruptions, MinedPair, MinedReject, PreferencePair, Provenance
from avere.settings import Settings

SENTENCE = re.compile(r"[.!?](?:\s|$)")
SAME_TEXT, SAME_REWARD = "all answers are the same", "all answers earn the same"
FEW = "fewer than two answers that ended have a reward"
WORLD = "emoworld"
KINDS: tuple[FaultKind, ...] = ("spurious", "hallucinated")


class PairRules(Settings):
    """Which samples make a pair."""

    margin: float = Field(default=0.1, ge=0)
    """How much more the chosen answer must have earned than a rejected one."""
    length: float = Field(default=0.5, ge=0)
    """By how much of the chosen answer's words a rejected one may be longer or shorter."""
    missing: Literal["skip", "leave", "offline"] = "skip"
    """Where the policy made only one kind of fault: no pair, a pair with one rejected answer, or the prompt's
    own rejected answer of the other kind."""
    seed: int = Field(default=0, ge=0)
    """Of the media that replace a clip's own."""


class MinedPairs(NamedTuple):
    """Pairs, where their answers came from, and why other prompts gave none."""

    pairs: list[PreferencePair]
    sources: list[MinedPair]
    skipped: Counter[str]


def mine_pairs(run: ScoredRun, rules: PairRules) -> MinedPairs:
    """Make at most one pair of each prompt's samples."""
    found = MinedPairs([], [], Counter())
    known = bool(run.data.cues) and all(clip.source == WORLD for clip in run.data.clips.values())
    replacements = Replacements(run.data.clips.values(), run.data.cues, rules.seed) if known else None
    for group in run.groups:
        made = _choose(group, rules)
        if isinstance(made, str):
            found.skipped[made] += 1
            continue
        chosen, rejects = made
        found.pairs.append(_pair(group, chosen, rejects, replacements))
        key, value = chosen.sample.key, chosen.value
        found.sources.append(
            MinedPair(
                pair=group.prompt.id, chosen=key, reward=value, rejects=tuple(one for _, one in rejects)
            )
        )
    return found


def why_alike(samples: Sequence[ScoredSample]) -> str | None:
    """Say why nothing can be learnt by comparing some samples; None where something can."""
    if len(samples) < 2:
        return FEW
    if len({one.sample.reply for one in samples}) == 1:
        return SAME_TEXT
    return SAME_REWARD if len({one.value for one in samples}) == 1 else None


def have_one_form(first: str, second: str, length: float) -> bool:
    """True where two answers are about as long and of one form: as many sentences, a verdict first or none.

    >>> have_one_form("Yes, a smile.", "No, a sob.", 0.0), have_one_form("Yes, a smile.", "A sob.", 1.0)
    (True, False)
    """
    words = [len(text.split()) for text in (first, second)]
    sentences = [len(SENTENCE.findall(text)) for text in (first, second)]
    opens = [find_verdict(text) is not None for text in (first, second)]
    near = abs(words[0] - words[1]) <= length * words[0]
    return near and sentences[0] == sentences[1] and opens[0] == opens[1]


Reject = tuple[str, MinedReject]


def _choose(group: ScoredGroup, rules: PairRules) -> tuple[ScoredSample, list[Reject]] | str:
    """Choose the answers of a pair, or say why there is none."""
    usable = [one for one in group.samples if one.usable]
    if alike := why_alike(usable):
        return alike
    chosen = max(usable, key=lambda one: (one.value, -one.sample.number))
    if chosen.faults:
        return "the best answer has a fault itself"
    if chosen.misjudges:
        return "the best answer has not the right verdict"
    worse = [one for one in usable if one.faults and one.value <= chosen.value - rules.margin]
    if not worse:
        return "no answer has a known fault and earns less by the margin"
    fitting = [one for one in worse if have_one_form(chosen.sample.reply, one.sample.reply, rules.length)]
    if not fitting:
        return "no faulty answer has the length and form of the best"
    return _take(group, chosen, fitting, rules)


def _take(
    group: ScoredGroup, chosen: ScoredSample, fitting: Sequence[ScoredSample], rules: PairRules
) -> tuple[ScoredSample, list[Reject]] | str:
    """Take the worst answer of each kind; one with both kinds of fault serves once."""
    rejects: list[Reject] = []
    for kind in sorted(KINDS, key=lambda each: sum(one.has_fault(each) for one in fitting)):
        taken = {text for text, _ in rejects}
        able = [one for one in fitting if one.has_fault(kind) and one.sample.reply not in taken]
        if able:
            # Before all, one that is wrong in this way alone.
            worst = min(
                able, key=lambda one: (len({f.kind for f in one.faults}), one.value, one.sample.number)
            )
            reasons = "; ".join(fault.reason for fault in worst.faults if fault.kind == kind)
            told = MinedReject(kind=kind, sample=worst.sample.key, reward=worst.value, reason=reasons)
            rejects.append((worst.sample.reply, told))
            continue
        own = getattr(group.prompt, kind)
        if rules.missing == "skip":
            return f"the policy made no {kind} answer"
        if rules.missing == "offline" and own is not None and own != chosen.sample.reply:
            rejects.append((own, MinedReject(kind=kind, reason="of the prompt's own pair")))
    return chosen, rejects


def _pair(
    group: ScoredGroup, chosen: ScoredSample, rejects: Sequence[Reject], replacements: Replacements | None
) -> PreferencePair:
    """Make the pair, with media that make its chosen answer false."""
    said, prompt = chosen.sample, group.prompt
    texts = {told.kind: text for text, told in rejects}
    corruption = Corruptions(reason="what makes the policy's own answer false is not known")
    if replacements is None and said.reply == prompt.chosen:
        corruption = prompt.corruption
    if replacements is not None:
        cited = {fact.name for fact in descriptions.parse(said.reply).named}
        asked = [fact.name for fact in descriptions.parse(prompt.prompt).named]
        denied = asked[0] if asked and group.truth.verdict == "no" else None
        corruption = replacements.find(prompt, {*cited, *asked}, denied)
    made_by = Provenance(recipe="the policy's own answers", model=said.made_by.model, seed=said.made_by.seed,
                         version=__version__)  # fmt: skip
    return prompt.model_copy(
        update={
            "chosen": said.reply,
            "spurious": texts.get("spurious"),
            "hallucinated": texts.get("hallucinated"),
            "corruption": corruption,
            "group": None,
            "made_by": made_by,
        }
    )
