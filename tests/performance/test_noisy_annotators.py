"""The measure of noise is right where the truth is known: nothing is wrong without errors, much with them."""

import pytest

import noisy_annotators as noisy
from avere.construct.facts import gather_facts
from avere.construct.pairs import pairs
from avere.construct.questions import questions
from avere.construct.recipe import Pairs, Questions


@pytest.fixture(scope="module")
def truth():
    return noisy.world(60, "balanced", 7)


def test_nothing_made_from_the_truth_is_wrong(truth):
    facts = gather_facts(truth.clips, truth.cues)
    options = Questions(shares="halves", cross_modal=True)
    assert all(noisy.right(question, facts) for question in questions(truth.clips, truth.cues, options, 0))
    assert all(noisy.faithful(pair, facts) for pair in pairs(truth.clips, truth.cues, Pairs(), 0).pairs)


def test_a_second_annotator_takes_errors_away_and_some_right_items_too(truth, tmp_path):
    before, after = noisy.measure(truth, 0.2, 0.0, 0, tmp_path)
    assert before.wrong_cues > 20
    assert after.wrong_cues < before.wrong_cues / 3
    assert after.wrong.total() < before.wrong.total() / 2
    assert after.right < before.right
