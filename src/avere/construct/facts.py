"""What is known of a clip, sorted by modality and by the part each cue plays in reasoning about emotion."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from avere.errors import AvereError
from avere.records import Clip, Cue, Modality
from avere.world.cues import typical

MODALITIES: tuple[Modality, Modality] = ("video", "audio")


class Side(NamedTuple):
    """What one modality of a clip conveys, by the names of its cues."""

    modality: Modality
    emotion: str
    """What the person shows in this modality."""
    supporting: tuple[str, ...]
    """Present, borne by the person, evidence of ``emotion``."""
    displaced: tuple[str, ...]
    """Present, but somebody else's."""
    plain: tuple[str, ...]
    """Present, evidence of nothing."""

    def absent(self, emotion: str) -> tuple[str, ...]:
        """Return the cues typical of an emotion that are nowhere in this modality."""
        present = {*self.supporting, *self.displaced}
        names = (kind.name for kind in typical(emotion, self.modality))
        return tuple(name for name in names if name not in present)


class Facts(NamedTuple):
    """A clip with what is known of its two sides."""

    clip: Clip
    video: Side
    audio: Side

    def side(self, modality: Modality) -> Side:
        """Return one side."""
        return self.video if modality == "video" else self.audio

    @property
    def agree(self) -> bool:
        """Whether face and voice show the same emotion."""
        return self.video.emotion == self.audio.emotion


def gather(clips: Iterable[Clip], cues: Iterable[Cue]) -> dict[str, Facts]:
    """Return the facts of every clip by its id, in the order of the clips.

    Raises:
        AvereError: a clip has no supporting cue in a modality, or does not say what that modality shows.
    """
    by_clip: dict[str, list[Cue]] = defaultdict(list)
    for cue in cues:
        by_clip[cue.clip].append(cue)
    return {clip.id: _facts(clip, by_clip) for clip in clips}


def _facts(clip: Clip, cues: Mapping[str, list[Cue]]) -> Facts:
    present = [cue for cue in cues.get(clip.id, ()) if cue.present]
    return Facts(clip, _side(clip, "video", present), _side(clip, "audio", present))


def _side(clip: Clip, modality: Modality, present: list[Cue]) -> Side:
    emotion: str | None = getattr(clip.shown, modality)
    here = [cue for cue in present if cue.modality == modality]
    persons = [cue for cue in here if cue.bearer == "person" and cue.evidence_of is not None]
    supporting = tuple(cue.name for cue in persons if cue.evidence_of == emotion)
    if emotion is None or not supporting or len(supporting) < len(persons):
        raise AvereError(
            f"clip '{clip.id}' shows {emotion or 'nothing known'} in its {modality}, yet its cues there are "
            f"{[cue.name for cue in persons]}; give clips and cues of the same world, with `shown` filled in"
        )
    return Side(
        modality=modality,
        emotion=emotion,
        supporting=supporting,
        displaced=tuple(cue.name for cue in here if cue.bearer == "other"),
        plain=tuple(cue.name for cue in here if cue.evidence_of is None and cue.bearer == "person"),
    )
