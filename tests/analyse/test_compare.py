"""Paired comparisons: exact where nothing differs, surer where pairs move together, wider over seeds."""

from typing import Any

import numpy as np
import pytest

from avere.analyse import adjust_holm
from avere.analyse.compare import compare_runs as compared
from avere.analyse.compare import format_over_seeds
from avere.analyse.intervals import estimate_over_seeds
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
    """Every draw of clips gives zero, so there is nothing from which to tell how sure that is."""
    run = table([1, 0, 1, 1] * 10)
    found = compare([run], [run], "basic_accuracy", draws=100)
    assert (found.difference, found.low, found.high, found.p) == (0.0, None, None, None)
    assert (found.reason, found.detectable) == ("the same in every draw", None)


@pytest.mark.parametrize(("clips", "reason"), [(1, "only 1 clip"), (19, "only 19 clips"), (20, None)])
def test_few_clips_have_no_interval_and_no_p(clips, reason):
    before, after = table([0] * clips), table([1] * (clips - clips // 2) + [0] * (clips // 2))
    found = compare([before], [after], "basic_accuracy", draws=200)
    assert found.reason == reason
    assert (found.low is None, found.p is None, found.detectable is None) == (bool(reason),) * 3
    assert found.difference == pytest.approx(100 * (clips - clips // 2) / clips, abs=1e-3)


def test_seeds_have_an_interval_by_t():
    """Differences 0, 50, 100: mean 50, s = 50, t(2) = 4.302653: 50 +- 4.302653 * 50 / sqrt(3) = 124.2069."""
    base, half, whole = table([0] * 40), table([1, 0] * 20), table([1] * 40)
    found = compare([base] * 3, [base, half, whole], "basic_accuracy", draws=50).over_seeds
    assert (found.value, found.low, found.high, found.n) == (50.0, -74.2069, 174.2069, 3)
    assert compare([base], [half], "basic_accuracy", draws=50).over_seeds is None
    alike = compare([base] * 2, [half] * 2, "basic_accuracy", draws=50)
    assert (alike.over_seeds.reason, format_over_seeds(alike)) == (("the same for every seed",) * 2)


def test_an_interval_by_t_covers_the_mean_of_all_seeds_as_often_as_it_says():
    random = np.random.default_rng([7])
    found: list[Any] = [estimate_over_seeds(random.normal(3.0, 2.0, 3).tolist()) for _ in range(400)]
    assert 0.92 < np.mean([one.low <= 3.0 <= one.high for one in found]) < 0.98


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
    a, b = table([1, 0, 0, 1, 1, 0, 1] * 4), table([0, 1, 1, 1, 1, 1, 1] * 4)
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
