"""What the tiny base learns in words alone: scenes that are told, and one thing said in two ways.

A question about the scene comes after a caption of all that is there. Lists of facts and questions are put in
other words, so that wordings and templates which no question about a clip uses still mean something to the
model, as they do to a large one that has read the web.
"""

from collections.abc import Iterable, Iterator
from typing import Literal

from avere import prompts
from avere.construct import language
from avere.construct._options import Draw, pick_name
from avere.construct.facts import ClipFacts, ModalityFacts
from avere.records import Modality
from avere.study.tiny_base.lessons import LessonTurn
from avere.world.cues import BY_NAME, EMOTIONS

WORDINGS = len(language.SEEN_WORDINGS) + 1
"""Of each fact; captions use all of them, questions all but one."""
LISTED = 3
"""Facts in a list to reword."""
TOLD = {"repeated": ("basic", "feeling"), "reworded": ("scene", "basic", "feeling", "agreement")}
"""What is asked where the scene is told in words; one told in all words at once needs no telling again."""


def tell_turns(
    picture: ClipFacts,
    sound: ClipFacts,
    turns: Iterable[LessonTurn],
    how: Literal["repeated", "reworded"],
    random: Draw,
) -> Iterator[LessonTurn]:
    """Yield the questions about perception, each after a caption of all that is there in its modalities."""
    for turn in turns:
        if turn.task == "rewording":
            yield turn
        if turn.task not in TOLD[how] or (turn.target == "audiovisual" and turn.task != "agreement"):
            continue
        aims: tuple[Modality, ...] = ("video", "audio") if turn.target == "audiovisual" else (turn.target,)
        captions = []
        for modality in aims:
            wordings = range(WORDINGS) if how == "repeated" else (int(random.integers(WORDINGS)),)
            captions.append(caption((picture if modality == "video" else sound).side(modality), wordings))
        yield turn.model_copy(update={"text": " ".join([*captions, turn.text])})


def caption(side: ModalityFacts, wordings: Iterable[int]) -> str:
    """Return all that is there, by whose it is, in these wordings."""
    own, others, plain = (
        [BY_NAME[name].wordings[wording] for name in sorted(names) for wording in wordings]
        for names in (side.supporting, side.displaced, side.plain)
    )
    return language.scene(side.modality, own, others, plain)


def reword(fact: ClipFacts, modality: Modality, random: Draw) -> LessonTurn:
    """Return a list of facts, or a question, and the same in other words, whatever the clip shows."""
    question, response = _relist(modality, random) if random.random() < 0.5 else _reask(modality, random)
    text = prompts.render("open", question=question)
    return LessonTurn(clip=fact.clip.id, task="rewording", text=text, response=response, target=modality)


def _relist(modality: Modality, random: Draw) -> tuple[str, str]:
    """Draw any facts and return them in one wording, to reword, and in another."""
    kinds = [kind for kind in BY_NAME.values() if kind.modality == modality]
    listed = [kinds[int(i)] for i in random.choice(len(kinds), size=LISTED, replace=False)]
    before, after = (int(i) for i in random.permutation(WORDINGS)[:2])
    asked = language.reword([kind.wordings[before] for kind in listed])
    return asked, language.listed([kind.wordings[after] for kind in listed])


def _reask(modality: Modality, random: Draw) -> tuple[str, str]:
    """Draw a question and return it in one template, to ask otherwise, and in another."""
    cues = tuple(kind.name for kind in BY_NAME.values() if kind.modality == modality and kind.emotion)
    groups = language.paraphrases(
        modality, pick_name(cues, random), pick_name(EMOTIONS, random), int(random.integers(WORDINGS))
    )
    group = groups[-1] if random.random() < 0.5 else groups[int(random.integers(len(groups)))]
    before, after = (group[int(i)] for i in random.permutation(len(group))[:2])
    return language.reask(before), after
