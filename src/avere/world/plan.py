"""Deciding, from a seed alone, everything that a clip of EmoWorld will show."""

from pathlib import Path
from typing import Literal

import numpy as np

from avere.records import Clip, Cue, Modality, Record, Shown
from avere.world.cues import AMBIENTS, BY_NAME, EMOTIONS, LINES, OBJECTS, SHIRTS, CueType, typical_cues

Split = Literal["biased", "balanced"]

BIAS = 0.8
"""How often, in the biased split, shirt, ambient sound and spoken line are those that go with the emotion."""
DISPLACED = 0.75
"""How often a poster and, independently, a distant voice show a displaced cue."""
ALIKE = 0.75
"""How often a displaced cue is one of the emotion that the person shows there: only whose it is tells."""


class ClipPlan(Record):
    """All that is true of one clip; rendering draws on nothing else."""

    id: str
    seed: int
    """Source of every nuisance: position, light, noise, loudness, timing."""
    identity: int
    """Source of face, hair, skin and voice; clips of one identity share it."""
    split: Split
    emotion: str
    """The label, as a corpus would carry it."""
    face: str
    voice: str
    face_cues: tuple[str, ...]
    voice_cues: tuple[str, ...]
    poster: str | None
    """The displaced visible cue: on a poster, not on the person."""
    distant: str | None
    """The displaced audible cue: of somebody far away."""
    shirt: str
    object: str
    ambient: str
    line: str
    """What the person is reported to say; a subtitle, which nobody speaks."""
    said: str
    """The emotion that the line suggests."""
    seconds: float


def draw_plan(index: int, *, split: Split, seed: int, identities: int) -> ClipPlan:
    """Return the plan of clip ``index``; worlds of different seeds share no identity."""
    random = np.random.default_rng([seed, index])
    emotion = EMOTIONS[int(random.integers(len(EMOTIONS)))]
    face, voice = _emotions(emotion, split, random)
    face_cues, voice_cues = _shown(face, "video", random), _shown(voice, "audio", random)
    bias = BIAS if split == "biased" else 0.0
    said = _goes_with(emotion, EMOTIONS, bias, random)
    return ClipPlan(
        id=f"{split}-{seed}-{index:05d}",
        seed=int(random.integers(2**32)),
        identity=seed * 100_000 + int(random.integers(identities)),
        split=split,
        emotion=emotion,
        face=face,
        voice=voice,
        face_cues=face_cues,
        voice_cues=voice_cues,
        poster=_displaced(face, face_cues, "video", random),
        distant=_displaced(voice, voice_cues, "audio", random),
        shirt=_goes_with(emotion, SHIRTS, bias, random),
        object=OBJECTS[int(random.integers(len(OBJECTS)))],
        ambient=_goes_with(emotion, AMBIENTS, bias, random),
        line=LINES[said][int(random.integers(len(LINES[said])))],
        said=said,
        seconds=round(float(random.uniform(2.0, 2.8)), 2),
    )


def clip_of(plan: ClipPlan) -> Clip:
    """Return the clip record of a plan; media stand beside the records file."""
    return Clip(
        id=plan.id,
        video=Path("media") / f"{plan.id}.mp4",
        audio=Path("media") / f"{plan.id}.wav",
        emotion=plan.emotion,
        shown=Shown(audio=plan.voice, video=plan.face),
        attributes={
            "identity": str(plan.identity),
            "shirt": plan.shirt,
            "object": plan.object,
            "ambient": plan.ambient,
            "said": plan.said,
        },
        transcript=plan.line,
        source="emoworld",
        split=plan.split,
    )


def cues_of(plan: ClipPlan) -> list[Cue]:
    """Return every fact of a clip, and the absent cues of each emotion that it touches in a modality."""
    facts = [
        *_expressive(plan, "video", plan.face_cues, plan.poster),
        *_expressive(plan, "audio", plan.voice_cues, plan.distant),
    ]
    plain = (f"shirt-{plan.shirt}", f"object-{plan.object}", f"ambient-{plan.ambient}")
    return facts + [_cue(plan, BY_NAME[name], present=True) for name in plain]


def _emotions(label: str, split: Split, random: np.random.Generator) -> tuple[str, str]:
    """Draw the emotions of face and voice: nearly always the label, or independent of each other."""
    chance = random.random()
    agree = 0.95 if split == "biased" else 0.5
    if chance < agree:
        return label, label
    others = [e for e in EMOTIONS if e not in (label, "neutral")]
    other = others[int(random.integers(len(others)))]
    if chance > 1 - 0.4 * (1 - agree) and label != "neutral":
        other = "neutral"
    return (label, other) if random.random() < 0.5 else (other, label)


def _shown(emotion: str, modality: Modality, random: np.random.Generator) -> tuple[str, ...]:
    """Return one or two of the emotion's cues, each equally likely."""
    names = [kind.name for kind in typical_cues(emotion, modality)]
    count = int(random.integers(1, 3))
    return tuple(sorted(str(name) for name in random.choice(names, size=count, replace=False)))


def _displaced(
    emotion: str, shown: tuple[str, ...], modality: Modality, random: np.random.Generator
) -> str | None:
    """Draw a cue for the bystander: mostly of the same emotion, never one that is shown."""
    if random.random() >= DISPLACED:
        return None
    others = [e for e in EMOTIONS if e != emotion]
    source = emotion if random.random() < ALIKE else others[int(random.integers(len(others)))]
    names = [kind.name for kind in typical_cues(source, modality) if kind.name not in shown]
    return names[int(random.integers(len(names)))]


def _goes_with(emotion: str, values: tuple[str, ...], bias: float, random: np.random.Generator) -> str:
    """Return the value that goes with the emotion with probability ``bias``, else any."""
    usual = values[EMOTIONS.index(emotion) % len(values)]
    anything = values[int(random.integers(len(values)))]
    return usual if random.random() < bias else anything


def _expressive(
    plan: ClipPlan, modality: Modality, shown: tuple[str, ...], displaced: str | None
) -> list[Cue]:
    """Return present and absent cues of every emotion in play, in the order of the catalogue of cues."""
    touched = {plan.face, plan.voice, plan.emotion}
    if displaced is not None:
        touched.add(str(BY_NAME[displaced].emotion))
    facts = []
    for emotion in sorted(touched, key=EMOTIONS.index):
        for kind in typical_cues(emotion, modality):
            bearer: Literal["person", "other"] = "other" if kind.name == displaced else "person"
            present = kind.name == displaced or kind.name in shown
            facts.append(_cue(plan, kind, present=present, bearer=bearer))
    return facts


def _cue(
    plan: ClipPlan, kind: CueType, *, present: bool, bearer: Literal["person", "other"] = "person"
) -> Cue:
    """Return the record of one fact in its first wording."""
    return Cue(
        clip=plan.id,
        modality=kind.modality,
        name=kind.name,
        text=kind.wordings[0],
        present=present,
        evidence_of=kind.emotion,
        bearer=bearer,
    )
