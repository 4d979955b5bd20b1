"""Leaving out, with reasons, questions and pairs that would measure something else than perception."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from avere.answers import emotions
from avere.construct import language
from avere.construct.construction import Dropped
from avere.construct.questions import EMOTION_TASK
from avere.construct.recipe import Filters
from avere.records import PreferencePair, Question

DUPLICATE, LEAK = "duplicate", "label leaked"
LENGTHS, SAME = "answers of different lengths", "a rejected answer is the chosen one"


class Sifted(NamedTuple):
    """What is kept, and what is not."""

    questions: list[Question]
    pairs: list[PreferencePair]
    dropped: list[Dropped]


def sift(
    questions: Iterable[Question], pairs: Iterable[PreferencePair], options: Filters, known: Sequence[str]
) -> Sifted:
    """Return the questions and pairs that no filter of words objects to."""
    found = Sifted([], [], [])
    asked: set[object] = set()
    for question in questions:
        leaks = not question.task.startswith(EMOTION_TASK) and _names_emotion(
            (*_cited(question), *question.choices), known
        )
        key = (question.clip, question.task, question.text, frozenset(question.choices))
        reason = (
            DUPLICATE if options.duplicates and key in asked else LEAK if options.leaks and leaks else None
        )
        asked.add(key)
        if reason is None:
            found.questions.append(question)
        else:
            found.dropped.append(Dropped(what="question", id=question.id, stage="filters", reason=reason))
    said: set[object] = set()
    for pair in pairs:
        fault = _fault(pair, options)
        words = (pair.clip, pair.prompt, pair.chosen)
        fault = DUPLICATE if options.duplicates and words in said else fault
        said.add(words)
        if fault is None:
            found.pairs.append(pair)
        else:
            found.dropped.append(Dropped(what="pair", id=pair.id, stage="filters", reason=fault))
    return found


def _cited(question: Question) -> tuple[str, ...]:
    return (question.cue.text,) if question.cue is not None else ()


def _names_emotion(texts: Iterable[str], known: Sequence[str]) -> bool:
    """True where a cue names an emotion, so that its words tell the answer."""
    words = " ; ".join(text for text in texts if text not in language.YES_NO)
    return bool(words) and emotions.parse(words, known, "lenient").reason != "no label is named"


def _fault(pair: PreferencePair, options: Filters) -> str | None:
    answers = [text for text in (pair.chosen, pair.spurious, pair.hallucinated) if text is not None]
    if len(set(answers)) < len(answers):
        return SAME
    lengths = [len(answer.split()) for answer in answers]
    return LENGTHS if max(lengths) > (1 + options.words) * min(lengths) else None


def by_task(questions: Iterable[Question]) -> dict[str, list[Question]]:
    """Group questions by task, in order."""
    groups: defaultdict[str, list[Question]] = defaultdict(list)
    for question in questions:
        groups[question.task].append(question)
    return groups


def split_yes_no(questions: Iterable[Question]) -> Iterator[tuple[list[Question], list[Question]]]:
    """Yield, task by task, the yes/no questions whose answer is yes and those whose answer is no."""
    asked = [q for q in questions if q.choices == language.YES_NO and q.kind != "plain"]
    for group in by_task(asked).values():
        yield [q for q in group if q.answer == 0], [q for q in group if q.answer == 1]
