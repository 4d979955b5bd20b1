"""The published parsing of an emotion in free text, shared by its DFEW, RAVDESS and MER2023 scores."""

import re
from collections.abc import Sequence

from avere.errors import unknown_name

# Facts of the published script, in its order, which decides where a word stands in two lists, and ties.
# Oddity: adjectives such as "angry", "sad", "fearful" or "worried" stand in no list.
LISTS = {
    "happiness": (
        "amused amusement bright cheerful content contented contentment crinkle crinkled crow duchenne "
        "ecstatic exuberant friendly gentle happiness happy joy joyful lightheartedness mirth pleasant "
        "pleasure positive positivity relaxation relaxed smile smiling sparkling warmth"
    ),
    "sadness": (
        "anguish concern crying despair discomfort distress downcast hopelessness melancholic melancholy "
        "quivering sadness sob somber trembles weariness weeping"
    ),
    "surprise": (
        "abruptly amazement astonishing astonishment bewilderment confusion curiosity curious disbelief "
        "excitement expectant puzzled skepticism startled startling suddenness surprise surprised "
        "surprising uncertainty unexpectedness wonder"
    ),
    "anger": (
        "agitation anger annoyance annoyed displeased displeasure enraged fierce frustration fury hostile "
        "hostility incensed irate irritated irritation mad outraged rage resentment restraint serious "
        "shouting simmering snarling stern suppressed tension yelling"
    ),
    "neutral": (
        "attentive calm collected composed concerned contemplative deliberate detached expressionless "
        "focused introspective meditative mild neutral neutrality normal observant pensive pensiveness "
        "placid placidity reserved serene serious seriousness solemn steady stoic thoughtful tranquil "
        "unemotional unexpressive unmoved unmoving unperturbed unreadable"
    ),
    "disgust": (
        "aversion contempt disapproval discomfort disdain disgust disgusted displeased displeasure "
        "distaste distasteful rejection repulsive revulsion smell unpleasant"
    ),
    "fear": (
        "alarm alertness anxiety apprehension contemplation curiosity danger darting dilated dread fear "
        "flight focus fright frightening gasping panic quivering shock stimulus tension terror threat "
        "threatened trembling vulnerability worry"
    ),
}
KEYWORDS = {label: frozenset(words.split()) for label, words in LISTS.items()}
DENIALS = ("not", "no", "isn't ", "nothing", "cannot", "won't", "shouldn't", "neither", "nor")
SENTENCES = re.compile(r"(?<=[.?])(?<!\w\.\w.)\s")
"""What parts sentences: one blank behind a full stop or a question mark, but none behind "i.e." or "3.5."."""
FIRST = re.compile(r"(.*?)[.!?]")
WORD = re.compile(r"\w+")


def emotion_label(prediction: str, labels: Sequence[str]) -> str | None:
    """Parse the label as the published script does; None where it raises and so drops the item.

    Raises:
        AvereError: a label is not one of its seven.
    """
    for label in labels:
        if label not in KEYWORDS:
            raise unknown_name("emotion of the published script", label, KEYWORDS)
    # The order of the script's own lists counts, not the order given.
    known = {label: words for label, words in KEYWORDS.items() if label in labels}
    text = prediction.strip().lower()
    if not text:
        return None  # Oddity: an empty answer raises, and its item leaves the metrics.
    full = text if text.endswith(".") else text + "."
    kept = without_denials(full) or full
    first = FIRST.match(kept)
    if first is None:
        return None  # Oddity: so does a line break before the first full stop.
    for word in WORD.findall(first[1]):
        for label, words in known.items():
            if word in words:
                return label
    said = WORD.findall(kept)
    # Oddity: without any hit all labels tie, and the first is taken: so "angry" is happiness.
    return max(known, key=lambda label: sum(word in known[label] for word in said))


def without_denials(text: str) -> str:
    """Keep the sentences that deny nothing.

    Oddity: denials are sought as parts of words, so "know", "another" and "annoyed" drop a sentence too; an
    exclamation mark ends none, nor does a full stop behind "i.e."; a second blank begins the next sentence,
    so that after a dropped one a blank line stands first.
    """
    sentences = SENTENCES.split(text)
    return " ".join(one for one in sentences if not any(denial in one for denial in DENIALS))
