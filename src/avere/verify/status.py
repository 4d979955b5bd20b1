"""How far people are: progress, agreement, each person against the hidden gold, and what is disputed."""

from collections import Counter
from pathlib import Path
from typing import NamedTuple

from avere.analyse.intervals import Interval
from avere.records import Question, Verdict
from avere.verify.agreement_over_clips import estimate_alpha
from avere.verify.import_verdicts import Participant, read_participants, read_verdicts
from avere.verify.project import read_project


class GroupStatus(NamedTuple):
    """One task and kind of question."""

    name: str
    questions: int
    answered: int
    """Questions with as many answers as are wanted."""
    agreement: Interval


class Disputed(NamedTuple):
    """A question whose answers differ."""

    id: str
    task: str
    answers: dict[str, int]


class Status(NamedTuple):
    """How far a project is."""

    answers: dict[int, int]
    """How many questions have so many answers."""
    per_question: int
    groups: list[GroupStatus]
    people: list[Participant]
    disputed: list[Disputed]


def read_status(folder: Path) -> Status:
    """Compute the status of a project from its last import.

    Raises:
        AvereError: it holds no project or no results, or the library for agreement is not installed.
    """
    project = read_project(folder)
    questions = {one.question.id: one.question for one in project.of_role("question")}
    verdicts = read_verdicts(folder)
    told = Counter(one.question for one in verdicts)
    wanted = project.info.per_question
    groups: dict[str, list[str]] = {}
    for question in questions.values():
        groups.setdefault(name_group(question), []).append(question.id)
    groups = {"all": list(questions), **dict(sorted(groups.items()))}
    rows = [
        GroupStatus(
            name=name,
            questions=len(ids),
            answered=sum(told[one] >= wanted for one in ids),
            agreement=estimate_alpha(_of(verdicts, set(ids)), questions),
        )
        for name, ids in groups.items()
    ]
    return Status(
        answers=dict(sorted(Counter(told[name] for name in questions).items())),
        per_question=wanted,
        groups=rows,
        people=sorted(read_participants(folder).values(), key=lambda one: -one.answered),
        disputed=list_disputed(verdicts, questions),
    )


def name_group(question: Question) -> str:
    """Name the task and kind of a question."""
    return " ".join(filter(None, (question.task, question.kind)))


def list_disputed(verdicts: list[Verdict], questions: dict[str, Question]) -> list[Disputed]:
    """List the questions with different answers, those with most of them first."""
    told: dict[str, Counter[str]] = {}
    for one in verdicts:
        words = "cannot tell" if one.answer is None else questions[one.question].choices[one.answer]
        told.setdefault(one.question, Counter())[words] += 1
    found = [
        Disputed(name, name_group(questions[name]), dict(answers.most_common()))
        for name, answers in told.items()
        if len(answers) > 1
    ]
    return sorted(found, key=lambda one: (max(one.answers.values()) / sum(one.answers.values()), one.id))


def _of(verdicts: list[Verdict], ids: set[str]) -> list[Verdict]:
    return [one for one in verdicts if one.question in ids]
