"""Paired comparisons: exact where nothing differs, surer where pairs move together, wider over seeds."""

from typing import Any

import numpy as np
import pytest

from avere.analyse import adjust_holm
from avere.analyse.compare import compare_runs as compared
from avere.analyse.table import build_table
from avere.errors import AvereError
from avere.records import Provenance, Question, Score


def compare(*given: Any, **options: Any) -> Any:
    """Return a comparison whose numbers are known to exist."""
    return compared(*given, **options)


def table(right, names=None):
    questions, scores = [], []
    for index, hit in enumerate(right):
        questions.append(
            Question(
                id=f"q{index:03d}",
                clip=(names or "c") + f"{index:03d}",
                task="reasoning_basic_audio",
                text="?",
                choices=("a", "b"),
                answer=0,
                target="audio",
                made_by=Provenance(version="0"),
            )
        )
        scores.append(Score(key=f"k{index}", value=float(hit)))
    return build_table(questions, scores)


def test_a_run_does_not_differ_from_itself():
    run = table([1, 0, 1, 1])
    found = compare([run], [run], "basic_accuracy", draws=100)
    assert (found.difference, found.low, found.high, found.p) == (0.0, 0.0, 0.0, 1.0)


def test_pairs_are_kept():
    """50 clips of 200 fixed, none broken: paired, the interval is that of a share of 1/4 (+-6 points)."""
    before = [0] * 50 + [1, 0] * 75
    after = [1] * 50 + [1, 0] * 75
    found = compare([table(before)], [table(after)], "basic_accuracy")
    assert found.difference == 25.0
    assert 17 < found.low < 20
    assert 30 < found.high < 33
    assert found.p < 0.01


def test_swapping_the_arms_turns_the_sign():
    a, b = table([1, 0, 0, 1, 1, 0, 1]), table([0, 1, 1, 1, 1, 1, 1])
    one, other = compare([a], [b], "basic_accuracy"), compare([b], [a], "basic_accuracy")
    assert one.difference == -other.difference
    assert one.low == pytest.approx(-other.high, abs=1e-6)
    assert one.p == other.p


def test_seeds_that_disagree_widen_the_interval():
    base = table([0, 1] * 50)
    better, worse = table([1, 1] * 50), table([0, 0] * 50)
    agreeing = compare([base] * 4, [better] * 4, "basic_accuracy", draws=500)
    split = compare([base] * 4, [better, better, better, worse], "basic_accuracy", draws=500)
    assert (agreeing.seeds, agreeing.clips) == (4, 100)
    assert split.high - split.low > 2 * (agreeing.high - agreeing.low)
    assert split.difference == 25.0


def test_seeds_with_own_test_sets_are_drawn_apart():
    pairs = [(table([0, 1] * 40, name), table([1, 1, 0, 1] * 20, name)) for name in "abc"]
    first, second = zip(*pairs, strict=True)
    own = compare(first, second, "basic_accuracy", draws=800)
    same = compare([first[0]] * 3, [second[0]] * 3, "basic_accuracy", draws=800)
    assert own.clips == 240
    assert own.high - own.low < same.high - same.low


def test_refusals():
    with pytest.raises(AvereError, match="no measure is called 'stress'"):
        compare([table([1])], [table([1])], "stress")
    with pytest.raises(AvereError, match="cannot pair 1 runs with 0"):
        compare([table([1])], [], "basic_accuracy")
    with pytest.raises(AvereError, match="different questions"):
        compare([table([1])], [table([1, 0])], "basic_accuracy")


def test_holm_never_falls_below_what_it_corrects():
    values = list(np.random.default_rng([0]).random(6))
    assert all(after >= before for before, after in zip(values, adjust_holm(values), strict=True))
