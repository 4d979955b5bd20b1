"""Emotion-wheel F1 against hand-worked numbers, and what tables it refuses."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avere import settings
from avere.analyse.wheels import wheel_scores
from avere.answers.wheels import Wheel, Wheels, group_words, ring_of
from avere.errors import AvereError, SettingsError

GOLDEN_FILE = Path(__file__).parents[1] / "golden" / "wheels.yaml"
GOLDEN: Any = settings.parse(GOLDEN_FILE.read_text(encoding="utf-8"), "wheels.yaml")
TABLES = settings.check(GOLDEN["tables"], Wheels, "wheels.yaml")
WORDS = sorted(
    {"happy", "sad", "angry", "joyful", "ecstatic", "lonely", "bitter", "glad", "purple", "Happier"}
)


def test_hand_worked():
    truth, said = zip(*GOLDEN["samples"], strict=True)
    found = wheel_scores(truth, said, TABLES)
    for name, value in GOLDEN["expected"].items():
        assert getattr(found, name) == pytest.approx(value, abs=1e-6), name
    for part, expected in zip(found.parts, GOLDEN["parts"], strict=True):
        assert part == pytest.approx(expected, abs=1e-6)


@given(st.lists(st.sets(st.sampled_from(WORDS)), max_size=6))
def test_the_right_words_earn_everything(truth):
    truth = [*truth, {"happy"}]
    found = wheel_scores(truth, truth, TABLES)
    assert (found.level1, found.level2, found.mean) == pytest.approx((100.0, 100.0, 100.0))


@given(st.lists(st.tuples(st.sets(st.sampled_from(WORDS)), st.sets(st.sampled_from(WORDS)))))
def test_scores_are_shares_and_all_samples_are_accounted_for(pairs):
    truth, said = [one for one, _ in pairs], [other for _, other in pairs]
    for part in wheel_scores(truth, said, TABLES).parts:
        assert part.f1 is None or 0 <= part.f1 <= 100
        assert part.n + part.skipped == len(pairs)


def test_a_long_list_costs_precision():
    truth = [{"joyful"}]
    few, many = (
        wheel_scores(truth, [said], TABLES).level1 for said in ({"happy"}, {"happy", "sad", "angry"})
    )
    assert few == 100.0
    assert many is not None
    assert many < few


@pytest.mark.parametrize("case", GOLDEN["published"])
def test_by_the_rule_of_mer2025(case):
    truth, said = zip(*GOLDEN["samples"], strict=True)
    forms = GOLDEN["tables"]["forms"] | case["forms"]
    tables = settings.check(GOLDEN["tables"] | {"forms": forms}, Wheels, "wheels.yaml")
    found = wheel_scores(truth, said, tables, "mer2025")
    for name, value in case["expected"].items():
        assert getattr(found, name) == pytest.approx(value, abs=1e-6), name
    assert {part.n for part in found.parts} == {case["n"]}


@pytest.mark.parametrize("rule", ["own", "mer2025"])
def test_of_a_word_at_two_places_the_last_counts(rule):
    wheel: Wheel = {"happy": {"joyful": ("proud",)}, "sad": {"proud": ()}}
    assert ring_of(wheel, 1, rule).groups["proud"] == "sad"
    assert ring_of(wheel, 2, rule).groups["proud"] == "proud"


@pytest.mark.parametrize("rule", ["own", "mer2025"])
def test_of_several_words_the_first_on_the_wheel_counts(rule):
    """A cross that is tired or angry: tired is on the second wheel alone, where it comes after angry."""
    tables = settings.check(
        {
            "forms": {"crossly": ["cross", "weary"]},
            "synonyms": {"cross": ["tired", "angry"], "weary": "tired"},
            "wheels": [{"bad": {"tired": []}}, {"low": {"tired": []}, "high": {"angry": []}}],
        },
        Wheels,
        "tables.yaml",
    )
    first, second = (group_words(["crossly"], tables, ring_of(one, 1, rule)) for one in tables.wheels)
    assert first == (frozenset({"bad"}), 0)
    assert second == (frozenset({"high"}), 0)


def test_case_and_blanks_do_not_matter():
    tables = Wheels(forms={"HAPPIER ": ("Happy",)}, wheels=({"Happy": {}},))
    assert wheel_scores([{"happy"}], [{" Happier"}], tables).level1 == 100.0


def test_nothing_on_the_wheel_is_no_score():
    found = wheel_scores([{"purple"}], [{"happy"}], TABLES)
    assert (found.level1, found.level2, found.mean) == (None, None, None)
    assert [part.skipped for part in found.parts] == [1, 1, 1, 1]


def test_refusals():
    with pytest.raises(AvereError, match="1 sets of right words but 0 answers"):
        wheel_scores([{"happy"}], [], TABLES)
    with pytest.raises(SettingsError, match="name at least one wheel"):
        settings.check({"wheels": []}, Wheels, "tables.yaml")
