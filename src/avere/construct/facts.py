"""What is known of a clip, sorted by modality and by the part each cue plays in reasoning about emotion."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from avere import __version__
from avere.construct.lexicon import MODALITIES, WORLD, Lexicon
from avere.errors import AvereError
from avere.records import Clip, Cue, Modality, Provenance
from avere.world.cues import CueType

__all__ = ["MODALITIES", "ClipFacts", "ModalityFacts", "gather_facts", "made_from"]


class ModalityFacts(NamedTuple):
    """What one modality of a clip conveys, by the names of its cues."""

    modality: Modality
    emotion: str
    """What the person shows in this modality; empty where that is not known."""
    supporting: tuple[str, ...]
    """Present, borne by the person, evidence of ``emotion``."""
    displaced: tuple[str, ...]
    """Present, but somebody else's."""
    plain: tuple[str, ...]
    """Present, evidence of nothing."""
    conflicting: tuple[str, ...] = ()
    """Present, borne by the person, evidence of another emotion."""
    missing: frozenset[str] = frozenset()
    """Known to be absent; in a closed world, everything else is."""
    lexicon: Lexicon = WORLD

    @property
    def usable(self) -> bool:
        """Whether there is an emotion here, and a cue that supports it."""
        return bool(self.emotion and self.supporting)

    @property
    def displaced_alike(self) -> tuple[str, ...]:
        """The displaced cues of the emotion that the person shows: only whose they are tells."""
        return tuple(name for name in self.displaced if self.kind(name).emotion == self.emotion)

    def kind(self, name: str) -> CueType:
        """Look up the type of a cue."""
        return self.lexicon.kinds[name]

    def absent(self, emotion: str) -> tuple[str, ...]:
        """Return the cues typical of an emotion that are nowhere in this modality."""
        present = {*self.supporting, *self.displaced, *self.conflicting}
        names = (kind.name for kind in self.lexicon.typical(emotion, self.modality))
        return tuple(n for n in names if n not in present and (self.lexicon.closed or n in self.missing))


class ClipFacts(NamedTuple):
    """A clip with what is known of its two sides."""

    clip: Clip
    video: ModalityFacts
    audio: ModalityFacts

    def side(self, modality: Modality) -> ModalityFacts:
        """Return one side."""
        return self.video if modality == "video" else self.audio

    def across(self, modality: Modality) -> ModalityFacts:
        """Return the other side."""
        return self.audio if modality == "video" else self.video

    @property
    def usable(self) -> bool:
        """Whether both sides are."""
        return self.video.usable and self.audio.usable

    @property
    def agree(self) -> bool:
        """Whether face and voice show the same emotion."""
        return self.video.emotion == self.audio.emotion


def gather_facts(
    clips: Iterable[Clip], cues: Iterable[Cue], lexicon: Lexicon = WORLD
) -> dict[str, ClipFacts]:
    """Return the facts of every clip by its id, in the order of the clips.

    Raises:
        AvereError: in a closed world, a clip has no supporting cue in a modality, or does not say what that
            modality shows.
    """
    by_clip: dict[str, list[Cue]] = defaultdict(list)
    for cue in cues:
        by_clip[cue.clip].append(cue)
    return {clip.id: _facts(clip, by_clip, lexicon) for clip in clips}


def _facts(clip: Clip, cues: Mapping[str, list[Cue]], lexicon: Lexicon) -> ClipFacts:
    found = cues.get(clip.id, [])
    return ClipFacts(clip, _side(clip, "video", found, lexicon), _side(clip, "audio", found, lexicon))


def _side(clip: Clip, modality: Modality, cues: list[Cue], lexicon: Lexicon) -> ModalityFacts:
    emotion: str | None = getattr(clip.shown, modality)
    here = [cue for cue in cues if cue.modality == modality]
    present = [cue for cue in here if cue.present]
    persons = [cue for cue in present if cue.bearer == "person" and cue.evidence_of is not None]
    supporting = tuple(cue.name for cue in persons if cue.evidence_of == emotion)
    if lexicon.closed and (emotion is None or not supporting or len(supporting) < len(persons)):
        raise AvereError(
            f"clip '{clip.id}' shows {emotion or 'nothing known'} in its {modality}, yet its cues there are "
            f"{[cue.name for cue in persons]}; give clips and cues of the same world, with `shown` filled in"
        )
    return ModalityFacts(
        modality=modality,
        emotion=emotion or "",
        supporting=supporting,
        displaced=tuple(cue.name for cue in present if cue.bearer == "other" and cue.evidence_of is not None),
        plain=tuple(cue.name for cue in present if cue.evidence_of is None),
        conflicting=tuple(cue.name for cue in persons if cue.evidence_of != emotion),
        missing=frozenset(cue.name for cue in here if not cue.present),
        lexicon=lexicon,
    )


def made_from(clip: Clip, seed: int) -> Provenance:
    """Say where a question or pair about a clip comes from: EmoWorld, or the known cues of another clip.

    >>> made_from(Clip(id="c", source="dfew"), 0).recipe
    'known cues'
    """
    recipe = "emoworld" if clip.source == "emoworld" else "known cues"
    return Provenance(recipe=recipe, seed=seed, version=__version__)
