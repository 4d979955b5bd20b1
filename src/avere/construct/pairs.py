"""From the known cues of clips to preference pairs: a faithful answer, two unfaithful ones, false inputs."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np

from avere.construct import language
from avere.construct._answers import Answers, join_answers, make_answers, why_unanswerable
from avere.construct._control_pairs import control_pairs
from avere.construct._options import Draw, pick_template
from avere.construct._short_pairs import AGREEMENT, EMOTION, agreement_pair, emotion_pair
from avere.construct._swaps import Swaps, Wanted, lacks_cues, shows_cue, stream_of
from avere.construct.facts import MODALITIES, ClipFacts, gather_facts, made_from
from avere.construct.lexicon import WORLD, Lexicon
from avere.construct.recipe import Pairs
from avere.records import Clip, Cue, Modality, PreferencePair, Target

TARGETS: tuple[Target, ...] = ("audio", "video", "audiovisual")
NO_ABSENT = "every cue typical of the shown emotion is present"
YES_NO = "/yes_no_"
"""In the ids of the yes/no arm."""
UNCERTAIN = "no cue typical of the shown emotion is known to be absent"


class MadePairs(NamedTuple):
    """Pairs, and how many more there would be but for each reason."""

    pairs: list[PreferencePair]
    skipped: Counter[str]


def pairs(
    clips: Iterable[Clip], cues: Iterable[Cue], options: Pairs, seed: int, lexicon: Lexicon = WORLD
) -> MadePairs:
    """Return the pairs of all clips, clip by clip: open questions first, then the other kinds if wanted.

    No prompt is a stress template, none and no answer uses what is held back for testing.
    """
    facts = list(gather_facts(clips, cues, lexicon).values())
    maker = _Maker(Swaps(facts, options), options, seed)
    if options.tested:
        return MadePairs(control_pairs(facts, options.tested, seed), maker.skipped)
    found: list[PreferencePair] = []
    for index, fact in enumerate(facts):
        wanted = [TARGETS[(index + n) % len(TARGETS)] for n in range(options.targets_per_clip)]
        found += [pair for target in wanted if (pair := maker.open(fact, target)) is not None]
    found += [
        *maker.yes_no(facts, round(options.yes_no * len(found))),
        *maker.agreement(facts, round(options.agreement * len(found))),
        *maker.emotions(facts, round(options.emotions * len(found))),
    ]
    return MadePairs(found, maker.skipped)


def first_pairs(made: Sequence[PreferencePair], count: int, options: Pairs) -> list[PreferencePair]:
    """Take up to so many pairs in the order made, the kinds in the shares asked for."""
    shares = {YES_NO: options.yes_no, AGREEMENT: options.agreement, EMOTION: options.emotions}
    whole = 1 + sum(shares.values())
    asked: list[PreferencePair] = []
    for mark, share in shares.items():
        asked += [pair for pair in made if mark in pair.id][: round(count * share / whole)]
    others = [pair for pair in made if not any(mark in pair.id for mark in shares)]
    return [*others[: count - len(asked)], *asked]


class _Maker:
    """Make pairs; counts what could not be made."""

    def __init__(self, swaps: Swaps, options: Pairs, seed: int) -> None:
        self._swaps, self._options, self._seed = swaps, options, seed
        self.skipped: Counter[str] = Counter()

    def open(self, fact: ClipFacts, target: Target) -> PreferencePair | None:
        """Return a pair about an open question, or None where no cue could be hallucinated."""
        random = self._random(f"{fact.clip.id}/{target}")
        template = pick_template(random)
        found = self._answers(fact, target, random)
        if isinstance(found, str):
            self.skipped[f"{target}: {found}"] += 1
            return None
        aims: tuple[Modality, ...] = MODALITIES if target == "audiovisual" else (target,)
        shown = {fact.side(modality).emotion for modality in aims}
        named = random.random() < self._options.named and len(shown) == 1
        prompt = fact.video.lexicon.words.ask_reason(target, template, shown.pop() if named else None)
        wanted: dict[Modality, Wanted] = {
            modality: lacks_cues(fact.side(modality).emotion, found.cited) for modality in aims
        }
        return PreferencePair(
            id=f"{fact.clip.id}/{target}",
            clip=fact.clip.id,
            target=target,
            prompt=self._subtitled(fact, prompt, random),
            chosen=found.chosen,
            spurious=found.spurious,
            hallucinated=found.hallucinated,
            corruption=self._swaps.corruptions(fact, target, wanted, random),
            made_by=made_from(fact.clip, self._seed),
        )

    def yes_no(self, facts: list[ClipFacts], count: int) -> list[PreferencePair]:
        """Return up to ``count`` pairs about yes/no questions; yes, displaced, yes, hallucinated in turn."""
        random = self._random("yes_no")
        places = [(fact, modality) for fact in facts for modality in MODALITIES]
        left = [places[int(i)] for i in random.permutation(len(places))]
        made: list[PreferencePair] = []
        while len(made) < count:
            kind = ("supporting", "displaced", "supporting", "hallucinated")[len(made) % 4]
            asked = ((place, self._asked(*place, kind, random)) for place in left)
            place, pair = next(((place, pair) for place, pair in asked if pair is not None), (None, None))
            if place is None or pair is None:
                break
            left.remove(place)
            made.append(pair)
        if len(made) < count:
            self.skipped["yes/no: too few clips"] += count - len(made)
        return made

    def agreement(self, facts: list[ClipFacts], count: int) -> list[PreferencePair]:
        """Make up to ``count`` pairs about agreement, yes and no in turn as long as the clips offer both."""
        random = self._random("agreement")
        order = [facts[int(i)] for i in random.permutation(len(facts))]
        yes, no = [one for one in order if one.agree], [one for one in order if not one.agree]
        fewer = min(len(yes), len(no))
        turns = [one for both in zip(yes, no, strict=False) for one in both] + yes[fewer:] + no[fewer:]
        return self._first(
            (agreement_pair(fact, self._swaps, random, self._seed) for fact in turns), count, "agreement"
        )

    def emotions(self, facts: list[ClipFacts], count: int) -> list[PreferencePair]:
        """Make up to ``count`` pairs that ask for the emotion in one word."""
        random = self._random("emotions")
        places = [(fact, modality) for fact in facts for modality in MODALITIES]
        order = [places[int(i)] for i in random.permutation(len(places))]
        made = (
            pair and pair.model_copy(update={"prompt": self._subtitled(fact, pair.prompt, random)})
            for fact, modality in order
            for pair in [emotion_pair(fact, modality, self._swaps, random, self._seed)]
        )
        return self._first(made, count, "emotions")

    def _first(self, made: Iterable[PreferencePair | None], count: int, kind: str) -> list[PreferencePair]:
        """Take so many pairs; count what is lacking."""
        found = list(islice((pair for pair in made if pair is not None), count))
        if len(found) < count:
            self.skipped[f"{kind}: too few clips"] += count - len(found)
        return found

    def _subtitled(self, fact: ClipFacts, prompt: str, random: Draw) -> str:
        """Put the spoken line of a clip before a share of the prompts."""
        line, share = fact.clip.transcript, self._options.subtitled
        return prompt if line is None or random.random() >= share else language.with_line(line, prompt)

    def _asked(self, fact: ClipFacts, modality: Modality, kind: str, random: Draw) -> PreferencePair | None:
        """Return a pair about one cue, or None where the clip has none of that kind."""
        side = fact.side(modality)
        if why_unanswerable(side):
            return None
        found = make_answers(side, 0.0, random)
        if found.hallucinated is None or not getattr(found, f"{kind}_cue"):
            return None
        cue, emotion = side.kind(str(getattr(found, f"{kind}_cue"))), side.emotion
        if cue.emotion != emotion:
            return None  # that the emotion is another one would tell the answer
        right, wrong = ("Yes", "No") if kind == "supporting" else ("No", "Yes")
        template = int(random.integers(len(language.CONFIRM)))
        wanted = lacks_cues(side.emotion, [cue.name]) if kind == "supporting" else shows_cue(cue.name)
        return PreferencePair(
            id=f"{fact.clip.id}{YES_NO}{modality}",
            clip=fact.clip.id,
            target=modality,
            prompt=side.lexicon.words.confirm(modality, emotion, cue.wordings[found.wording], template),
            chosen=language.with_verdict(right, found.chosen),
            spurious=language.with_verdict(wrong, found.spurious),
            hallucinated=language.with_verdict(wrong, found.hallucinated),
            corruption=self._swaps.corruptions(fact, modality, {modality: wanted}, random),
            made_by=made_from(fact.clip, self._seed),
        )

    def _answers(self, fact: ClipFacts, target: Target, random: Draw) -> Answers | str:
        """Return the answers, or why there are none."""
        share = self._options.two_cues
        aims: tuple[Modality, ...] = MODALITIES if target == "audiovisual" else (target,)
        # With another emotion in one half, a reader would tell the reject by face and voice not agreeing.
        same = len(aims) == 2
        for modality in aims:
            if reason := why_unanswerable(fact.side(modality), same_emotion=same):
                return reason
        halves = [make_answers(fact.side(m), share, random, same_emotion=same) for m in aims]
        each = self._options.audiovisual_rejects == "both"
        found = join_answers(halves[0], halves[1], each=each, random=random) if same else halves[0]
        if found.hallucinated is None:
            return NO_ABSENT if fact.video.lexicon.closed else UNCERTAIN
        return found

    def _random(self, name: str) -> Draw:
        return np.random.default_rng([self._seed, stream_of(name)])
