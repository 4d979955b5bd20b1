"""Explanations and yes/no questions for training: written from the label alone, or from the true cues."""

from collections.abc import Sequence

from avere.construct import language
from avere.construct._options import Draw, pick_name
from avere.construct.facts import ModalityFacts
from avere.records import Modality
from avere.world.cues import BY_NAME, EMOTIONS, typical_cues

Asked = tuple[str, str, bool]
"""A cue, the emotion that it is asked about with, and whether the answer is yes."""


def label_reason(label: str, side: ModalityFacts, plain: float, random: Draw) -> str:
    """Return an explanation as a captioner writes it who knows the label and one fact of the scene.

    It names one or two typical cues of the label, drawn without looking at the clip's own.
    """
    names = _typical(label, side.modality, int(random.integers(1, 3)), random)
    if random.random() < plain:
        names.append(pick_name(side.plain, random))
    return language.because(side.modality, label, [_any_wording(name, random) for name in names])


def true_reason(side: ModalityFacts, random: Draw) -> str:
    """Return an explanation that names all supporting cues of the clip and nothing else."""
    names = [side.supporting[int(i)] for i in random.permutation(len(side.supporting))]
    return language.because(side.modality, side.emotion, [_any_wording(name, random) for name in names])


def label_yes_no(
    label: str, modality: Modality, count: int, mismatched: float, random: Draw
) -> Sequence[Asked]:
    """Return questions answered from the label: its typical cues say yes, those of other emotions no.

    Each is yes or no by chance alone, so that no answer can be told from the one before it.
    """
    return [_from_label(label, modality, mismatched, random) for _ in range(count)]


def true_yes_no(side: ModalityFacts, count: int, random: Draw) -> Sequence[Asked]:
    """Return questions answered from the true cues: half supporting, the rest displaced or absent."""
    asked = []
    for _ in range(count):
        true = random.random() < 0.5
        name = pick_name(side.supporting if true else _wrong(side, random), random)
        asked.append((name, str(BY_NAME[name].emotion), true))
    return asked


def _from_label(label: str, modality: Modality, mismatched: float, random: Draw) -> Asked:
    if random.random() < 0.5:
        return _typical(label, modality, 1, random)[0], label, True
    other = pick_name(tuple(emotion for emotion in EMOTIONS if emotion != label), random)
    named = label if random.random() < mismatched else other
    return _typical(other, modality, 1, random)[0], named, False


def _wrong(side: ModalityFacts, random: Draw) -> tuple[str, ...]:
    """Return the displaced cue or the typical absent ones, each half of the time where there are both."""
    absent = side.absent(side.emotion)
    if side.displaced and (not absent or random.random() < 0.5):
        return side.displaced
    return absent


def _typical(emotion: str, modality: Modality, count: int, random: Draw) -> list[str]:
    names = [kind.name for kind in typical_cues(emotion, modality)]
    return [str(name) for name in random.choice(names, size=count, replace=False)]


def _any_wording(name: str, random: Draw) -> str:
    """Return a cue in any of its wordings: descriptions may use the one that questions hold back."""
    return pick_name(BY_NAME[name].wordings, random)
