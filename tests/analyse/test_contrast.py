"""Contrasts of whole runs: counts by hand, doubts in words, seeds, refusals."""

import pytest

from avere.analyse import contrast_runs, read_run
from avere.analyse.compare import strata
from avere.analyse.table import build_table
from avere.errors import AvereError

from .conftest import prediction, question, write


def basic(count, **changes):
    return [question(f"q{i:03d}", f"c{i:03d}", **changes) for i in range(count)]


def test_counts_by_hand(folder):
    """Of 12 questions the second run mends 5, spoils 1, and both know 2: 3 -> 7 of 12."""
    first = folder("a", basic(12), [0] * 3 + [1] * 9)
    second = folder("b", basic(12), [0, 0, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1])
    found = contrast_runs(([read_run(first)], [read_run(second)]), draws=200)
    (task,) = found.tasks
    assert (task.task, task.questions, task.first_only, task.second_only) == (
        "reasoning_basic_audio",
        12,
        1,
        5,
    )
    assert (task.p, task.p_holm, task.odds_ratio) == (0.21875, 0.21875, 5.0)
    assert task.accuracy.difference == pytest.approx(100 * 4 / 12, abs=1e-3)
    # 2 (asin(sqrt(7/12)) - asin(sqrt(3/12))) = 2 (0.869122 - 0.523599)
    assert task.cohen_h == pytest.approx(0.6910, abs=1e-4)
    basic_accuracy = next(one for one in found.measures if one.measure == "basic_accuracy")
    assert (basic_accuracy.first, basic_accuracy.second) == (25.0, 58.3333)


def test_what_the_benchmark_can_find(folder):
    """The case of test_effects by resampling: 12.5 points, up to the error of 2,000 draws (about 3 %)."""
    first = folder("a", basic(100), [0] * 50 + [1] * 50)
    second = folder("b", basic(100), [0] * 40 + [1] * 10 + [0] * 10 + [1] * 40)
    found = contrast_runs(([read_run(first)], [read_run(second)]))
    assert found.tasks[0].accuracy.detectable == pytest.approx(12.53, rel=0.06)
    assert found.tasks[0].accuracy.difference == 0.0


def test_p_values_are_corrected_over_tasks(folder):
    """Two tasks with p = 2/2^5 = 1/16 and one with 1: times 3, 2 and 1, never falling: 3/16, 3/16 and 1."""
    tasks = ("modality_agreement", "reasoning_basic_audio", "reasoning_stress_audio")
    asked = [question(f"{task}{i}", f"c{i}", task) for task in tasks for i in range(8)]
    first = folder("a", asked, [1] * 24)
    second = folder("b", asked, [1] * 8 + ([0] * 5 + [1] * 3) * 2)
    found = contrast_runs(([read_run(first)], [read_run(second)]), draws=50)
    assert [task.p for task in found.tasks] == [1.0, 0.0625, 0.0625]
    assert [task.p_holm for task in found.tasks] == [1.0, 0.1875, 0.1875]


def test_doubts_are_said(folder):
    first = folder("a", basic(200), [0] * 100 + [1] * 100)
    second = folder("b", basic(200), [0] * 104 + [1] * 96)
    found = contrast_runs(([read_run(first)], [read_run(second)]), label_error=0.01)
    assert found.measures[0].measure == "basic_accuracy"
    said = "with 1.0% of the labels wrong, labels alone could make: Basic accuracy (+2.0; up to 2.0)"
    assert any(one.startswith(said) for one in found.warnings)
    assert not any("labels" in one for one in contrast_runs(([read_run(first)], [read_run(second)])).warnings)
    noisy = folder("c", basic(200), [1] * 6 + [0] * 94 + [0] * 5 + [1] * 95)
    noise = contrast_runs(([read_run(first)], [read_run(noisy)])).warnings
    assert any("inside the noise, no difference is shown" in one for one in noise)


def test_questions_of_one_clip_are_flipped_together(folder):
    """Two clips mended, with five questions each: four flips, of which two are as far out: p = 1/2."""
    asked = [question(f"q{i}", f"c{i // 5}") for i in range(10)]
    first, second = folder("a", asked, [1] * 10), folder("b", asked, [0] * 10)
    (task,) = contrast_runs(([read_run(first)], [read_run(second)]), draws=20).tasks
    assert (task.second_only, task.p, task.test) == (10, 0.5, "sign flips of whole clips, exact")


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("chosen", [([0, 0, 0], [0, 0, 0]), ([0, 1, 0], [1, 0, 0]), ([None] * 3, [0, 1, 1])])
def test_tiny_runs_have_differences_and_reasons(folder, count, chosen):
    first, second = (folder(name, basic(count), one[:count]) for name, one in zip("ab", chosen, strict=True))
    found = contrast_runs(([read_run(first)], [read_run(second)]), draws=20)
    assert all((one.low, one.p, one.reason is None) == (None, None, False) for one in found.measures)
    assert any("no interval and no p value" in one for one in found.warnings)
    assert not any("labels" in one for one in found.warnings)


def test_few_seeds_are_said(folder):
    first = [read_run(folder(f"a{i}", basic(4), [1, 1, 0, 0])) for i in range(2)]
    said = contrast_runs((first, first), draws=10).warnings
    assert any(one.startswith("2 seeds say little about other seeds") for one in said)
    assert not any("seeds say" in one for one in contrast_runs((first[:1], first[:1]), draws=10).warnings)


def test_missing_answers_are_said(folder, tmp_path):
    first = folder("a", basic(6), [0] * 6)
    second = write(tmp_path / "b", basic(6), [prediction(q, None if q.id == "q000" else 0) for q in basic(4)])
    said = contrast_runs(([read_run(first)], [read_run(second)]), draws=20).warnings
    assert any("lacks 2 answers and failed at 1; they count as wrong" in one for one in said)
    assert any("both sides are the same model" in one for one in said)


def test_seeds_are_judged_question_by_question(folder):
    """Mended in one seed and spoilt in the other says nothing; mended in one and alike in the other does."""
    first = [read_run(folder(f"a{i}", basic(4), [1, 1, 0, 0])) for i in range(2)]
    second = [read_run(folder("b0", basic(4), [0, 0, 0, 0])), read_run(folder("b1", basic(4), [1, 0, 1, 0]))]
    (task,) = contrast_runs((first, second), draws=50).tasks
    assert (task.questions, task.first_only, task.second_only) == (4, 1, 2)
    assert task.accuracy.seeds == 2


def test_draws_keep_the_number_of_clips_of_each_task():
    asked = [question(f"b{i}", f"c{i:02d}") for i in range(30)]
    asked += [question(f"s{i}", f"c{i:02d}", "modality_agreement") for i in range(20)]
    asked += [question(f"t{i}", f"c{i:02d}", "reasoning_stress_audio") for i in range(25, 28)]
    found = strata(build_table(asked, [None] * len(asked)))
    assert sorted(found.count(one) for one in set(found)) == [10, 20]
    assert len(set(found[:20])) == 1
    rarely = strata(build_table(asked[:12], [None] * 12))
    assert set(rarely) == {0}


def test_refusals(folder):
    first = read_run(folder("a", basic(3), [0, 0, 0]))
    with pytest.raises(AvereError, match="question 'q000' is another one"):
        contrast_runs(([first], [read_run(folder("b", basic(3, answer=2), [0, 0, 0]))]))
    with pytest.raises(AvereError, match="different questions"):
        contrast_runs(([first], [read_run(folder("c", basic(2), [0, 0]))]))
    with pytest.raises(AvereError, match="cannot pair 1 runs with 2"):
        contrast_runs(([first], [first, first]))
    with pytest.raises(AvereError, match="no condition 'text'"):
        contrast_runs(([first], [first]), condition="text")
