"""Intervals: the point first, whole clips, repeatable."""

import numpy as np
import pytest

from avere.analyse._bootstrap import BootstrapValues, bootstrap_interval
from avere.analyse.intervals import draw_weights


def test_weights_draw_as_many_clips_as_there_are():
    found = draw_weights(7, draws=40, seed=2)
    assert found.shape == (41, 7)
    assert (found[0] == 1).all()
    assert (found.sum(axis=1) == 7).all()
    assert (found == draw_weights(7, draws=40, seed=2)).all()


def values(*numbers, clips=20, thinnest=None):
    """Make a statistic of so many clips, the point first."""
    used = np.ones(clips, dtype=np.bool_)
    return BootstrapValues(np.array(numbers), 3, used, clips if thinnest is None else thinnest)


def test_draws_without_a_value_are_left_out():
    found = bootstrap_interval(values(0.5, np.nan, 0.4, 0.6))
    assert found.low == pytest.approx(0.405)
    assert found.high == pytest.approx(0.595)
    assert found.reason is None


@pytest.mark.parametrize(
    ("given", "value", "reason"),
    [
        (values(np.nan, 0.4), None, "nothing to measure"),
        (values(0.4, np.nan), 0.4, "no draw has a value"),
        (values(0.4, 0.4, 0.4), 0.4, "the same in every draw"),
        (values(0.4, 0.3, 0.5, clips=1), 0.4, "only 1 clip"),
        (values(0.4, 0.3, 0.5, clips=19), 0.4, "only 19 clips"),
        (values(0.4, 0.3, 0.5, thinnest=4), 0.4, "a part of only 4 clips"),
        (values(0.4, 0.3, 0.5)._replace(reason="biased upward"), 0.4, "biased upward"),
    ],
)
def test_no_interval_without_a_reason(given, value, reason):
    found = bootstrap_interval(given)
    assert (found.value, found.low, found.high, found.reason) == (value, None, None, reason)
