"""Evening out what filters left: as many yes as no, all letters alike, no emotion far above the others."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from statistics import median

from avere.construct import language
from avere.construct.construction import Dropped
from avere.construct.filters import split_yes_no
from avere.construct.questions import EMOTION_TASK
from avere.construct.recipe import Filters
from avere.records import Question

SURPLUS, LARGEST = "surplus of one answer", "surplus of one kind and emotion"
Group = tuple[str, str | None, str | None]


def balance(
    questions: Sequence[Question], options: Filters, seed: int
) -> tuple[list[Question], list[Dropped]]:
    """Return balanced questions in their order, and what was left out for it; letters cost nothing."""
    dropped: dict[str, Dropped] = {}

    def drop(some: Iterable[str], reason: str) -> None:
        dropped.update({i: Dropped(what="question", id=i, stage="balance", reason=reason) for i in some})

    if options.largest is not None:
        _cap(questions, options.largest, seed, drop)
    if options.balance:
        for yes, no in split_yes_no(q for q in questions if q.id not in dropped):
            more, fewer = (yes, no) if len(yes) > len(no) else (no, yes)
            drop(_surplus(more, len(more) - len(fewer), seed), SURPLUS)
    kept = [question for question in questions if question.id not in dropped]
    return (_lettered(kept, seed) if options.balance else kept), list(dropped.values())


def rank_names(names: Iterable[str], *of: object) -> list[str]:
    """Return names in an order that is drawn from ``of`` and stays as names come and go."""

    def drawn(name: str) -> str:
        return hashlib.sha256("/".join(map(str, (*of, name))).encode()).hexdigest()

    return sorted(names, key=drawn)


def group(question: Question) -> Group:
    """Return the task, kind and emotion of a question."""
    return question.task, question.kind, question.cue.evidence_of if question.cue else None


def _cap(
    questions: Iterable[Question], largest: float, seed: int, drop: Callable[[list[str], str], None]
) -> None:
    groups: defaultdict[Group, list[str]] = defaultdict(list)
    for question in questions:
        if question.cue is not None:
            groups[group(question)].append(question.id)
    if groups:
        most = int(largest * median(map(len, groups.values())))
        for ids in groups.values():
            drop(rank_names(ids, seed, "largest")[most:], LARGEST)


def _surplus(questions: Sequence[Question], count: int, seed: int) -> list[str]:
    """Return the ids of as many questions, each time of the group that is the largest then."""
    waiting: defaultdict[Group, list[str]] = defaultdict(list)
    by_id = {question.id: question for question in questions}
    for name in rank_names(by_id, seed, "surplus"):
        waiting[group(by_id[name])].append(name)
    return [max(waiting.values(), key=len).pop() for _ in range(count)]


def _lettered(questions: Sequence[Question], seed: int) -> list[Question]:
    """Return questions whose right options stand at each letter equally often; even ones stay as they are.

    Questions after the emotion stay too: each is asked twice, with the same options, and even as it is made.
    """
    by_task: defaultdict[tuple[str, int], list[Question]] = defaultdict(list)
    for question in questions:
        paired = question.task.startswith(EMOTION_TASK)
        if question.choices and question.choices != language.YES_NO and not paired:
            by_task[question.task, len(question.choices)].append(question)
    turned: dict[str, Question] = {}
    for (_, letters), asked in by_task.items():
        counts = Counter({letter: 0 for letter in range(letters)})
        counts.update(question.answer or 0 for question in asked)
        if max(counts.values()) - min(counts.values()) > 1:
            by_id = {question.id: question for question in asked}
            for turn, name in enumerate(rank_names(by_id, seed, "letters")):
                turned[name] = _moved(by_id[name], turn % letters)
    return [turned.get(question.id, question) for question in questions]


def _moved(question: Question, place: int) -> Question:
    """Return a question whose right option changed places with another one."""
    choices = list(question.choices)
    answer = question.answer or 0
    lure = answer if question.lure == place else question.lure
    choices[answer], choices[place] = choices[place], choices[answer]
    return question.model_copy(update={"choices": tuple(choices), "answer": place, "lure": lure})
