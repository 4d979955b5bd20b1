"""The scripted crowds are what they are said to be, and the rule treats them as a hand would."""

import numpy as np
import pytest

import people
from people import Crowd, Scripted


def test_shares_of_a_crowd():
    crowd = Crowd("x", (0.5, 0.9), lazy=0.2, colluding=0.1, absent=0.3).draw(100, np.random.default_rng(0))
    kinds = [one.kind for one in crowd]
    assert [kinds.count(kind) for kind in ("lazy", "colluding", "absent", "honest")] == [20, 10, 30, 40]
    assert all(0.5 <= one.accuracy <= 0.9 for one in crowd)


def test_answers_of_each_kind():
    (question, *_), _ = people.draw_questions(1, 1)
    random = np.random.default_rng(0)

    def share(person):
        said = [people.answer_question(person, question, random) for _ in range(2000)]
        return said.count(question.answer) / 2000, said.count(None) / 2000

    right, unsure = share(Scripted("honest", 0.8))
    assert right == pytest.approx(0.8, abs=0.03)
    assert unsure == pytest.approx(0.1, abs=0.03)
    assert share(Scripted("lazy", 1.0))[0] == pytest.approx(1 / len(question.choices), abs=0.04)
    assert share(Scripted("colluding", 1.0))[0] == 0


def test_people_who_are_always_right_keep_all_that_is_good():
    found = people.judge_crowd(Crowd("x", (1.0, 1.0)), 3, people.shipped_rule(), size=9, count=200, wrong=0.1)
    assert found == people.Outcome(accepted=180, wrong=0, lost=0, open=0, excluded=0)


def test_a_crowd_that_colludes_alone_accepts_what_is_wrong():
    crowd = Crowd("x", (1.0, 1.0), colluding=1.0)
    rule = people.shipped_rule(min_gold=0.0)
    found = people.judge_crowd(crowd, 3, rule, size=9, count=200, wrong=0.1)
    assert found.excluded == 0
    assert found.accepted == found.wrong > 0
    assert people.judge_crowd(crowd, 3, people.shipped_rule(), size=9, count=200).excluded == 9
