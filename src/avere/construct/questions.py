"""From the known cues of clips to EmoReAlM questions whose words alone tell nothing of the answer."""

from collections.abc import Iterable, Sequence

import numpy as np

from avere import __version__
from avere.construct._options import Opposites, options
from avere.construct._stress import choose
from avere.construct.facts import MODALITIES, Facts, gather
from avere.construct.recipe import Questions
from avere.records import Clip, Cue, Modality, Provenance, Question
from avere.world import language
from avere.world.cues import BY_NAME

Draw = np.random.Generator
BASIC, AGREEMENT, STRESS, DESCRIBE, PLAIN = range(5)
"""Streams of random numbers, so that a change of one task leaves the others as they are."""


def questions(clips: Iterable[Clip], cues: Iterable[Cue], options: Questions, seed: int) -> list[Question]:
    """Return the questions of all clips, clip by clip, balanced over the whole set."""
    facts = list(gather(clips, cues).values())
    made = [
        *(question for modality in MODALITIES for question in _basic(facts, modality, options.basic, seed)),
        *(_agreement(facts, seed) if options.agreement else ()),
        *(question for modality in MODALITIES for question in _stress(facts, modality, options.stress, seed)),
        *(question for modality in MODALITIES for question in _plain(facts, modality, options.plain, seed)),
        *(_descriptions(facts, seed) if options.descriptions else ()),
    ]
    place = {fact.clip.id: number for number, fact in enumerate(facts)}
    return sorted(made, key=lambda question: place[question.clip])


def _basic(facts: Sequence[Facts], modality: Modality, count: int, seed: int) -> Iterable[Question]:
    """Yield four-option questions whose right answers fall on each letter equally often."""
    random = _random(seed, BASIC, modality)
    opposites = Opposites()
    order = [(int(i), number) for number in range(count) for i in random.permutation(len(facts))]
    for turn, (index, number) in enumerate(order):
        side = facts[index].side(modality)
        true, *others = options(side, opposites.choose(side, random), random)
        random.shuffle(others)
        wording, template = _words(random)
        names = [*others[: turn % 4], true, *others[turn % 4 :]]
        yield Question(
            id=_id(facts[index], f"basic_{modality}", number),
            clip=facts[index].clip.id,
            task=f"reasoning_basic_{modality}",
            text=language.BASIC[modality][template],
            choices=tuple(BY_NAME[name].wordings[wording] for name in names),
            answer=turn % 4,
            target=modality,
            cue=_cue(facts[index], true, wording, "supporting"),
            wording=_seen(wording, template),
            made_by=_made_by(seed),
        )


def _agreement(facts: Sequence[Facts], seed: int) -> Iterable[Question]:
    """Yield as many questions whose answer is yes as no; what the clips offer beyond that is left out."""
    random = _random(seed, AGREEMENT, "video")
    order = [facts[int(i)] for i in random.permutation(len(facts))]
    yes = [fact for fact in order if fact.agree]
    no = [fact for fact in order if not fact.agree]
    fewer = min(len(yes), len(no))
    for fact in (*yes[:fewer], *no[:fewer]):
        _, template = _words(random)
        yield Question(
            id=_id(fact, "agreement", 0),
            clip=fact.clip.id,
            task="modality_agreement",
            text=language.AGREEMENT[template],
            choices=language.YES_NO,
            answer=0 if fact.agree else 1,
            target="audiovisual",
            wording=_seen(0, template),
            made_by=_made_by(seed),
        )


def _stress(facts: Sequence[Facts], modality: Modality, count: int, seed: int) -> Iterable[Question]:
    """Yield yes/no questions about supporting, displaced and absent cues, all in the same words."""
    random = _random(seed, STRESS, modality)
    for fact, chosen in zip(facts, choose([f.side(modality) for f in facts], count, random), strict=True):
        for number, (kind, name) in enumerate(chosen):
            emotion = str(BY_NAME[name].emotion)
            yield _about(fact, name, emotion, (kind, number), random, seed)


def _plain(facts: Sequence[Facts], modality: Modality, count: int, seed: int) -> Iterable[Question]:
    """Yield questions whether a shirt, object or ambient sound shows the emotion: words alone say no."""
    random = _random(seed, PLAIN, modality)
    for fact in facts:
        side = fact.side(modality)
        names = [side.plain[int(i)] for i in random.permutation(len(side.plain))[:count]]
        for number, name in enumerate(names):
            yield _about(fact, name, side.emotion, ("plain", number), random, seed)


def _descriptions(facts: Sequence[Facts], seed: int) -> Iterable[Question]:
    """Yield open questions; a perfect answer names the supporting cues."""
    random = _random(seed, DESCRIBE, "video")
    for fact in facts:
        for modality in MODALITIES:
            _, template = _words(random)
            yield Question(
                id=_id(fact, f"description_{modality}", 0),
                clip=fact.clip.id,
                task=f"description_{modality}",
                text=language.DESCRIBE[modality][template],
                references=fact.side(modality).supporting,
                target=modality,
                wording=_seen(0, template),
                made_by=_made_by(seed),
            )


def _about(fact: Facts, name: str, emotion: str, kind: tuple[str, int], random: Draw, seed: int) -> Question:
    """Return the yes/no question whether one cue makes its part of the person show an emotion."""
    wording, template = _words(random)
    modality = BY_NAME[name].modality
    return Question(
        id=_id(fact, f"{'plain' if kind[0] == 'plain' else 'stress'}_{modality}", kind[1]),
        clip=fact.clip.id,
        task=f"reasoning_stress_{modality}",
        kind=kind[0],
        text=language.stress(name, emotion, wording, template),
        choices=language.YES_NO,
        answer=0 if kind[0] == "supporting" else 1,
        target=modality,
        cue=_cue(fact, name, wording, kind[0]),
        wording=_seen(wording, template),
        made_by=_made_by(seed),
    )


def _cue(fact: Facts, name: str, wording: int, kind: str) -> Cue:
    cue = BY_NAME[name]
    return Cue(
        clip=fact.clip.id,
        modality=cue.modality,
        name=name,
        text=cue.wordings[wording],
        present=kind != "hallucinated",
        evidence_of=cue.emotion,
        bearer="other" if kind == "displaced" else "person",
    )


def _words(random: Draw) -> tuple[int, int]:
    """Return a wording and a template, independent of everything that is asked."""
    return int(random.integers(language.UNSEEN_WORDING + 1)), int(
        random.integers(language.UNSEEN_TEMPLATE + 1)
    )


def _seen(wording: int, template: int) -> str:
    held_back = wording == language.UNSEEN_WORDING or template == language.UNSEEN_TEMPLATE
    return "unseen" if held_back else "seen"


def _random(seed: int, stream: int, modality: Modality) -> Draw:
    return np.random.default_rng([seed, stream, MODALITIES.index(modality)])


def _id(fact: Facts, name: str, number: int) -> str:
    return f"{fact.clip.id}/{name}/{number}"


def _made_by(seed: int) -> Provenance:
    return Provenance(recipe="emoworld", seed=seed, version=__version__)
