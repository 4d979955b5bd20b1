"""The three answers of a preference pair: the same sentence over a supporting, a spurious, an absent cue."""

from typing import NamedTuple

from avere.construct import language
from avere.construct._options import Draw, pick_like
from avere.construct.facts import ModalityFacts


class Answers(NamedTuple):
    """Answers of one form and length, and the cues that they stand on."""

    chosen: str
    spurious: str
    hallucinated: str | None
    """None where every cue typical of the shown emotion is present."""
    cited: tuple[str, ...]
    """What the chosen answer cites."""
    wording: int
    supporting_cue: str
    displaced_cue: str | None
    hallucinated_cue: str | None


def make_answers(
    side: ModalityFacts, two_cues: float, random: Draw, *, same_emotion: bool = False
) -> Answers:
    """Return the answers about one modality.

    The spurious one reads the displaced cue as if it were the person's, or else takes a plain fact for
    evidence; the hallucinated one names a typical cue that is absent. Where the clip shows two cues and
    nothing displaced, all three may cite two, of which the rejected ones keep the first. Under
    ``same_emotion`` a displaced cue of another emotion is passed over for a plain fact. The side must be
    usable and have something displaced or plain: `lacking` tells.
    """
    wording = language.SEEN_WORDINGS[int(random.integers(len(language.SEEN_WORDINGS)))]
    cited = tuple(side.supporting[int(i)] for i in random.permutation(len(side.supporting)))
    two = len(cited) == 2 and not side.displaced and random.random() < two_cues
    kept, cited = (cited[:1], cited) if two else ((), cited[:1])
    readable = side.displaced_alike if same_emotion else side.displaced
    displaced = pick_like(readable, cited[-1], side, wording, random) if readable else None
    spurious = displaced or pick_like(side.plain, cited[-1], side, wording, random)
    absent = side.absent(side.emotion)
    hallucinated = pick_like(absent, cited[-1], side, wording, random) if absent else None
    misread = str(side.kind(displaced).emotion) if displaced else side.emotion

    def say(emotion: str, names: tuple[str, ...]) -> str:
        words = [side.kind(name).wordings[wording] for name in names]
        return side.lexicon.words.because(side.modality, emotion, words)

    return Answers(
        chosen=say(side.emotion, cited),
        spurious=say(misread, (*kept, spurious)),
        hallucinated=say(side.emotion, (*kept, hallucinated)) if hallucinated else None,
        cited=cited,
        wording=wording,
        supporting_cue=cited[0],
        displaced_cue=displaced,
        hallucinated_cue=hallucinated,
    )


def why_unanswerable(side: ModalityFacts, *, same_emotion: bool = False) -> str | None:
    """Name the reason why no answers can be made about a modality; None where they can."""
    if not side.usable:
        return f"{side.modality} without a supporting cue"
    readable = side.displaced_alike if same_emotion else side.displaced
    return None if readable or side.plain else f"{side.modality} with nothing irrelevant to cite"


def join_answers(face: Answers, voice: Answers, *, each: bool, random: Draw) -> Answers:
    """Return answers about face and voice; a rejected one is wrong about a drawn one of them, or about each.

    Where one modality has no absent cue, the hallucinated answer is wrong about the other alone; a displaced
    cue goes before a plain fact.
    """
    displaced = face.displaced_cue is not None, voice.displaced_cue is not None
    misread = _wrong(displaced if any(displaced) and not each else (True, True), each=each, random=random)
    invented = _wrong(
        (face.hallucinated is not None, voice.hallucinated is not None), each=each, random=random
    )
    hallucinated = language.join(
        face.hallucinated if invented[0] and face.hallucinated else face.chosen,
        voice.hallucinated if invented[1] and voice.hallucinated else voice.chosen,
    )
    return face._replace(
        chosen=language.join(face.chosen, voice.chosen),
        spurious=language.join(
            face.spurious if misread[0] else face.chosen, voice.spurious if misread[1] else voice.chosen
        ),
        hallucinated=hallucinated if any(invented) else None,
        cited=(*face.cited, *voice.cited),
    )


def _wrong(possible: tuple[bool, bool], *, each: bool, random: Draw) -> tuple[bool, bool]:
    """Choose the halves of an answer that are wrong: a drawn one, or every one that can be."""
    first = random.random() < 0.5
    return possible if each or not all(possible) else (first, not first)
