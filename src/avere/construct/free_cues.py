"""Cues that people wrote down in their own words: their names, their kinds, and what each modality shows."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from avere.answers import emotions
from avere.construct.lexicon import MODALITIES, WORLD, Gathering, Lexicon, plain_wording
from avere.errors import AvereError
from avere.records import Clip, Cue, Modality, Shown
from avere.world.cues import BY_NAME


class KnownFacts(NamedTuple):
    """Clips, their cues, and the kinds of cues that they are of."""

    clips: list[Clip]
    cues: list[Cue]
    lexicon: Lexicon


def settle_facts(clips: Sequence[Clip], cues: Sequence[Cue]) -> KnownFacts:
    """Bring what is known of clips into the form that questions and pairs are made from.

    Cues of EmoWorld, of clips that say what each modality shows, stay as they are. All others get a name from
    their words, and a modality whose `shown` is empty shows what the person's cues in it speak for, if that
    is one emotion. Cues that are not listed are not known to be absent: only rows with ``present`` false are.

    Raises:
        AvereError: a cue is about a clip that is not there.
    """
    ids = {clip.id for clip in clips}
    stranger = next((cue for cue in cues if cue.clip not in ids), None)
    if stranger is not None:
        raise AvereError(f"the cue '{stranger.text}' is about '{stranger.clip}', which is none of the clips")
    told = all(clip.shown.audio is not None and clip.shown.video is not None for clip in clips)
    if told and all(cue.name in BY_NAME for cue in cues):
        return KnownFacts([*clips], [*cues], WORLD)
    labels = tuple(sorted(_labels(clips)))
    named = [_named(cue, labels) for cue in cues]
    by_side: defaultdict[tuple[str, Modality], set[str]] = defaultdict(set)
    for cue in named:
        if cue.present and cue.bearer == "person" and cue.evidence_of:
            by_side[cue.clip, cue.modality].add(cue.evidence_of)
    gathering = Gathering(tuple(sorted({*labels, *(cue.evidence_of for cue in named if cue.evidence_of)})))
    gathering.add(cue.model_copy(update={"present": True}) for cue in named)
    return KnownFacts([_shown(clip, by_side) for clip in clips], named, gathering.lexicon())


def _labels(clips: Sequence[Clip]) -> set[str]:
    """List the emotions that clips bear, as a whole and by modality."""
    borne = (word for clip in clips for word in (clip.emotion, clip.shown.audio, clip.shown.video))
    return {word for word in borne if word}


def _named(cue: Cue, labels: tuple[str, ...]) -> Cue:
    """Name a cue by its words within its modality, and spell its emotion as the labels do."""
    name = f"{cue.modality}:{plain_wording(cue.name.removeprefix(f'{cue.modality}:'))}"
    emotion = cue.evidence_of
    if emotion and emotion not in labels:
        emotion = emotions.parse(emotion, labels, "lenient").label or emotion
    return cue.model_copy(update={"name": name, "evidence_of": emotion})


def _shown(clip: Clip, by_side: dict[tuple[str, Modality], set[str]]) -> Clip:
    """Fill in what each modality shows where its cues speak for one emotion alone."""
    shown = {m: getattr(clip.shown, m) for m in MODALITIES}
    for modality in MODALITIES:
        spoken = by_side.get((clip.id, modality), set())
        if shown[modality] is None and len(spoken) == 1:
            (shown[modality],) = spoken
    return clip.model_copy(update={"shown": Shown(**shown)})
