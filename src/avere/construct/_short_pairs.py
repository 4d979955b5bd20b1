"""Preference pairs with short answers: whether face and voice agree, and the emotion in one word."""

from avere.construct import language
from avere.construct._options import Draw, pick_template
from avere.construct._swaps import Swaps, Wanted, lacks_cues
from avere.construct.facts import ClipFacts, made_from
from avere.records import Corruptions, Modality, PreferencePair

AGREEMENT, EMOTION = "/agreement", "/emotion_"
"""In the ids of these pairs."""


def agreement_pair(fact: ClipFacts, swaps: Swaps, random: Draw, seed: int) -> PreferencePair | None:
    """Make a pair about the agreement of face and voice, or None where too few emotions are known.

    Where they agree, a rejected answer denies it and reads another emotion in the face or in the voice; where
    not, it takes the emotion of one for both. No replacement makes "no" false both by itself and together
    with that of the other medium, so those pairs carry none.
    """
    face, voice = fact.video.emotion, fact.audio.emotion
    template = pick_template(random)
    others = [one for one in fact.video.lexicon.emotions if one not in (face, voice)]
    if not fact.usable or len(others) < 2:
        return None
    first, second = (others[int(i)] for i in random.permutation(len(others))[:2])
    corruption = Corruptions(reason="no medium at hand makes 'no' false by itself and with the other one")
    if fact.agree:
        answers = (face, voice, "Yes"), (first, voice, "No"), (face, second, "No")
        wanted: dict[Modality, Wanted] = {"video": _shows(first), "audio": _shows(second)}
        corruption = swaps.corruptions(fact, "audiovisual", wanted, random)
    else:
        answers = (face, voice, "No"), (face, face, "Yes"), (voice, voice, "Yes")
    chosen, spurious, hallucinated = (language.compare(*one) for one in answers)
    return PreferencePair(
        id=f"{fact.clip.id}{AGREEMENT}",
        clip=fact.clip.id,
        target="audiovisual",
        prompt=fact.video.lexicon.words.agreement[template],
        chosen=chosen,
        spurious=spurious,
        hallucinated=hallucinated,
        corruption=corruption,
        made_by=made_from(fact.clip, seed),
    )


def emotion_pair(
    fact: ClipFacts, modality: Modality, swaps: Swaps, random: Draw, seed: int
) -> PreferencePair | None:
    """Make a pair that asks for the emotion of a modality in one word, or None where it is not known.

    The spurious answer is the emotion that something beside the point suggests: what is displaced, the other
    modality, or the spoken line, the first of them that is another one; the hallucinated one is drawn.
    """
    side = fact.side(modality)
    emotions = side.lexicon.emotions
    if not side.usable or len(emotions) < 3:
        return None
    suggested = [side.kind(name).emotion for name in side.displaced]
    suggested += [fact.across(modality).emotion, fact.clip.attributes.get("said")]
    drawn = [emotions[int(i)] for i in random.permutation(len(emotions))]
    misread = next(one for one in (*suggested, *drawn) if one in emotions and one != side.emotion)
    invented = next(one for one in drawn if one not in (misread, side.emotion))
    template = pick_template(random)
    return PreferencePair(
        id=f"{fact.clip.id}{EMOTION}{modality}",
        clip=fact.clip.id,
        target=modality,
        prompt=language.FEELING[modality][template],
        chosen=language.adjective(side.emotion),
        spurious=language.adjective(str(misread)),
        hallucinated=language.adjective(invented),
        corruption=swaps.corruptions(fact, modality, {modality: lacks_cues(side.emotion, ())}, random),
        made_by=made_from(fact.clip, seed),
    )


def _shows(emotion: str) -> Wanted:
    """Return the test for sides that show one emotion."""
    return Wanted(lambda side: side.emotion == emotion, nothing=False)
