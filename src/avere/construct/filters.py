"""Leaving out, with reasons, questions and pairs that would measure something else than perception."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from math import sqrt
from typing import NamedTuple

from avere import prompts
from avere.answers import emotions, lenient
from avere.construct._asking import Desk, Job
from avere.construct._said import TextSaid
from avere.construct._stages import Work
from avere.construct.annotations import Dropped
from avere.construct.recipe import Filters
from avere.interfaces import Ask, Responder
from avere.records import PreferencePair, Question
from avere.world import language

PROMPT = "emorealm"
DUPLICATE, LEAK, BLIND = "duplicate", "label leaked", "solvable from text"
LENGTHS, SAME = "answers of different lengths", "a rejected answer is the chosen one"
CERTAIN = 2.0
"""Standard errors above chance from which on a model knows something without media."""


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
        leaks = _names_emotion((*_cited(question), *question.choices), known)
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
    """Return whether a cue names an emotion, so that its words tell the answer."""
    words = " ; ".join(text for text in texts if text not in language.YES_NO)
    return bool(words) and emotions.read(words, known, "lenient").reason != "no label is named"


def _fault(pair: PreferencePair, options: Filters) -> str | None:
    answers = [text for text in (pair.chosen, pair.spurious, pair.hallucinated) if text is not None]
    if len(set(answers)) < len(answers):
        return SAME
    lengths = [len(answer.split()) for answer in answers]
    return LENGTHS if max(lengths) > (1 + options.words) * min(lengths) else None


def blind(questions: Sequence[Question], models: Sequence[Responder], work: Work) -> Mapping[str, Dropped]:
    """Return the questions that models answer rightly without media, by their id.

    A model that always says yes is right half of the time and knows nothing. So only those count which do
    better than chance at the whole task, each answer weighing alike; where some do and all of those are right
    about a question, words are enough for it. Plain facts are left alone: words do tell those, and they are
    reported apart.

    Raises:
        AvereError: a model cannot go on; what it answered is kept.
    """
    closed = [question for question in questions if question.choices and question.kind != "plain"]
    right: list[dict[str, bool]] = []
    for model in models:
        desk = work.desk("blind", model, TextSaid)
        desk.put(partial(map, _job, closed), work.watch("blind"))
        right.append({question.id: _right(desk, question) for question in closed})
    found: dict[str, Dropped] = {}
    for task, asked in _by(closed).items():
        informed = [each for each in right if _knows(asked, each)]
        for question in asked if informed else ():
            if all(each[question.id] for each in informed):
                detail = f"{task}: {len(informed)} of {len(models)} models do better than chance"
                found[question.id] = Dropped(
                    what="question", id=question.id, stage="filters", reason=BLIND, detail=detail
                )
    return found


def _job(question: Question) -> Job:
    text = prompts.render(PROMPT, question=question.text, choices=language.lettered(question.choices))
    return Job(question.id, Ask(text=text), PROMPT)


def _right(desk: Desk[TextSaid], question: Question) -> bool:
    said = desk.outcome(_job(question)).said
    return said is not None and lenient.read(said.text, question.choices).choice == question.answer


def _by(questions: Iterable[Question]) -> dict[str, list[Question]]:
    groups: defaultdict[str, list[Question]] = defaultdict(list)
    for question in questions:
        groups[question.task].append(question)
    return groups


def _knows(asked: Sequence[Question], right: Mapping[str, bool]) -> bool:
    """Return whether a model does better than chance, all answers of a task weighing alike."""
    groups: defaultdict[int, list[bool]] = defaultdict(list)
    for question in asked:
        groups[question.answer or 0].append(right[question.id])
    chance = 1 / len(asked[0].choices)
    accuracy = sum(sum(group) / len(group) for group in groups.values()) / len(groups)
    spread = sqrt(sum(chance * (1 - chance) / len(group) for group in groups.values())) / len(groups)
    return accuracy > chance + CERTAIN * spread


def halves(questions: Iterable[Question]) -> Iterator[tuple[list[Question], list[Question]]]:
    """Yield, task by task, the yes/no questions whose answer is yes and those whose answer is no."""
    asked = [q for q in questions if q.choices == language.YES_NO and q.kind != "plain"]
    for group in _by(asked).values():
        yield [q for q in group if q.answer == 0], [q for q in group if q.answer == 1]
