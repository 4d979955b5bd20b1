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


def test_draws_without_a_value_are_left_out():
    found = bootstrap_interval(np.array([0.5, np.nan, 0.4, 0.6]), n=3)
    assert found.low == pytest.approx(0.405)
    assert found.high == pytest.approx(0.595)


def test_no_value_no_interval():
    found = bootstrap_interval(np.array([np.nan, 0.4]), n=0)
    assert (found.value, found.low, found.high) == (None, None, None)


def test_no_draw_with_a_value_no_interval():
    found = bootstrap_interval(np.array([0.4, np.nan]), n=1)
    assert (found.value, found.low, found.high) == (0.4, None, None)
