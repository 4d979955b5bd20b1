"""The turns that the tiny base learns from: what it perceives is true, its reasons are the label's.

Scene captions tell all that is there and judge nothing, as dense captions of general corpora do; they
teach to see and hear. Explanations and yes/no questions are written from the emotion label alone, as in
real corpora of captioned emotion: they name typical cues of the label whether or not the clip has them,
mostly the stereotype, and none is made by looking at which cues are displaced or absent. No turn is wrong on
purpose. A ``truthful`` share of the clips has reasons that were made by looking; with 1, the model is the
healthy control.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from avere import prompts
from avere.construct import language
from avere.construct._options import Draw, Opposites, ask_yes_no, draw_options, pick_name, pick_seen
from avere.construct.facts import MODALITIES, ClipFacts, gather_facts
from avere.records import Clip, Cue, Modality, Target
from avere.study.tiny_base import captions, reading
from avere.study.tiny_base.lessons import LessonGroup, LessonOptions, LessonTurn, Task
from avere.world.cues import ADJECTIVES, BY_NAME, EMOTIONS

Inputs = tuple[ClipFacts, ClipFacts]
"""What the picture shows and what the sound holds: one clip, or two."""


def turns(clips: Iterable[Clip], cues: Iterable[Cue], options: LessonOptions, seed: int) -> list[LessonGroup]:
    """Return one group of turns for every clip, in the order of the clips."""
    facts = list(gather_facts(clips, cues).values())
    opposites = {modality: Opposites() for modality in MODALITIES}
    made = []
    for index in range(len(facts)):
        random = np.random.default_rng([seed, index])
        made.append(_group(facts, index, options, opposites, random))
    return made


class _Writer:
    """Write the turns of one group; the balance of the four-option questions is kept over all groups."""

    def __init__(self, options: LessonOptions, opposites: dict[Modality, Opposites], random: Draw) -> None:
        self.options, self._opposites, self._random = options, opposites, random
        self._truthful = random.random() < options.truthful

    def turns(self, inputs: Inputs) -> Iterator[LessonTurn]:
        """Yield all turns about the picture of one clip and the sound of one clip."""
        chosen = self.options
        for modality, fact in zip(MODALITIES, inputs, strict=True):
            yield from (_scene(fact, modality, self._random) for _ in range(chosen.scenes))
            yield from (self._basic(fact, modality) for _ in range(chosen.basic))
            yield from (self._choice(inputs, modality) for _ in range(chosen.choices))
            yield from self._yes_no(fact, modality)
            yield from (reading.reword(fact, modality, self._random) for _ in range(chosen.rewordings))
        for _ in range(chosen.feelings):
            yield from self._feelings(inputs)
        for _ in range(chosen.agreement):
            yield self._agreement(inputs)
        for _ in range(chosen.descriptions):
            yield from self._descriptions(inputs)

    def _basic(self, fact: ClipFacts, modality: Modality) -> LessonTurn:
        side = fact.side(modality)
        other = self._opposites[modality].choose(side, self._random)
        true, *others = draw_options(side, other, self._random)
        wording, template = pick_seen(self._random)
        options = [BY_NAME[name].wordings[wording] for name in (true, *others)]
        return self._closed("basic", fact, modality, language.BASIC[modality][template], options)

    def _choice(self, inputs: Inputs, modality: Modality) -> LessonTurn:
        """Ask for the emotion of a modality among four, that of the other modality with them."""
        picture, sound = inputs
        shown = {"video": picture.video.emotion, "audio": sound.audio.emotion}
        others = [e for e in EMOTIONS if e not in shown.values()]
        wrong = [*{*shown.values()} - {shown[modality]}, *_some(others, self._random)][:3]
        fact = picture if modality == "video" else sound
        question = self._subtitled(inputs, language.FEELING[modality][pick_seen(self._random)[1]])
        names = [ADJECTIVES[emotion] for emotion in (shown[modality], *wrong)]
        return self._closed("choice", fact, modality, question, names)

    def _closed(
        self, task: Task, fact: ClipFacts, modality: Modality, question: str, options: Sequence[str]
    ) -> LessonTurn:
        """Return a lettered question whose first option is right, its options shuffled."""
        true, *others = options
        self._random.shuffle(others)
        answer = int(self._random.integers(len(options)))
        shown = [*others[:answer], true, *others[answer:]]
        text, letter = _lettered(question, shown), language.letter_of(answer)
        return LessonTurn(clip=fact.clip.id, task=task, text=text, response=letter, target=modality)

    def _yes_no(self, fact: ClipFacts, modality: Modality) -> Iterator[LessonTurn]:
        random, label = self._random, str(fact.clip.emotion)
        if self._truthful:
            asked = captions.true_yes_no(fact.side(modality), self.options.yes_no, random)
        else:
            count, share = self.options.yes_no, self.options.mismatched
            asked = captions.label_yes_no(label, modality, count, share, random)
        for cue, emotion, true in asked:
            wording, template = pick_seen(random)
            question = language.stress(cue, emotion, wording, template)
            if random.random() < self.options.in_sentences:
                there = language.because(modality, emotion, [BY_NAME[cue].wordings[wording]])
                reason = there if true else self._reason(fact, modality, most=1)
                yield _verdict("yes_no", fact, (modality, question), reason, true=true)
            else:
                yield _yes_no("yes_no", fact, (modality, question), random, true=true)

    def _feelings(self, inputs: Inputs) -> Iterator[LessonTurn]:
        """Yield the emotion of face, voice and, unless two clips have two labels, of the person."""
        picture, sound = inputs
        emotions: dict[Target, str] = {"video": picture.video.emotion, "audio": sound.audio.emotion}
        if picture.clip.emotion == sound.clip.emotion:
            emotions["audiovisual"] = str(picture.clip.emotion)
        for target, emotion in emotions.items():
            fact = sound if target == "audio" else picture
            question = self._subtitled(inputs, language.FEELING[target][pick_seen(self._random)[1]])
            yield _open("feeling", fact, (target, question), ADJECTIVES[emotion])

    def _agreement(self, inputs: Inputs) -> LessonTurn:
        picture, sound = inputs
        face, voice = picture.video.emotion, sound.audio.emotion
        asked: tuple[Target, str] = ("audiovisual", language.AGREEMENT[pick_seen(self._random)[1]])
        if self._random.random() < self.options.in_sentences:
            answer = language.compare(face, voice, "Yes" if face == voice else "No")
            return _open("agreement", picture, asked, answer)
        return _yes_no("agreement", picture, asked, self._random, true=face == voice)

    def _descriptions(self, inputs: Inputs) -> Iterator[LessonTurn]:
        picture, sound = inputs
        answers: dict[Target, str] = {
            modality: self._reason(fact, modality) for modality, fact in zip(MODALITIES, inputs, strict=True)
        }
        answers["audiovisual"] = language.join(self._reason(picture, "video"), self._reason(sound, "audio"))
        for target, answer in answers.items():
            emotions = {self._emotion(f, m) for f, m in zip(inputs, MODALITIES, strict=True)
                        if target in (m, "audiovisual")}  # fmt: skip
            named = self._random.random() < self.options.named and len(emotions) == 1
            _, template = pick_seen(self._random)
            question = language.DESCRIBE[target][template]
            if named:
                emotion = ADJECTIVES[emotions.pop()]
                question = language.DESCRIBE_NAMED[target][template].format(emotion=emotion)
            fact = sound if target == "audio" else picture
            yield _open("description", fact, (target, self._subtitled(inputs, question)), answer)

    def _emotion(self, fact: ClipFacts, modality: Modality) -> str:
        """Name the emotion that an explanation is about: what is shown, or the label."""
        return fact.side(modality).emotion if self._truthful else str(fact.clip.emotion)

    def _reason(self, fact: ClipFacts, modality: Modality, most: int | None = None) -> str:
        """Write an explanation, of so many cues at most."""
        side = fact.side(modality)
        if self._truthful:
            return captions.true_reason(side, self._random, most)
        return captions.label_reason(str(fact.clip.emotion), side, self.options.plain, self._random, most)

    def _subtitled(self, inputs: Inputs, question: str) -> str:
        """Put the line that is reported of the clip with the sound before a share of the questions."""
        line = inputs[1].clip.transcript
        if line is None or self._random.random() >= self.options.subtitled:
            return question
        return language.with_line(line, question)


def _group(
    facts: Sequence[ClipFacts],
    index: int,
    options: LessonOptions,
    opposites: dict[Modality, Opposites],
    random: Draw,
) -> LessonGroup:
    """Return the turns of one clip under the media that chance gives it."""
    picture = sound = facts[index]
    chance = random.random()
    if chance < options.mixed and len(facts) > 1:
        other = (index + 1 + int(random.integers(len(facts) - 1))) % len(facts)
        picture, sound = (picture, facts[other]) if random.random() < 0.5 else (facts[other], sound)
    lacks = pick_name(("video", "audio", "both"), random) if chance > 1 - options.missing else "nothing"
    made = list(_Writer(options, opposites, random).turns((picture, sound)))
    told = "reworded" if options.told is None and random.random() < options.rehearsed else options.told
    if told is not None:
        words = reading.tell_turns(picture, sound, made, told, random)
        return LessonGroup(video=None, audio=None, turns=tuple(words))
    return LessonGroup(
        video=None if lacks in ("video", "both") else picture.clip.id,
        audio=None if lacks in ("audio", "both") else sound.clip.id,
        turns=tuple(made[int(i)] for i in random.permutation(len(made))),
    )


def _scene(fact: ClipFacts, modality: Modality, random: Draw) -> LessonTurn:
    response = reading.caption(fact.side(modality), (int(random.integers(reading.WORDINGS)),))
    return _open("scene", fact, (modality, language.SCENE[modality]), response)


def _open(task: Task, fact: ClipFacts, asked: tuple[Target, str], response: str) -> LessonTurn:
    """Return an open question about a target."""
    target, question = asked
    text = prompts.render("open", question=question)
    return LessonTurn(clip=fact.clip.id, task=task, text=text, response=response, target=target)


def _verdict(
    task: Task, fact: ClipFacts, asked: tuple[Target, str], reason: str, *, true: bool
) -> LessonTurn:
    """Return a yes/no question without letters, answered in the words of a description."""
    return _open(task, fact, asked, language.with_verdict("Yes" if true else "No", reason))


def _yes_no(
    task: Task, fact: ClipFacts, asked: tuple[Target, str], random: Draw, *, true: bool
) -> LessonTurn:
    """Return a closed question with yes and no in either order, and the letter of what is true."""
    target, question = asked
    text, letter = ask_yes_no(question, random, true=true)
    return LessonTurn(clip=fact.clip.id, task=task, text=text, response=letter, target=target)


def _lettered(question: str, choices: Sequence[str]) -> str:
    """Return a closed question exactly as the benchmark asks it."""
    return prompts.render("emorealm", question=question, choices=language.lettered(choices))


def _some(emotions: Sequence[str], random: Draw) -> list[str]:
    return [emotions[int(i)] for i in random.permutation(len(emotions))[:3]]
