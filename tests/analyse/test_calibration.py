"""Calibration against numbers worked by hand, and what no order of equal answers may change."""

from typing import Any

import numpy as np
import pytest

from avere.analyse import MEASURES, estimate_measures
from avere.analyse.calibration import calibration_error, curve, risks, squared_error
from avere.analyse.intervals import draw_weights
from avere.analyse.table import build_table
from avere.records import Score

from .conftest import question

SURE, WRONG = np.array([0.9, 0.8, 0.7, 0.6]), np.array([0.0, 0.0, 1.0, 0.0])


def table(rows):
    """Return yes/no questions, one a clip, answered with some confidence, rightly or not."""
    asked = [question(f"q{place}", f"c{place}", "modality_agreement") for place in range(len(rows))]
    scores = []
    for place, (sure, right) in enumerate(rows):
        truth = sure if right else 1 - sure
        parts = {"chosen": float(not right), "confidence": sure, "brier": 2 * (1 - truth) ** 2}
        scores.append(Score(key=f"k{place}", value=float(right), parts=parts if sure is not None else {}))
    return build_table(asked, scores)


HAND = table([(0.6, True), (0.9, True), (0.7, False), (0.8, True)])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        # ten bins, four answers: one each. |.9 - 1|, |.8 - 1|, |.7 - 0|, |.6 - 1|: (.1 + .2 + .7 + .4) / 4
        ("ece", 35.0),
        # 2 (1 - truth)^2: 2 x .01, 2 x .04, 2 x .49, 2 x .16: (.02 + .08 + .98 + .32) / 4 = .35
        ("brier", 35.0),
        # right .9 .8 .6 against wrong .7: 2 of 3 are surer
        ("auroc", 66.6667),
        # errors, the surest first: 0 0 1 0; risks 0/1, 0/2, 1/3, 1/4; mean 7/48
        ("aurc", 14.5833),
    ],
)
def test_hand_worked(name, expected):
    found = estimate_measures(f"calibration/{name}", HAND, draw_weights(4, draws=40))
    assert found.value == pytest.approx(expected, abs=1e-4)
    assert found.n == 4


def test_bins_of_equal_mass():
    """Two bins: (.9 + .8)/2 = .85 against 1; (.7 + .6)/2 = .65 against 1/2: half of .15 and .15."""
    assert calibration_error(SURE, WRONG, bins=2) == pytest.approx(0.15)


def test_squared_gaps_by_hand():
    """One bin an answer: (.01 + .04 + .49 + .16) / 4 = .175; two bins: .15^2 and .15^2."""
    assert squared_error(SURE, WRONG) == pytest.approx(0.175)
    assert squared_error(SURE, WRONG, bins=2) == pytest.approx(0.0225)


def test_the_debiased_error_lies_in_its_interval_and_finds_what_is_calibrated():
    """Right as often as sure: the plain error is far from its true 0, the debiased interval holds it."""
    random = np.random.default_rng([5])
    sure = random.uniform(0.5, 1, 150).round(3)
    rows = [(float(one), bool(right)) for one, right in zip(sure, random.random(150) < sure, strict=True)]
    found: dict[str, Any] = {
        name: estimate_measures(f"calibration/{name}", table(rows), draw_weights(150, draws=200))
        for name in ("ece", "rms")
    }
    assert found["ece"].value > 5
    assert (found["ece"].low, found["ece"].reason) == (None, "biased upward")
    assert found["rms"].low <= found["rms"].value <= found["rms"].high
    assert found["rms"].low < 1


def test_one_bin_is_the_gap_of_the_means():
    assert calibration_error(SURE, WRONG, bins=1) == pytest.approx(abs(0.75 - 0.75))


def test_equal_confidences_share_their_errors():
    """One of two answers at .8 is wrong: .5 each; then the wrong one at .6: risks .5, 1/2, 2/3."""
    sure = np.array([0.8, 0.8, 0.6])
    for wrong in ([0.0, 1.0, 1.0], [1.0, 0.0, 1.0]):
        np.testing.assert_allclose(risks(sure, np.array(wrong)), [0.5, 0.5, 2 / 3])
        assert calibration_error(sure, np.array(wrong), bins=3) == pytest.approx((0.3 + 0.3 + 0.6) / 3)


def test_the_curve_ends_at_the_share_of_wrong_answers():
    coverage, risk = curve(HAND)
    np.testing.assert_allclose(coverage, [25, 50, 75, 100])
    np.testing.assert_allclose(risk, [0, 0, 100 / 3, 25])


def test_confidence_that_knows_nothing_leaves_the_risk_flat():
    flat = table([(0.7, place % 4 > 0) for place in range(40)])
    _, risk = curve(flat)
    np.testing.assert_allclose(risk, 25.0)
    found = {
        name: estimate_measures(f"calibration/{name}", flat, draw_weights(40, draws=20))
        for name in ("auroc", "ece")
    }
    assert found["auroc"].value == 50.0
    assert found["ece"].value == pytest.approx(5.0)


def test_without_log_probabilities_there_is_none():
    asked = [question("q", "c", "modality_agreement")]
    bare = build_table(asked, [Score(key="k", value=1.0, parts={"chosen": 0.0})])
    for name in (one for one in MEASURES if one.startswith("calibration/")):
        assert estimate_measures(name, bare, draw_weights(1, draws=5)).value is None
    assert curve(bare)[0].size == 0
