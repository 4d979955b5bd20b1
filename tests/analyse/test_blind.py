"""Blind-solvable questions: the binomial test by hand, and refusals where nothing can be told."""

import pytest

from avere.analyse import read_run
from avere.analyse.blind import by_chance, compare_blind
from avere.errors import AvereError

from .conftest import question


def test_by_hand(folder):
    """Three of three: (1/4)^3 = 1/64; two of three: (3 x 3 + 1)/64 = 10/64; none: 1."""
    asked = [question(f"q{i}", f"c{i}") for i in range(3)]
    said = ([0, 0, 1], [0, 0, 1], [0, 1, 1])
    runs = [read_run(folder(f"r{i}", asked, one, condition="text")) for i, one in enumerate(said)]
    found = compare_blind(runs)
    assert [(one.right, one.blind) for one in found] == [(3, True), (2, False), (0, False)]
    assert [one.p for one in found] == pytest.approx([1 / 64, 10 / 64, 1.0], abs=1e-6)


def test_what_guessing_would_mark():
    assert by_chance(5, 2) == pytest.approx(1 / 32)
    assert by_chance(4, 2) == 0.0
    # at least 3 of 4: (4 x 3 + 1)/256 = .0508 is too much, 4 of 4: 1/256
    assert by_chance(4, 4) == pytest.approx(1 / 256)


def test_refusals(folder):
    asked = [question("q", "c", "modality_agreement")]
    run = read_run(folder("a", asked, [0], condition="text"))
    with pytest.raises(
        AvereError, match=r"4 text-only runs cannot mark a question of 2 options .* at least 5"
    ):
        compare_blind([run] * 4)
    with pytest.raises(AvereError, match="was not asked without media"):
        compare_blind([read_run(folder("b", asked, [0]))])
    with pytest.raises(AvereError, match="other questions"):
        compare_blind([run, read_run(folder("c", [question("p", "c")], [0], condition="text"))])
    with pytest.raises(AvereError, match="no run was given"):
        compare_blind([])
