"""The options of a basic question, two cues of the shown emotion and two of another, and the draws of others.

What questions, pairs and lessons draw in the same way stands here once: seen words, wrong cues, letters.
"""

from collections import Counter

import numpy as np

from avere import prompts
from avere.construct import language
from avere.construct.facts import ModalityFacts

Draw = np.random.Generator


class Opposites:
    """Choose the other emotion of a question, so that no emotion is true more often than it is false.

    Without this, an emotion that the clips show more often than others would be the better guess.
    """

    def __init__(self) -> None:
        self._asked: Counter[tuple[str, str]] = Counter()

    def choose(self, side: ModalityFacts, random: Draw) -> str:
        """Return the emotion of the displaced cue where it is another one, else the one that balances.

        The side must be `askable`.
        """
        displaced = displaced_emotion(side)
        if displaced not in (None, side.emotion) and _enough(side, str(displaced)):
            other = str(displaced)
        else:
            others = _others(side)
            random.shuffle(others)
            other = min(others, key=lambda emotion: self._surplus(side.emotion, emotion))
        self._asked[side.emotion, other] += 1
        return other

    def _surplus(self, shown: str, other: str) -> int:
        return self._asked[shown, other] - self._asked[other, shown]


def draw_options(
    side: ModalityFacts, other: str, random: Draw, *, irrelevant: float = 0.0
) -> tuple[str, ...]:
    """Return the names of four cues, the true one first; in a share, the last is a plain fact of the clip.

    They are {true, absent | displaced} of the shown emotion and {displaced | absent, absent} of ``other``:
    within an emotion every pair of cues is equally likely, so that text alone is right one time in four.
    """
    true = pick_name(side.supporting, random)
    if displaced_emotion(side) == side.emotion:
        return (true, side.displaced[0], *_some(side.absent(other), 2, random))
    absent = pick_name(side.absent(side.emotion), random)
    if irrelevant and side.plain and not side.displaced and random.random() < irrelevant:
        return (true, absent, pick_name(side.absent(other), random), pick_name(side.plain, random))
    if displaced_emotion(side) == other:
        return (true, absent, side.displaced[0], pick_name(side.absent(other), random))
    return (true, absent, *_some(side.absent(other), 2, random))


def displaced_emotion(side: ModalityFacts) -> str | None:
    """Name the emotion that the displaced cue would be evidence of, were it the person's."""
    return side.kind(side.displaced[0]).emotion if side.displaced else None


def pick_name(names: tuple[str, ...], random: Draw) -> str:
    """Return one name, each equally likely."""
    return names[int(random.integers(len(names)))]


def pick_seen(random: Draw) -> tuple[int, int]:
    """Draw a wording and a template that are not held back for testing."""
    wording = language.SEEN_WORDINGS[int(random.integers(len(language.SEEN_WORDINGS)))]
    return wording, pick_template(random)


def pick_template(random: Draw) -> int:
    """Draw a template that is not held back for testing."""
    return language.SEEN_TEMPLATES[int(random.integers(len(language.SEEN_TEMPLATES)))]


def pick_wrong(side: ModalityFacts, random: Draw) -> tuple[str, ...]:
    """Choose the cues to which "no" is right: those displaced or those absent, half of the time each.

    All are of the shown emotion; where a side has none of one sort, the others are taken.
    """
    absent = side.absent(side.emotion)
    if side.displaced_alike and (not absent or random.random() < 0.5):
        return side.displaced_alike
    return absent


def ask_yes_no(question: str, random: Draw, *, true: bool) -> tuple[str, str]:
    """Put a yes/no question as the benchmark does, letters in either order; return the right one too."""
    first = bool(random.random() < 0.5)
    choices = language.YES_NO if first else language.YES_NO[::-1]
    text = prompts.render("emorealm", question=question, choices=language.lettered(choices))
    return text, language.letter_of(0 if true == first else 1)


def pick_like(names: tuple[str, ...], model: str, side: ModalityFacts, wording: int, random: Draw) -> str:
    """Return one of the names whose wording has as many words as that of ``model``, or most nearly so.

    Answers that cite one or the other then cannot be told apart by their length.
    """
    words = len(side.kind(model).wordings[wording].split())
    apart = {name: abs(len(side.kind(name).wordings[wording].split()) - words) for name in names}
    return pick_name(tuple(name for name in names if apart[name] == min(apart.values())), random)


def is_askable(side: ModalityFacts) -> bool:
    """True where enough cues are known to be absent for four options."""
    return side.usable and bool(_others(side))


def _others(side: ModalityFacts) -> list[str]:
    """Return the emotions that the wrong options may be about."""
    emotions = (emotion for emotion in side.lexicon.emotions if emotion != side.emotion)
    return [emotion for emotion in emotions if _enough(side, emotion)]


def _enough(side: ModalityFacts, other: str) -> bool:
    """True where a modality has the cues for options with another emotion."""
    displaced = displaced_emotion(side)
    if displaced != side.emotion and not side.absent(side.emotion):
        return False
    return len(side.absent(other)) >= (1 if displaced == other else 2)


def _some(names: tuple[str, ...], count: int, random: Draw) -> tuple[str, ...]:
    return tuple(str(name) for name in random.choice(names, size=count, replace=False))
