"""Alpha over clips: the sums give what the library gives, and intervals cover what they should."""

import krippendorff
import numpy as np
import pytest

from avere.records import Verdict
from avere.verify.agreement_over_clips import (
    alpha_of_coincidences,
    coincidences,
    count_answers,
    estimate_alpha,
)

from .conftest import ask


def verdicts(rows):
    return [
        Verdict(question=f"q{place}", person=f"p{who}", keep=True, answer=answer, at="")
        for place, row in enumerate(rows)
        for who, answer in enumerate(row)
    ]


def test_sums_of_coincidences_give_what_the_library_gives():
    random = np.random.default_rng(0)
    for _ in range(20):
        counts = random.integers(0, 4, (30, 4)).astype(float)
        counts = counts[counts.sum(axis=1) > 1]
        ours = alpha_of_coincidences(coincidences(counts).sum(axis=0)[None])[0]
        theirs = krippendorff.alpha(value_counts=counts, level_of_measurement="nominal")
        assert ours == pytest.approx(theirs, abs=1e-12)


def test_cannot_tell_is_an_answer():
    said = [
        [Verdict(question="q", person="p", keep=True, answer=answer, at="") for answer in (None, 0, 2, None)]
    ]
    assert count_answers(said).tolist() == [[2, 1, 0, 1]]


def test_the_interval_is_over_clips():
    random = np.random.default_rng(1)
    rows = [[int(random.random() < 0.8), int(random.random() < 0.8), 1] for _ in range(100)]
    questions = {f"q{place}": ask(f"q{place}", f"c{place // 2}") for place in range(100)}
    found = estimate_alpha(verdicts(rows), questions)
    assert found.low is not None
    assert found.value is not None
    assert found.high is not None
    assert found.low < found.value < found.high
    assert (found.n, found.reason) == (100, None)
    # Of few clips there is none.
    few = {name: one.model_copy(update={"clip": "one"}) for name, one in questions.items()}
    assert estimate_alpha(verdicts(rows), few).reason == "only 1 clip"


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([[1], [0]], "no question with two answers"),
        ([[1, 1], [1, 1]], "all said the same"),
        ([], "no question with two answers"),
    ],
)
def test_where_there_is_none(rows, reason):
    questions = {f"q{place}": ask(f"q{place}", "c") for place in range(2)}
    found = estimate_alpha(verdicts(rows), questions)
    assert (found.value, found.reason) == (None, reason)
