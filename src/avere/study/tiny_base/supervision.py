"""The turns that the tiny base learns from: what it perceives is true, its reasons are the label's.

Scene captions tell all that is there and judge nothing, as dense captions of general corpora do; they
teach to see and hear. Explanations and yes/no questions are written from the emotion label alone, as in
real corpora of captioned emotion: they name typical cues of the label whether or not the clip has them, and
none is made by looking at which cues are displaced or absent. No turn is wrong on purpose.
``captions="cues"`` is the healthy control.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import numpy as np
from pydantic import Field

from avere import prompts
from avere.construct import language
from avere.construct._options import Draw, Opposites, draw_options, pick_name
from avere.construct.facts import MODALITIES, ClipFacts, ModalityFacts, gather_facts
from avere.records import Clip, Cue, Modality, Record, Target
from avere.settings import Settings
from avere.study.tiny_base import captions
from avere.world.cues import ADJECTIVES, BY_NAME

WORDINGS = len(language.SEEN_WORDINGS) + 1
"""Of each fact; captions use all of them, questions all but one."""
LISTED = 3
"""Facts in a list to reword."""
TOLD = {"repeated": ("basic", "feeling"), "reworded": ("scene", "basic", "feeling")}
"""What is asked where the scene is told in words; one told in all words at once needs no telling again."""


class LessonTurn(Record):
    """One question and its answer."""

    clip: str
    """The clip that the answer is about; of an audiovisual question, that of the picture."""
    task: Literal["scene", "rewording", "basic", "feeling", "agreement", "description", "yes_no"]
    text: str
    response: str
    target: Target


class LessonGroup(Record):
    """All turns about one input: the media of one clip, of two, or of none."""

    video: str | None
    """Id of the clip whose picture is shown; None = no picture."""
    audio: str | None
    turns: tuple[LessonTurn, ...]
    """In random order."""


class LessonOptions(Settings):
    """What a clip is asked in training, and under which media."""

    captions: Literal["label", "cues"] = "label"
    """What explanations and yes/no questions are written from."""
    told: Literal["repeated", "reworded"] | None = None
    """Words in place of media: each question about one modality comes after a caption of all that is there,
    as a language model learns to read before it sees; the others are left out. ``repeated`` captions have
    each fact in all its wordings, so that the right option was told literally; ``reworded`` ones have one
    wording, so that it may have been told in other words."""
    scenes: int = Field(default=1, ge=0)
    """Captions a modality of everything that is there; always true, with no word of emotion."""
    basic: int = Field(default=2, ge=0)
    """Four-option questions a modality."""
    feelings: int = Field(default=1, ge=0)
    """One-word questions for each of face, voice and person."""
    agreement: int = Field(default=1, ge=0)
    descriptions: int = Field(default=1, ge=0)
    """Open questions for each of face, voice and both."""
    yes_no: int = Field(default=2, ge=0)
    """Yes/no questions a modality, each as likely yes as no whatever the others are."""
    in_sentences: float = Field(default=0, ge=0, le=1)
    """Share of the yes/no questions that have no letters and are answered in a sentence."""
    rewordings: int = Field(default=0, ge=0)
    """Lists of any facts a modality that are to be put in other words; about no clip."""
    plain: float = Field(default=1 / 3, ge=0, le=1)
    """Share of the label's explanations that mention shirt, object or ambient sound as well."""
    mismatched: float = Field(default=0.5, ge=0, le=1)
    """Share of the label's noes that name the label with a cue of another emotion; else that emotion."""
    missing: float = Field(default=0.2, ge=0, le=1)
    """Share of groups that lack picture, sound or both, a third each."""
    mixed: float = Field(default=0.1, ge=0, le=1)
    """Share of groups with picture and sound of different clips; each is asked about for what it is."""
    rehearsed: float = Field(default=0, ge=0, le=1)
    """Share of groups that are told in words like ``reworded`` ones, so that reading is not unlearnt."""


def turns(clips: Iterable[Clip], cues: Iterable[Cue], options: LessonOptions, seed: int) -> list[LessonGroup]:
    """Return one group of turns for every clip, in the order of the clips."""
    facts = list(gather_facts(clips, cues).values())
    writer = _Writer(options)
    return [_group(facts, index, writer, np.random.default_rng([seed, index])) for index in range(len(facts))]


class _Writer:
    """Write turns; keeps the balance of the four-option questions over all groups."""

    def __init__(self, chosen: LessonOptions) -> None:
        self.options = chosen
        self._opposites = {modality: Opposites() for modality in MODALITIES}

    def turns(self, picture: ClipFacts, sound: ClipFacts, random: Draw) -> Iterator[LessonTurn]:
        """Yield all turns about the picture of one clip and the sound of one clip."""
        chosen = self.options
        for modality in MODALITIES:
            fact = picture if modality == "video" else sound
            for _ in range(chosen.scenes):
                yield _scene(fact, modality, random)
            for _ in range(chosen.basic):
                yield self._basic(fact, modality, random)
            yield from self._yes_no(fact, modality, random)
            for _ in range(chosen.rewordings):
                yield _rewording(fact, modality, random)
        for _ in range(chosen.feelings):
            yield from _feelings(picture, sound, random)
        for _ in range(chosen.agreement):
            yield _agreement(picture, sound, random)
        for _ in range(chosen.descriptions):
            yield from self._descriptions(picture, sound, random)

    def _basic(self, fact: ClipFacts, modality: Modality, random: Draw) -> LessonTurn:
        side = fact.side(modality)
        true, *others = draw_options(side, self._opposites[modality].choose(side, random), random)
        random.shuffle(others)
        answer = int(random.integers(4))
        wording, template = _seen_words(random)
        names = [*others[:answer], true, *others[answer:]]
        choices = [BY_NAME[name].wordings[wording] for name in names]
        text = _closed(language.BASIC[modality][template], choices)
        return LessonTurn(
            clip=fact.clip.id, task="basic", text=text, response=language.letter_of(answer), target=modality
        )

    def _yes_no(self, fact: ClipFacts, modality: Modality, random: Draw) -> Iterator[LessonTurn]:
        if self.options.captions == "cues":
            asked = captions.true_yes_no(fact.side(modality), self.options.yes_no, random)
        else:
            label, share = str(fact.clip.emotion), self.options.mismatched
            asked = captions.label_yes_no(label, modality, self.options.yes_no, share, random)
        for cue, emotion, true in asked:
            written = _verdict if random.random() < self.options.in_sentences else _yes_no
            yield written(fact, cue, emotion, true=true, random=random)

    def _descriptions(self, picture: ClipFacts, sound: ClipFacts, random: Draw) -> Iterator[LessonTurn]:
        answers = {
            modality: self._reason(picture if modality == "video" else sound, modality, random)
            for modality in MODALITIES
        }
        both = (self._reason(picture, "video", random), self._reason(sound, "audio", random))
        yield _description(picture, "video", answers["video"], random)
        yield _description(sound, "audio", answers["audio"], random)
        yield _description(picture, "audiovisual", language.join(*both), random)

    def _reason(self, fact: ClipFacts, modality: Modality, random: Draw) -> str:
        side = fact.side(modality)
        if self.options.captions == "cues":
            return captions.true_reason(side, random)
        return captions.label_reason(str(fact.clip.emotion), side, self.options.plain, random)


def _group(facts: Sequence[ClipFacts], index: int, writer: _Writer, random: Draw) -> LessonGroup:
    """Return the turns of one clip under the media that chance gives it."""
    picture = sound = facts[index]
    chance, chosen = random.random(), writer.options
    if chance < chosen.mixed and len(facts) > 1:
        other = (index + 1 + int(random.integers(len(facts) - 1))) % len(facts)
        picture, sound = (picture, facts[other]) if random.random() < 0.5 else (facts[other], sound)
    lacks = pick_name(("video", "audio", "both"), random) if chance > 1 - chosen.missing else "nothing"
    made = list(writer.turns(picture, sound, random))
    told = "reworded" if chosen.told is None and random.random() < chosen.rehearsed else chosen.told
    if told is not None:
        return LessonGroup(video=None, audio=None, turns=tuple(_told(picture, sound, made, told, random)))
    return LessonGroup(
        video=None if lacks in ("video", "both") else picture.clip.id,
        audio=None if lacks in ("audio", "both") else sound.clip.id,
        turns=tuple(made[int(i)] for i in random.permutation(len(made))),
    )


def _told(
    picture: ClipFacts,
    sound: ClipFacts,
    turns: Iterable[LessonTurn],
    how: Literal["repeated", "reworded"],
    random: Draw,
) -> Iterator[LessonTurn]:
    """Yield the questions about perception of one modality, each after a caption of all that is there."""
    for turn in turns:
        if turn.task == "rewording":
            yield turn
        if turn.task not in TOLD[how] or turn.target == "audiovisual":
            continue
        side = (picture if turn.target == "video" else sound).side(turn.target)
        wordings = range(WORDINGS) if how == "repeated" else (int(random.integers(WORDINGS)),)
        yield turn.model_copy(update={"text": f"{_caption(side, turn.target, wordings)} {turn.text}"})


def _caption(side: ModalityFacts, modality: Modality, wordings: Iterable[int]) -> str:
    """Return all that is there, by whose it is, in these wordings."""
    own, others, plain = (
        [BY_NAME[name].wordings[wording] for name in sorted(names) for wording in wordings]
        for names in (side.supporting, side.displaced, side.plain)
    )
    return language.scene(modality, own, others, plain)


def _scene(fact: ClipFacts, modality: Modality, random: Draw) -> LessonTurn:
    return LessonTurn(
        clip=fact.clip.id,
        task="scene",
        text=prompts.render("open", question=language.SCENE[modality]),
        response=_caption(fact.side(modality), modality, (int(random.integers(WORDINGS)),)),
        target=modality,
    )


def _feelings(picture: ClipFacts, sound: ClipFacts, random: Draw) -> Iterator[LessonTurn]:
    """Yield the emotion of the face, of the voice and, unless two clips have two labels, of the person."""
    emotions: dict[Target, str] = {"video": picture.video.emotion, "audio": sound.audio.emotion}
    if picture.clip.emotion == sound.clip.emotion:
        emotions["audiovisual"] = str(picture.clip.emotion)
    for target, emotion in emotions.items():
        clip = (sound if target == "audio" else picture).clip.id
        _, template = _seen_words(random)
        text = prompts.render("open", question=language.FEELING[target][template])
        yield LessonTurn(clip=clip, task="feeling", text=text, response=ADJECTIVES[emotion], target=target)


def _rewording(fact: ClipFacts, modality: Modality, random: Draw) -> LessonTurn:
    """Return a list of facts and the same list in other words, whatever the clip shows."""
    kinds = [kind for kind in BY_NAME.values() if kind.modality == modality]
    listed = [kinds[int(i)] for i in random.choice(len(kinds), size=LISTED, replace=False)]
    before, after = (int(i) for i in random.permutation(WORDINGS)[:2])
    question = language.reword([kind.wordings[before] for kind in listed])
    return LessonTurn(
        clip=fact.clip.id,
        task="rewording",
        text=prompts.render("open", question=question),
        response=language.listed([kind.wordings[after] for kind in listed]),
        target=modality,
    )


def _agreement(picture: ClipFacts, sound: ClipFacts, random: Draw) -> LessonTurn:
    _, template = _seen_words(random)
    agree = picture.video.emotion == sound.audio.emotion
    text, response = _yes_or_no(language.AGREEMENT[template], random, true=agree)
    return LessonTurn(
        clip=picture.clip.id, task="agreement", text=text, response=response, target="audiovisual"
    )


def _yes_no(fact: ClipFacts, cue: str, emotion: str, *, true: bool, random: Draw) -> LessonTurn:
    wording, template = _seen_words(random)
    text, response = _yes_or_no(language.stress(cue, emotion, wording, template), random, true=true)
    return LessonTurn(
        clip=fact.clip.id, task="yes_no", text=text, response=response, target=BY_NAME[cue].modality
    )


def _verdict(fact: ClipFacts, cue: str, emotion: str, *, true: bool, random: Draw) -> LessonTurn:
    """Return a yes/no question without letters, answered in the words of a description."""
    wording, template = _seen_words(random)
    modality = BY_NAME[cue].modality
    reason = language.because(modality, emotion, [BY_NAME[cue].wordings[wording]])
    return LessonTurn(
        clip=fact.clip.id,
        task="yes_no",
        text=prompts.render("open", question=language.stress(cue, emotion, wording, template)),
        response=language.with_verdict("Yes" if true else "No", reason),
        target=modality,
    )


def _description(fact: ClipFacts, target: Target, answer: str, random: Draw) -> LessonTurn:
    _, template = _seen_words(random)
    text = prompts.render("open", question=language.DESCRIBE[target][template])
    return LessonTurn(clip=fact.clip.id, task="description", text=text, response=answer, target=target)


def _closed(question: str, choices: Sequence[str]) -> str:
    """Return a closed question exactly as the benchmark asks it."""
    return prompts.render("emorealm", question=question, choices=language.lettered(choices))


def _yes_or_no(question: str, random: Draw, *, true: bool) -> tuple[str, str]:
    """Return a closed question with yes and no in either order, and the letter of what is true."""
    first = bool(random.random() < 0.5)
    choices = language.YES_NO if first else language.YES_NO[::-1]
    return _closed(question, choices), language.letter_of(0 if true == first else 1)


def _seen_words(random: Draw) -> tuple[int, int]:
    """Return a wording and a template that questions of training may use."""
    wording = language.SEEN_WORDINGS[int(random.integers(len(language.SEEN_WORDINGS)))]
    return wording, language.SEEN_TEMPLATES[int(random.integers(len(language.SEEN_TEMPLATES)))]
