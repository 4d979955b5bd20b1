"""The last stage: models that answer a question rightly without media show that its words are enough."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from math import sqrt

from avere import prompts
from avere.annotate._asking import Job, find_outcome
from avere.annotate._forms import TextSaid
from avere.annotate._stages import Workspace
from avere.answers import lenient
from avere.asking.desk import Desk
from avere.construct import language
from avere.construct.construction import Dropped
from avere.construct.filters import by_task
from avere.interfaces import Prompt, Responder
from avere.records import Question

PROMPT, BLIND = "emorealm", "solvable from text"
CERTAIN = 2.0
"""Standard errors above chance from which on a model knows something without media."""


def find_solvable_blind(
    questions: Sequence[Question], models: Sequence[Responder], work: Workspace
) -> Mapping[str, Dropped]:
    """Find the questions that models answer rightly without media, by their id.

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
        desk.ask_all(partial(map, _job, closed), work.watch("blind"))
        right.append({question.id: _right(desk, question) for question in closed})
    found: dict[str, Dropped] = {}
    for task, asked in by_task(closed).items():
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
    return Job(question.id, Prompt(text=text), PROMPT)


def _right(desk: Desk[str, TextSaid], question: Question) -> bool:
    said = find_outcome(desk, _job(question)).said
    return said is not None and lenient.parse(said.text, question.choices).choice == question.answer


def _knows(asked: Sequence[Question], right: Mapping[str, bool]) -> bool:
    """True where a model does better than chance, all answers of a task weighing alike."""
    groups: defaultdict[int, list[bool]] = defaultdict(list)
    for question in asked:
        groups[question.answer or 0].append(right[question.id])
    chance = 1 / len(asked[0].choices)
    accuracy = sum(sum(group) / len(group) for group in groups.values()) / len(groups)
    spread = sqrt(sum(chance * (1 - chance) / len(group) for group in groups.values())) / len(groups)
    return accuracy > chance + CERTAIN * spread
