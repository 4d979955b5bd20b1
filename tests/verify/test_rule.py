"""The rule of acceptance, case by case."""

import pytest

from avere.records import Verdict
from avere.verify.import_verdicts import Participant
from avere.verify.rule import choose_people, decide_item, group_verdicts, judge_verdicts
from people import shipped_rule

from .conftest import ask

RULE = shipped_rule()
QUESTION = ask("q", "c", answer=1)


def say(answer, *flags, keep=True):
    return Verdict(question="q", person="p", keep=keep, answer=answer, flags=flags, at="")


@pytest.mark.parametrize(
    ("verdicts", "outcome", "reason"),
    [
        ([say(1), say(1)], "waiting", "answered by 2 of 3 people"),
        ([], "waiting", "answered by 0 of 3 people"),
        ([say(1), say(1), say(1)], "accepted", None),
        ([say(1), say(1), say(0)], "accepted", None),
        ([say(0), say(0), say(1)], "dropped", "people answer otherwise"),
        ([say(None), say(None), say(1)], "dropped", "people cannot tell"),
        ([say(0), say(1), say(2)], "adjudicate", "no answer has the majority"),
        ([say(1), say(1), say(0), say(0)], "adjudicate", "no answer has the majority"),
        ([say(1, "ambiguous"), say(1, "ambiguous"), say(1)], "dropped", "flagged ambiguous"),
        ([say(1, "ambiguous"), say(1, "broken"), say(1)], "accepted", None),
        ([say(1, "broken", "broken"), say(1), say(1)], "accepted", None),
        ([say(1, keep=False), say(1, keep=False), say(1)], "dropped", "people would drop it"),
    ],
)
def test_cases(verdicts, outcome, reason):
    assert judge_verdicts(QUESTION, verdicts, RULE) == (outcome, reason)


@pytest.mark.parametrize(
    ("settling", "outcome"),
    [
        ([say(1)], "accepted"),
        ([say(0)], "dropped"),
        ([say(1), say(0)], "adjudicate"),
        ([say(1, keep=False)], "dropped"),
    ],
)
def test_ties_are_settled_by_others_alone(settling, outcome):
    tie = [say(0), say(1), say(2)]
    found = decide_item(QUESTION, tie, RULE, settling)
    assert (found.outcome, found.settled) == (outcome, outcome != "adjudicate")
    assert decide_item(QUESTION, [say(1)] * 3, RULE, [say(0)]).outcome == "accepted"


def test_people_below_the_gold_do_not_count():
    def person(name, right, answered, why=None):
        return Participant(
            person=name,
            answered=5,
            unfinished=0,
            gold_answered=answered,
            gold_right=right,
            seconds=9.0,
            left_out=why,
        )

    # 0.7 of 4 is 2.8; of 10 it is 7; three items are too few to be judged by.
    people = [
        person("a", 3, 4),
        person("b", 2, 4),
        person("c", 7, 10),
        person("d", 0, 3),
        person("e", 9, 9, "blocked"),
    ]
    found = choose_people(people, RULE)
    assert found == {"a": None, "b": "below min_gold", "c": None, "d": None, "e": "blocked"}
    verdicts = [Verdict(question="q", person=name, keep=True, at="") for name in ("a", "b", "stranger")]
    assert [one.person for one in group_verdicts(verdicts, found)["q"]] == ["a"]
