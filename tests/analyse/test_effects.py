"""Effect sizes, exact tests and what can be detected, against numbers worked by hand."""

import numpy as np
import pytest
from scipy.stats import permutation_test

from avere.analyse.effects import cohen_h, detectable_difference, flip_clips_test, odds_ratio


@pytest.mark.parametrize(
    ("first_only", "second_only", "expected"),
    [
        # 6 coins, at most 1 on one side: 2 (1 + 6) / 2^6
        (1, 5, 14 / 64),
        (5, 1, 14 / 64),
        # 12 coins, at most 2 on one side: 2 (1 + 12 + 66) / 2^12
        (2, 10, 158 / 4096),
        # as many on each side: every outcome is at least as far out
        (4, 4, 1.0),
        # nothing to decide by
        (0, 0, 1.0),
        # 5 coins, none on one side: 2 / 2^5
        (0, 5, 1 / 16),
    ],
)
def test_one_question_a_clip_is_mcnemar_by_hand(first_only, second_only, expected):
    gains = [-1] * first_only + [1] * second_only + [0] * 3
    assert flip_clips_test(gains) == pytest.approx(expected, abs=1e-12)


def test_odds_ratio():
    assert odds_ratio(4, 10) == 2.5
    assert odds_ratio(0, 3) is None


def test_cohen_h_by_hand():
    # 2 asin(sqrt(3/4)) = 2 pi/3; 2 asin(sqrt(1/4)) = pi/3; the difference is pi/3
    assert cohen_h(0.25, 0.75) == pytest.approx(1.0471976)
    assert cohen_h(0.75, 0.25) == -cohen_h(0.25, 0.75)
    # all or nothing: 2 asin(1) = pi
    assert cohen_h(0.0, 1.0) == pytest.approx(3.1415927)


def test_detectable_by_hand():
    # z(0.975) = 1.959964, z(0.8) = 0.841621. 100 clips with a question each, 20 of them discordant, as many
    # each way: the paired differences have variance 20/100 = 0.2, their mean sqrt(0.2/100) = 0.0447214.
    assert detectable_difference(0.0447214) == pytest.approx((1.959964 + 0.841621) * 0.0447214, abs=1e-6)
    # power 1/2 at the same level: z(0.5) = 0
    assert detectable_difference(1.0, power=0.5) == pytest.approx(1.959964, abs=1e-6)


def test_flips_of_whole_clips_by_hand():
    # sums of +-3 +-1 +-1: 5 3 3 1 -1 -3 -3 -5; as far out as |3 + 1 - 1| = 3: six of eight
    assert flip_clips_test([3, 1, -1]) == 6 / 8
    # one clip is one coin, however many questions it has
    assert flip_clips_test([9]) == 1.0
    assert flip_clips_test([]) == 1.0


def test_flips_are_those_of_another_implementation():
    gains = np.random.default_rng([3]).integers(-3, 4, 12)
    found = permutation_test(
        (gains, np.zeros(12)),
        lambda one, other: abs(np.sum(one - other)),
        permutation_type="samples",
        alternative="greater",
        n_resamples=5000,
    )
    assert flip_clips_test(gains.tolist()) == pytest.approx(found.pvalue)


def test_questions_of_one_clip_raise_no_false_alarm():
    """40 clips of 5 questions, mended or spoilt together: only a test by questions cries wolf."""
    random, by_clip, by_question = np.random.default_rng([1]), [], []
    for _ in range(200):
        gains = random.choice([-1, 0, 1], 40, p=[0.2, 0.6, 0.2])[:, None] * (random.random((40, 5)) < 0.6)
        by_clip.append(flip_clips_test(gains.sum(axis=1).tolist()) <= 0.05)
        by_question.append(flip_clips_test(gains.ravel().tolist()) <= 0.05)
    assert np.mean(by_clip) <= 0.09
    assert np.mean(by_question) >= 0.15
