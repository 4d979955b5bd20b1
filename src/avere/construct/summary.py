"""Counting the questions and pairs that a construction made and left out: the numbers of its record."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from avere.construct.construction import Dropped
from avere.construct.facts import MODALITIES
from avere.construct.language import letter_of
from avere.records import PreferencePair, Question


def counted(pairs: Iterable[tuple[str, str]]) -> dict[str, dict[str, int]]:
    """Count how often each second name occurs with each first one."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for first, second in pairs:
        found[first][second] += 1
    return {first: dict(sorted(counts.items())) for first, counts in sorted(found.items())}


def of_questions(questions: Sequence[Question]) -> dict[str, dict[str, dict[str, int]]]:
    """Return the counts of questions: ``questions``, ``answers`` and ``emotions``."""
    about = [(q.task, q.cue.evidence_of) for q in questions if q.cue is not None]
    return {
        "questions": counted((q.task, q.kind or "all") for q in questions),
        "answers": counted((q.task, letter_of(q.answer)) for q in questions if q.answer is not None),
        "emotions": counted((task, emotion) for task, emotion in about if emotion is not None),
    }


def of_pairs(pairs: Sequence[PreferencePair]) -> dict[str, dict[str, int]]:
    """Return the counts of pairs: ``pairs``, ``corrupted_inputs`` and ``replacements``."""
    taken = [(pair.clip, _stand_ins(pair)) for pair in pairs]
    links = {(clip, other) for clip, others in taken for other in others}
    ways = ("mutual" if any((other, clip) in links for other in others) else "one way"
            for clip, others in taken if others)  # fmt: skip
    return {
        "pairs": dict(Counter(pair.target for pair in pairs)),
        "corrupted_inputs": dict(Counter(pair.corruption.reason or "valid" for pair in pairs)),
        "replacements": dict(Counter(ways)),
    }


def _stand_ins(pair: PreferencePair) -> set[str]:
    """List the clips whose media replace those that a pair is about."""
    found = {modality: getattr(pair.corruption, modality) for modality in MODALITIES}
    return {
        change.clip
        for modality, change in found.items()
        if pair.target in (modality, "audiovisual") and change is not None and change.clip is not None
    }


def of_drops(dropped: Iterable[Dropped]) -> dict[str, dict[str, int]]:
    """Count the records left out, by stage and reason."""
    return counted((one.stage, f"{one.what}: {one.reason}") for one in dropped)
