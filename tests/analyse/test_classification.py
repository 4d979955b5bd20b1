"""Recognition scores against hand-worked numbers, against scikit-learn, and against the published scorer."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score, recall_score

from avere import settings
from avere.analyse.classification import classify
from avere.answers import emotions
from avere.benchmark import compat
from avere.errors import AvereError

GOLDEN_FILE = Path(__file__).parents[1] / "golden" / "classification.yaml"
GOLDEN: Any = settings.parse(GOLDEN_FILE.read_text(encoding="utf-8"), "classification.yaml")
SEVEN = ("neutral", "happiness", "sadness", "anger", "fear", "disgust", "surprise")
SPOKEN = dict(
    zip(SEVEN, ("neutral", "happy", "sad", "angry", "fearful", "disgusted", "surprised"), strict=True)
)


def test_hand_worked():
    truth, said = zip(*GOLDEN["items"], strict=True)
    found = classify(truth, said, GOLDEN["labels"])
    for name, value in GOLDEN["expected"].items():
        assert getattr(found, name) == pytest.approx(value, abs=1e-6), name
    assert found.n == 10
    for label, (n, *shares) in GOLDEN["by_label"].items():
        assert found.by_label[label][0] == n
        assert found.by_label[label][1:] == pytest.approx(shares, abs=1e-6)


def test_a_perfect_oracle_that_answers_in_adjectives():
    """RAVDESS has twice as many clips of each emotion as of neutral; UAR does not care.

    The published reading takes what it does not know for happiness, so sad, angry and fearful are lost:
    recall 1 of happiness, neutral, disgust and surprise, 0 of three, 4/7.
    """
    truth = ["neutral"] * 96 + [label for label in SEVEN[1:] for _ in range(192)]
    replies = [SPOKEN[label] for label in truth]
    ours = classify(truth, [emotions.parse(one, SEVEN, "lenient").label for one in replies], SEVEN)
    assert (ours.uar, ours.war, ours.f1_macro, ours.unread) == (100.0, 100.0, 100.0, 0.0)
    theirs = compat.recognition_metrics(truth, [compat.emotion_label(one, SEVEN) for one in replies], SEVEN)
    assert theirs["uar"] == pytest.approx(4 / 7)
    assert round(100 * theirs["uar"], 1) == 57.1


def test_dropping_is_no_way_to_a_better_number():
    """Who answers only the easy items: ours counts the others as wrong, the published script forgets them."""
    truth, said = ["anger", "fear", "anger", "fear"], ["anger", "fear", None, None]
    assert classify(truth, said, ("anger", "fear")).uar == 50.0
    assert compat.recognition_metrics(truth, said, SEVEN)["uar"] == 1.0


def test_a_stray_label_adds_no_class():
    truth, said = ["anger", "anger"], ["anger", "fear"]
    found = classify(truth, said, ("anger", "fear"))
    assert (found.by_label["anger"].recall, found.by_label["fear"].recall) == (50.0, None)
    assert (found.uar, found.war) == (None, 50.0)
    # anger: 1 hit of 2 right and 1 said, 2/3; fear: none of 0 right and 1 said, 0
    assert found.f1_macro == pytest.approx(100 / 3)
    assert compat.recognition_metrics(truth, said, SEVEN)["uar"] == 0.25


def test_nothing_asked():
    found = classify([], [], ("anger",))
    assert (found.n, found.uar, found.war, found.f1_weighted, found.unread) == (0, None, None, None, None)


@given(st.lists(st.tuples(st.sampled_from(SEVEN), st.sampled_from(SEVEN)), max_size=40))
def test_where_all_is_read_and_all_occurs_it_is_what_scikit_learn_says(pairs):
    pairs += [(label, label) for label in SEVEN]
    truth, said = zip(*pairs, strict=True)
    found = classify(truth, said, SEVEN)
    assert found.uar == pytest.approx(100 * recall_score(truth, said, average="macro"))
    assert found.war == pytest.approx(100 * recall_score(truth, said, average="weighted"))
    assert found.f1_macro == pytest.approx(100 * f1_score(truth, said, average="macro"))
    assert found.f1_weighted == pytest.approx(100 * f1_score(truth, said, average="weighted"))


@given(st.sampled_from(SEVEN))
def test_a_habit_earns_chance(label):
    assert classify(SEVEN * 3, [label] * 21, SEVEN).uar == pytest.approx(100 / 7)


@pytest.mark.parametrize(
    ("truth", "said", "labels", "message"),
    [
        (["anger"], [], ["anger"], "1 right labels but 0 answers"),
        (["anger"], ["angry"], ["anger"], "no label is called 'angry'; did you mean 'anger'"),
        (["joy"], [None], ["anger"], "no label is called 'joy'"),
        (["anger"], ["anger"], ["anger", "anger"], "names 'anger' twice"),
    ],
)
def test_refusals(truth, said, labels, message):
    with pytest.raises(AvereError, match=message):
        classify(truth, said, labels)
