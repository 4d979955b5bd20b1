"""Explanations and yes/no questions for training: written from the label alone, or from the true cues."""

from collections.abc import Sequence

from avere.construct import language
from avere.construct._options import Draw, pick_name, pick_wrong
from avere.construct.facts import ModalityFacts
from avere.records import Modality
from avere.world.cues import BY_NAME, EMOTIONS, typical_cues

STEREOTYPED = 0.7
"""Share of the explanations written from a label that name the stereotype of their modality."""
Asked = tuple[str, str, bool]
"""A cue, the emotion that it is asked about with, and whether the answer is yes."""


def label_reason(label: str, side: ModalityFacts, plain: float, random: Draw, most: int | None = None) -> str:
    """Return an explanation as a captioner writes it who knows the label and one fact of the scene.

    It names one or two typical cues of the label, mostly the stereotype, without looking at the clip's own.
    """
    count = min(int(random.integers(1, 3)), most or 2)
    names = _stereotyped(label, side.modality, count, random)
    if random.random() < plain:
        names.append(pick_name(side.plain, random))
    return language.because(side.modality, label, [_any_wording(name, random) for name in names])


def true_reason(side: ModalityFacts, random: Draw, most: int | None = None) -> str:
    """Return an explanation that names supporting cues of the clip, all or so many, and nothing else."""
    names = [side.supporting[int(i)] for i in random.permutation(len(side.supporting))[:most]]
    return language.because(side.modality, side.emotion, [_any_wording(name, random) for name in names])


def label_yes_no(
    label: str, modality: Modality, count: int, mismatched: float, random: Draw
) -> Sequence[Asked]:
    """Return questions answered from the label: its typical cues say yes, those of other emotions no.

    Each is yes or no by chance alone, so that no answer can be told from the one before it. What is affirmed
    is what explanations name, mostly the stereotype; what is denied is any cue.
    """
    return [_from_label(label, modality, mismatched, random) for _ in range(count)]


def true_yes_no(side: ModalityFacts, count: int, random: Draw) -> Sequence[Asked]:
    """Return questions answered from the true cues: half supporting, the rest displaced or absent.

    All ask about the shown emotion, so that only the cue and whose it is tell.
    """
    asked = []
    for _ in range(count):
        true = random.random() < 0.5
        name = pick_name(side.supporting if true else pick_wrong(side, random), random)
        asked.append((name, side.emotion, true))
    return asked


def _from_label(label: str, modality: Modality, mismatched: float, random: Draw) -> Asked:
    if random.random() < 0.5:
        return _stereotyped(label, modality, 1, random)[0], label, True
    other = pick_name(tuple(emotion for emotion in EMOTIONS if emotion != label), random)
    named = label if random.random() < mismatched else other
    return _typical(other, modality, 1, random)[0], named, False


def _stereotyped(label: str, modality: Modality, count: int, random: Draw) -> list[str]:
    """Draw cues as texts name them: the stereotype and, where there are more, any others, or only others."""
    first, *others = (kind.name for kind in typical_cues(label, modality))
    named = [first] if random.random() < STEREOTYPED else []
    drawn = random.choice(others, size=count - len(named), replace=False)
    return [*named, *(str(name) for name in drawn)]


def _typical(emotion: str, modality: Modality, count: int, random: Draw) -> list[str]:
    names = [kind.name for kind in typical_cues(emotion, modality)]
    return [str(name) for name in random.choice(names, size=count, replace=False)]


def _any_wording(name: str, random: Draw) -> str:
    """Return a cue in any of its wordings: descriptions may use the one that questions hold back."""
    return pick_name(BY_NAME[name].wordings, random)
