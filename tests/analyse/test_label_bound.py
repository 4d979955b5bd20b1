"""Bounds of what wrong labels can do, by hand, and that no relabelling passes them."""

from typing import Any

import numpy as np
import pytest

from avere.analyse import estimate_measures
from avere.analyse.intervals import draw_weights
from avere.analyse.label_bound import LabelGroup, bound_by_labels, bound_decided, bound_fixed
from avere.analyse.table import build_table
from avere.records import Score

from .conftest import question


def test_plain_accuracy():
    """Of 200 questions 2 labels are wrong: each gives one run a right answer, takes the other's: 4/200."""
    assert bound_fixed(0.01, [LabelGroup(1.0, 200, 0.0)]) == pytest.approx(100 * 4 / 200)


def test_the_small_task_goes_first():
    """4 of 200 wrong: both of the small task's two (2 * 1/2 * 1), then 2 of 198, the small one at gap 1."""
    groups = [LabelGroup(0.5, 198, 0.0), LabelGroup(0.5, 2, 1.0)]
    assert bound_fixed(0.02, groups) == pytest.approx(100 * (1 + 2 / 198), abs=1e-3)


def test_a_whole_class_can_be_wrong():
    """3 of 100 wrong where "no" is right 2 times: that class goes from 0 to 1; of the other 3 / (98 - 3)."""
    groups = [LabelGroup(0.5, 98, 0.0), LabelGroup(0.5, 2, 0.0)]
    assert bound_decided(0.03, groups) == pytest.approx(100 * (0.5 + 0.5 * 3 / 95), abs=1e-3)


def table(answers, chosen):
    asked = [question(f"q{i}", f"c{i}", "modality_agreement", answer=a) for i, a in enumerate(answers)]
    scores = [
        Score(key=f"k{i}", value=float(a == c), parts={"chosen": float(c)})
        for i, (a, c) in enumerate(zip(answers, chosen, strict=True))
    ]
    return build_table(asked, scores)


@pytest.mark.parametrize("seed", range(5))
def test_no_relabelling_passes_the_bound(seed):
    """Balanced accuracy of classes of 40 and 10: 40 choices of 3 wrong labels of 50."""
    random = np.random.default_rng([seed])
    answers = np.array([0] * 40 + [1] * 10)
    one, other = random.integers(0, 2, 50), random.integers(0, 2, 50)
    ones = draw_weights(50, draws=1)

    def difference(labels):
        both = (table(labels.tolist(), side.tolist()) for side in (one, other))
        found: list[Any] = [estimate_measures("agreement_balanced_accuracy", run, ones).value for run in both]
        return found[1] - found[0]

    first, second = (table(answers.tolist(), side.tolist()) for side in (one, other))
    bound = bound_by_labels(3 / 50, "agreement_balanced_accuracy", first, second)
    assert bound is not None
    observed, moved = difference(answers), []
    for _ in range(40):
        wrong = random.choice(np.arange(30, 50), 3, replace=False)
        truth = answers.copy()
        truth[wrong] = 1 - truth[wrong]
        moved.append(abs(difference(truth) - observed))
    assert max(moved) <= bound
    # The bound of plain accuracy, 200 times the share, is none here.
    assert bound > 200 * 3 / 50


def test_no_bound_of_what_is_no_mean_of_right_answers():
    run = table([0, 1], [0, 0])
    assert bound_by_labels(0.01, "stress_auroc", run, run) is None
    assert bound_by_labels(0.01, "accuracy/modality_agreement", run, run) == 2.0
