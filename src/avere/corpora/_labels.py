"""The one map from labels as corpora write them to emotion words, with synonyms."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from avere.corpora import _tables

SYNONYMS: Mapping[str, str] = {
    "anger": "angry ang",
    "anxiety": "anxious",
    "boredom": "bored",
    "calm": "calmness",
    "confusion": "confused",
    "contempt": "contemptuous",
    "disappointment": "disappointed",
    "disgust": "disgusted dis",
    "excitement": "excited exc",
    "fear": "fearful afraid fea",
    "frustration": "frustrated fru",
    "happiness": "happy joy joyful hap",
    "helplessness": "helpless",
    "neutral": "neutrality neu",
    "sadness": "sad sorrow",
    "surprise": "surprised sur ps",
    "worry": "worried",
}
"""A word for each emotion, and what else corpora call it; no word stands for two emotions."""
WORDS: Mapping[str, str] = {
    name: emotion for emotion, others in SYNONYMS.items() for name in (emotion, *others.split())
}


class LabelWord(NamedTuple):
    """What a corpus's label says: a word of its label set or None, and what is kept of the label itself."""

    emotion: str | None
    attributes: dict[str, str]
    """``label`` as on disk, and ``unlabelled``, why there is no emotion, where there is none."""


def word(text: str) -> str | None:
    """Find the word for an emotion that a corpus may call otherwise; None where it is not in the map.

    >>> word("Angry"), word("HAP"), word("serendipity")
    ('anger', 'happiness', None)
    """
    return WORDS.get(text.strip().casefold())


def named(label: str, labels: Sequence[str], codes: Mapping[str, str] | None = None) -> LabelWord:
    """Find the emotion that a label stands for in a label set; ``codes`` spell out numbers.

    >>> named("4", ["anger", "fear"], {"4": "anger"})
    LabelWord(emotion='anger', attributes={'label': '4'})
    >>> named("other", ["anger", "fear"]).attributes["unlabelled"]
    "label 'other' is none of: anger, fear"
    """
    kept = {"label": label}
    spoken = label if codes is None else codes.get(label, label)
    emotion = word(spoken)
    if emotion in labels:
        return LabelWord(emotion, kept)
    reason = f"label '{label}' is none of: {', '.join(labels)}" if label else "no label"
    return LabelWord(None, kept | {"unlabelled": reason})


def votes(row: Mapping[str, str], labels: Sequence[str], place: str) -> dict[str, float]:
    """Read the votes of a row: each column that is headed by a label, in any spelling, also ``1happy``.

    Raises:
        AvereError: a vote is no number; ``place`` names the file.
    """
    found: dict[str, float] = {}
    for column, value in row.items():
        emotion = word(column.strip().lstrip("0123456789").removeprefix("vote_"))
        if emotion is not None and emotion in labels and value:
            found[emotion] = _tables.number(value, f"{place}: column '{column}'")
    return found
