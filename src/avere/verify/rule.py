"""When a question that people looked at is accepted, dropped, or given to those who settle ties.

A question is looked at when ``min_people`` people whose answers count have answered. Then, in this order:
it is dropped where so many flag the same fault or would drop it as ``drop_if_flagged`` says; the answer
that at least ``majority`` of the people give decides, "cannot tell" being an answer too: accepted where it
is the one that the question names, dropped where it is another. Where no answer has that share, others
settle it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from pydantic import Field

from avere.records import Question, Record, Verdict
from avere.settings import Settings
from avere.verify.import_verdicts import Participant

Outcome = Literal["accepted", "dropped", "adjudicate", "waiting"]
OTHERWISE, UNSURE, TIE = "people answer otherwise", "people cannot tell", "no answer has the majority"
DROPPED = "people would drop it"
SETTLED = 0.5
"""More than this share of those who settle a tie decides."""


class AcceptanceRule(Settings):
    """What a recipe of acceptance may say."""

    min_people: int = Field(ge=1)
    """So many people must have answered."""
    majority: float = Field(gt=0.5, le=1)
    """Share of the people that an answer needs; 0.66 is two of three."""
    min_gold: float = Field(ge=0, le=1)
    """Share of the hidden gold items that a person must have right; those below do not count."""
    min_gold_items: int = Field(ge=1)
    """A person who met fewer gold items is not judged by them."""
    drop_if_flagged: int = Field(ge=1)
    """So many people with the same flag, or who would drop it, are enough."""


class ItemDecision(Record):
    """What was decided about one item, and by how many."""

    id: str
    task: str
    kind: str | None = None
    outcome: Outcome
    reason: str | None = None
    """Why it is not accepted."""
    people: int
    answers: dict[str, int]
    """How many gave each answer, by its text."""
    settled: bool = False
    """Whether those who settle ties decided."""


def choose_people(people: Iterable[Participant], rule: AcceptanceRule) -> dict[str, str | None]:
    """Find for each person why their answers do not count; None where they do."""
    return {
        one.person: one.left_out or ("below min_gold" if _fails_gold(one, rule) else None) for one in people
    }


def decide_item(
    question: Question, verdicts: Sequence[Verdict], rule: AcceptanceRule, settling: Sequence[Verdict] = ()
) -> ItemDecision:
    """Decide about one item by the verdicts of people who count.

    Args:
        question: with the answer that it names.
        verdicts: of people who count.
        rule: when what happens.
        settling: of those who settle ties; used only where the others do not decide.
    """
    told = Counter(_word(question, one.answer) for one in verdicts)
    outcome, reason = judge_verdicts(question, verdicts, rule)
    settled = outcome == "adjudicate" and bool(settling)
    if settled:
        outcome, reason = _settle(question, settling, rule)
        told.update(_word(question, one.answer) for one in settling)
    return ItemDecision(
        id=question.id,
        task=question.task,
        kind=question.kind,
        outcome=outcome,
        reason=reason,
        people=len(verdicts),
        answers=dict(told.most_common()),
        settled=settled and outcome != "adjudicate",
    )


def judge_verdicts(
    question: Question, verdicts: Sequence[Verdict], rule: AcceptanceRule
) -> tuple[Outcome, str | None]:
    """Judge an item; the reason is None where it is accepted.

    >>> from avere.records import Provenance
    >>> asked = Question(id="q", clip="c", task="t", text="?", choices=("a", "b"), answer=0, target="audio",
    ...                  made_by=Provenance(version="0"))
    >>> rule = AcceptanceRule(min_people=3, majority=0.66, min_gold=0.7, min_gold_items=3, drop_if_flagged=2)
    >>> def say(*answers):
    ...     return [Verdict(question="q", person="p", keep=True, answer=one, at="") for one in answers]
    >>> judge_verdicts(asked, say(0, 0, 1), rule)
    ('accepted', None)
    >>> judge_verdicts(asked, say(0, 1, None), rule)
    ('adjudicate', 'no answer has the majority')
    """
    if len(verdicts) < rule.min_people:
        return "waiting", f"answered by {len(verdicts)} of {rule.min_people} people"
    if (fault := _flagged(verdicts, rule.drop_if_flagged)) is not None:
        return "dropped", fault
    answer, count = Counter(one.answer for one in verdicts).most_common(1)[0]
    if count + 1e-9 < rule.majority * len(verdicts):
        return "adjudicate", TIE
    return _by_answer(question, answer)


def _settle(
    question: Question, settling: Sequence[Verdict], rule: AcceptanceRule
) -> tuple[Outcome, str | None]:
    """Judge by those who settle ties: more than half of them."""
    if (fault := _flagged(settling, min(rule.drop_if_flagged, len(settling)))) is not None:
        return "dropped", fault
    answer, count = Counter(one.answer for one in settling).most_common(1)[0]
    return _by_answer(question, answer) if count > SETTLED * len(settling) else ("adjudicate", TIE)


def _by_answer(question: Question, answer: int | None) -> tuple[Outcome, str | None]:
    if answer == question.answer:
        return "accepted", None
    return "dropped", UNSURE if answer is None else OTHERWISE


def _flagged(verdicts: Sequence[Verdict], enough: int) -> str | None:
    """Name the fault that enough people tell; None where there is none."""
    told = Counter(f"flagged {flag}" for one in verdicts for flag in set(one.flags))
    told[DROPPED] = sum(not one.keep for one in verdicts)
    name, count = told.most_common(1)[0]
    return name if count >= enough else None


def _fails_gold(one: Participant, rule: AcceptanceRule) -> bool:
    return (
        one.gold_answered >= rule.min_gold_items and one.gold_right < rule.min_gold * one.gold_answered - 1e-9
    )


def _word(question: Question, answer: int | None) -> str:
    """Word an answer for a table."""
    return "cannot tell" if answer is None else question.choices[answer]


def group_verdicts(
    verdicts: Iterable[Verdict], counted: Mapping[str, str | None]
) -> dict[str, list[Verdict]]:
    """Group the verdicts of people who count by question."""
    found: dict[str, list[Verdict]] = {}
    for one in verdicts:
        if counted.get(one.person, "unknown") is None:
            found.setdefault(one.question, []).append(one)
    return found
