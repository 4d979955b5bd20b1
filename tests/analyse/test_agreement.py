"""Krippendorff's alpha against numbers worked by hand."""

import pytest

pytest.importorskip("krippendorff")

from avere.analyse.agreement import alpha, require
from avere.errors import AvereError


def coder(values):
    return {str(unit): float(value) for unit, value in enumerate(values) if value is not None}


def test_one_disagreement_in_four():
    # Pairs: 1-1, 1-2, 1-1, 2-2. Eight values, five 1 and three 2. Observed disagreement 2/8; expected
    # 2·5·3/(8·7) = 30/56. Alpha = 1 - (1/4)/(15/28) = 1 - 7/15.
    assert alpha([coder([1, 1, 1, 2]), coder([1, 2, 1, 2])], "nominal") == pytest.approx(8 / 15, abs=1e-4)


def test_units_of_one_coder_do_not_count():
    first, second = coder([1, 1, 1, 2, 7, None]), coder([1, 2, 1, 2, None, 9])
    assert alpha([first, second], "nominal") == pytest.approx(8 / 15, abs=1e-4)


def test_distances_count_where_values_are_numbers():
    # Pairs 0-0, 1-1, 0-0.5. Observed: 2·0.25/6. Expected over ordered pairs of {0, 0, 0, 0.5, 1, 1}:
    # 2·(3·0.25 + 6·1 + 2·0.25)/30 = 14.5/30. Alpha = 1 - (0.5/6)/(14.5/30).
    found = alpha([coder([0, 1, 0]), coder([0, 1, 0.5])], "interval")
    assert found == pytest.approx(1 - (0.5 / 6) / (14.5 / 30), abs=1e-4)


def test_where_there_is_none():
    assert alpha([coder([1, 1]), coder([1, 1])], "nominal") is None
    assert alpha([coder([1, None]), coder([None, 2])], "nominal") is None
    assert alpha([coder([1, 2]), coder([1, 2])], "nominal") == 1.0


def test_a_missing_library_is_told(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(AvereError, match=r"pip install '\.\[judge\]'"):
        require()
