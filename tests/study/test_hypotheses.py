"""What becomes of expectations that were written down before."""

import numpy as np
import pytest

from avere.analyse.table import build_table
from avere.records import Provenance, Question, Score
from avere.study.hypotheses import Hypothesis, as_markdown, judge_hypotheses

CLIPS = 200


def table(accuracy: float, seed: int):
    """Build a run that is right on a share of four-option questions, one a clip."""
    right = np.random.default_rng(seed).random(CLIPS) < accuracy
    questions = [
        Question(
            id=f"q{n}", clip=f"c{n}", task="reasoning_basic_audio", text="?", choices=("a", "b", "c", "d"),
            answer=0, target="audio", made_by=Provenance(version="0"),
        )
        for n in range(CLIPS)
    ]  # fmt: skip
    scores = [
        Score(key=q.id, value=float(ok), reason=None, parts={"chosen": 0.0 if ok else 1.0})
        for q, ok in zip(questions, right, strict=True)
    ]
    return build_table(questions, scores)


def arm(accuracy: float, count: int = 3):
    return {seed: table(accuracy, 17 * seed + round(1000 * accuracy)) for seed in range(count)}


TABLES = {"base": arm(0.5), "good": arm(0.9), "same": arm(0.51), "bad": arm(0.1)}
MEASURE = "basic_accuracy"


def judge(**hypotheses: Hypothesis):
    return {name: one.verdict for name, one in judge_hypotheses(hypotheses, TABLES).items()}


def expect(better: str, than: str = "base", **more: object) -> Hypothesis:
    return Hypothesis.model_validate({"better": better, "than": than, "measure": MEASURE, **more})


def test_an_expectation_is_borne_out_contrary_not_shown_or_not_run():
    assert judge(a=expect("good"), b=expect("bad"), c=expect("same"), d=expect("missing")) == {
        "a": "borne out",
        "b": "contrary",
        "c": "not shown",
        "d": "not run",
    }


def test_a_gain_that_costs_what_was_to_be_kept_is_not_shown():
    found = judge(kept=expect("good", keeps=MEASURE), lost=expect("good", than="bad", keeps="mean_accuracy"))
    assert found == {"kept": "borne out", "lost": "not shown"}


def test_p_values_are_corrected_for_how_many_were_tested():
    one = judge_hypotheses({"a": expect("good")}, TABLES)["a"]
    many = judge_hypotheses({name: expect("good") for name in "abcdef"} | {"g": expect("missing")}, TABLES)
    assert one.p is not None
    assert [found.p for found in many.values()][:6] == pytest.approx([6 * one.p] * 6)
    assert many["g"].p is None


def test_only_common_seeds_are_compared():
    found = judge_hypotheses({"a": expect("good")}, TABLES | {"good": arm(0.9, 5)})["a"]
    assert found.difference is not None
    assert found.difference.seeds == 3


def test_the_page_has_a_row_for_each():
    page = as_markdown(judge_hypotheses({"H1": expect("good"), "H2": expect("missing")}, TABLES))
    rows = page.splitlines()
    assert rows[2].startswith("| H1 | good | base | Basic accuracy | +")
    assert rows[2].endswith("| borne out |")
    assert rows[3] == "| H2 | missing | base | Basic accuracy | not run | - | - | - | not run |"
