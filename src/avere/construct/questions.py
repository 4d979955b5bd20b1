"""From the known cues of clips to EmoReAlM questions whose words alone tell nothing of the answer."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from avere.construct import language
from avere.construct._options import Opposites, draw_options, is_askable
from avere.construct._stress import choose_offers
from avere.construct.facts import MODALITIES, ClipFacts, ModalityFacts, gather_facts, made_from
from avere.construct.lexicon import WORLD, Lexicon
from avere.construct.recipe import Questions
from avere.records import Clip, Cue, Modality, Question
from avere.world.cues import ADJECTIVES, STEREOTYPES

Draw = np.random.Generator
EMOTION_TASK = "emotion_"
"""Begins the tasks that ask for the emotion itself."""
BASIC, AGREEMENT, STRESS, DESCRIBE, PLAIN, WORDS = range(6)
"""Streams of random numbers, so that a change of one task leaves the others as they are."""


class MadeQuestions(NamedTuple):
    """Questions, and how many more there would be but for each reason."""

    questions: list[Question]
    skipped: Counter[str]


def questions(clips: Iterable[Clip], cues: Iterable[Cue], options: Questions, seed: int) -> list[Question]:
    """Return the questions of all clips, clip by clip, balanced over the whole set."""
    return make(clips, cues, options, seed).questions


def make(
    clips: Iterable[Clip],
    cues: Iterable[Cue],
    options: Questions,
    seed: int,
    lexicon: Lexicon = WORLD,
    unsettled: Collection[tuple[str, Modality]] = (),
) -> MadeQuestions:
    """Return the questions of all clips, and what could not be asked.

    Args:
        clips: with what each modality shows.
        cues: what is known of them.
        options: which questions.
        seed: of all draws.
        lexicon: the kinds of cues.
        unsettled: sides of which some cue may support the emotion or not: not all that a perfect answer to an
            open question names is known.
    """
    facts = list(gather_facts(clips, cues, lexicon).values())
    skipped: Counter[str] = Counter()
    made = [
        *(q for modality in MODALITIES for q in _basic(facts, modality, options, seed, skipped)),
        *(_agreement(facts, seed, skipped) if options.agreement else ()),
        *(q for modality in MODALITIES for q in _stress(facts, modality, options, seed)),
        *(q for modality in MODALITIES for q in _plain(facts, modality, options.plain, seed)),
        *(_descriptions(facts, options.named, seed, unsettled, skipped) if options.descriptions else ()),
        *(q for modality in MODALITIES if options.words for q in _with_words(facts, modality, seed)),
    ]
    place = {fact.clip.id: number for number, fact in enumerate(facts)}
    return MadeQuestions(sorted(made, key=lambda question: place[question.clip]), skipped)


def _basic(
    facts: Sequence[ClipFacts], modality: Modality, chosen: Questions, seed: int, skipped: Counter[str]
) -> Iterable[Question]:
    """Yield four-option questions whose right answers fall on each letter equally often."""
    random = _random(seed, BASIC, modality)
    opposites = Opposites()
    order = [(int(i), number) for number in range(chosen.basic) for i in random.permutation(len(facts))]
    turn = 0
    for index, number in order:
        side = facts[index].side(modality)
        if not is_askable(side):
            skipped[f"basic {modality}: too few cues are known to be absent"] += side.usable
            continue
        true, *others = draw_options(
            side, opposites.choose(side, random), random, irrelevant=chosen.irrelevant
        )
        random.shuffle(others)
        wording, template = _words(random)
        names = [*others[: turn % 4], true, *others[turn % 4 :]]
        yield Question(
            id=_id(facts[index], f"basic_{modality}", number),
            clip=facts[index].clip.id,
            task=f"reasoning_basic_{modality}",
            text=side.lexicon.words.basic[modality][template],
            choices=tuple(side.kind(name).wordings[wording] for name in names),
            answer=turn % 4,
            target=modality,
            cue=_cue(facts[index], side, true, wording, ("supporting", side.emotion)),
            wording=_seen(side.lexicon, wording, template),
            made_by=made_from(facts[index].clip, seed),
        )
        turn += 1


def _agreement(facts: Sequence[ClipFacts], seed: int, skipped: Counter[str]) -> Iterable[Question]:
    """Yield as many questions whose answer is yes as no; what the clips offer beyond that is left out."""
    random = _random(seed, AGREEMENT, "video")
    usable = [fact for fact in facts if fact.usable]
    order = [usable[int(i)] for i in random.permutation(len(usable))]
    yes = [fact for fact in order if fact.agree]
    no = [fact for fact in order if not fact.agree]
    fewer = min(len(yes), len(no))
    skipped["agreement: as many answers are yes as no"] += len(order) - 2 * fewer
    for fact in (*yes[:fewer], *no[:fewer]):
        _, template = _words(random)
        yield Question(
            id=_id(fact, "agreement", 0),
            clip=fact.clip.id,
            task="modality_agreement",
            text=fact.video.lexicon.words.agreement[template],
            choices=language.YES_NO,
            answer=0 if fact.agree else 1,
            target="audiovisual",
            wording=_seen(fact.video.lexicon, 0, template),
            made_by=made_from(fact.clip, seed),
        )


def _stress(
    facts: Sequence[ClipFacts], modality: Modality, options: Questions, seed: int
) -> Iterable[Question]:
    """Yield yes/no questions about supporting, displaced and absent cues, all in the same words."""
    random = _random(seed, STRESS, modality)
    sides = [(f.side(modality), f.across(modality) if options.cross_modal else None) for f in facts]
    own = options.displaced == "own"
    rows = choose_offers(sides, options.stress, random, exact=options.shares == "exact", own=own)
    for fact, (side, _), row in zip(facts, sides, rows, strict=True):
        for number, (kind, name) in enumerate(row):
            of_kind = kind in ("displaced", "cross_modal")
            emotion = str(side.kind(name).emotion) if of_kind else side.emotion
            yield _about(fact, side, name, (kind, emotion, number), random, seed)


def _plain(facts: Sequence[ClipFacts], modality: Modality, count: int, seed: int) -> Iterable[Question]:
    """Yield questions whether a shirt, object or ambient sound shows the emotion: words alone say no."""
    random = _random(seed, PLAIN, modality)
    for fact in facts:
        side = fact.side(modality)
        names = [side.plain[int(i)] for i in random.permutation(len(side.plain))[:count]]
        for number, name in enumerate(names if side.usable else ()):
            yield _about(fact, side, name, ("plain", side.emotion, number), random, seed)


def _with_words(facts: Sequence[ClipFacts], modality: Modality, seed: int) -> Iterable[Question]:
    """Yield four-option questions after the emotion, each with the clip's line as subtitle and without.

    Where the line suggests another emotion than the one shown, that one is the lure.
    """
    random = _random(seed, WORDS, modality)
    turn = 0
    for fact in facts:
        side, said = fact.side(modality), fact.clip.attributes.get("said")
        if not side.usable or said not in ADJECTIVES or fact.clip.transcript is None:
            continue
        others = [one for one in ADJECTIVES if one not in (side.emotion, said)]
        wrong = [] if said == side.emotion else [said]
        wrong += [others[int(i)] for i in random.permutation(len(others))[: 3 - len(wrong)]]
        random.shuffle(wrong)
        names = [*wrong[: turn % 4], side.emotion, *wrong[turn % 4 :]]
        turn += 1
        _, template = _words(random)
        text = language.FEELING[modality][template]
        kinds = {"no_words": text, "words_fit": language.with_line(fact.clip.transcript, text)}
        if said != side.emotion:
            kinds = {"no_words": text, "words_lie": kinds["words_fit"]}
        for number, (kind, asked) in enumerate(kinds.items()):
            yield Question(
                id=_id(fact, f"emotion_{modality}", number),
                clip=fact.clip.id,
                task=f"{EMOTION_TASK}{modality}",
                kind=kind,
                text=asked,
                choices=tuple(ADJECTIVES[name] for name in names),
                answer=names.index(side.emotion),
                target=modality,
                wording=_seen(side.lexicon, 0, template),
                lure=None if said == side.emotion else names.index(said),
                made_by=made_from(fact.clip, seed),
            )


def _descriptions(
    facts: Sequence[ClipFacts],
    named: float,
    seed: int,
    unsettled: Collection[tuple[str, Modality]],
    skipped: Counter[str],
) -> Iterable[Question]:
    """Yield open questions; a perfect answer names the supporting cues, which are the references in words."""
    random = _random(seed, DESCRIBE, "video")
    for fact in facts:
        for modality in MODALITIES:
            _, template = _words(random)
            side = fact.side(modality)
            if not side.usable:
                continue
            if (fact.clip.id, modality) in unsettled:
                skipped[f"description {modality}: a cue may support the emotion or not"] += 1
                continue
            emotion = side.emotion if random.random() < named else None
            yield Question(
                id=_id(fact, f"description_{modality}", 0),
                clip=fact.clip.id,
                task=f"description_{modality}",
                kind="named" if emotion else "open",
                text=side.lexicon.words.ask_reason(modality, template, emotion),
                references=tuple(side.kind(name).wordings[0] for name in side.supporting),
                target=modality,
                wording=_seen(side.lexicon, 0, template),
                made_by=made_from(fact.clip, seed),
            )


def _about(
    fact: ClipFacts, side: ModalityFacts, name: str, asked: tuple[str, str, int], random: Draw, seed: int
) -> Question:
    """Return the yes/no question whether one cue makes its part of the person show an emotion."""
    kind, emotion, number = asked
    wording, template = _words(random)
    modality = side.modality
    text = side.kind(name).wordings[wording]
    return Question(
        id=_id(fact, f"{'plain' if kind == 'plain' else 'stress'}_{modality}", number),
        clip=fact.clip.id,
        task=f"reasoning_stress_{modality}",
        kind=kind,
        text=side.lexicon.words.stress(modality, emotion, text, template),
        choices=language.YES_NO,
        answer=0 if kind == "supporting" else 1,
        target=modality,
        cue=_cue(fact, side, name, wording, (kind, emotion)),
        wording=_seen(side.lexicon, wording, template),
        typicality=_typicality(side, name) if kind != "plain" else None,
        made_by=made_from(fact.clip, seed),
    )


def _typicality(side: ModalityFacts, name: str) -> str | None:
    """Say how texts name a cue of EmoWorld; of other worlds that is not known."""
    if side.lexicon.words is not WORLD.words:
        return None
    return "stereotyped" if name in STEREOTYPES else "rare"


def _cue(fact: ClipFacts, side: ModalityFacts, name: str, wording: int, asked: tuple[str, str]) -> Cue:
    kind, emotion = asked
    return Cue(
        clip=fact.clip.id,
        modality=side.modality,
        name=name,
        text=side.kind(name).wordings[wording],
        present=kind not in ("hallucinated", "cross_modal"),
        evidence_of=None if kind == "plain" else emotion,
        bearer="other" if kind == "displaced" else "person",
    )


def _words(random: Draw) -> tuple[int, int]:
    """Return a wording and a template, independent of everything that is asked."""
    return int(random.integers(language.UNSEEN_WORDING + 1)), int(
        random.integers(language.UNSEEN_TEMPLATE + 1)
    )


def _seen(lexicon: Lexicon, wording: int, template: int) -> str | None:
    if lexicon.words is not WORLD.words:
        return None
    held_back = wording == language.UNSEEN_WORDING or template == language.UNSEEN_TEMPLATE
    return "unseen" if held_back else "seen"


def _random(seed: int, stream: int, modality: Modality) -> Draw:
    return np.random.default_rng([seed, stream, MODALITIES.index(modality)])


def _id(fact: ClipFacts, name: str, number: int) -> str:
    return f"{fact.clip.id}/{name}/{number}"
