"""Each oddity of the published reading and scoring of emotion labels, one by one."""

import math

import pytest

from avere.benchmark.compat import emotion_label, recognition_by_class, recognition_metrics
from avere.errors import AvereError

LABELS = ("happiness", "sadness", "surprise", "anger", "neutral", "disgust", "fear")
MER2023 = ("neutral", "anger", "happiness", "sadness", "surprise")


@pytest.mark.parametrize(
    ("prediction", "label", "oddity"),
    [
        ("Anger.", "anger", "a noun is read"),
        ("angry", "happiness", "an adjective is not, and what is not read is happiness"),
        ("sad", "happiness", "so is this"),
        ("fearful", "happiness", "and this"),
        ("worried", "happiness", "and this"),
        ("unknown", "happiness", "and this"),
        ("", None, "an empty answer raises and is dropped"),
        ("  \n", None, "so is a blank one"),
        ("Sadness\nwet tears", None, "so is a line break before the first full stop"),
        ("Tears. I know it is sadness.", "happiness", "'know' holds a 'no', and its sentence goes"),
        ("Another case of anger.", "anger", "where nothing is left, everything counts"),
        ("Not sadness.", "sadness", "so a denial alone is read as what it denies"),
        ("He is happy! It is not anger. Sadness.", "sadness", "an exclamation mark parts no sentences"),
        ("Sadness, i.e. no joy. Anger.", "anger", "an abbreviation parts no sentences"),
        ("At 3.5. No joy. Anger.", "anger", "nor does a number"),
        ("Sadness, Mr. Know. Anger.", "sadness", "other abbreviations do"),
        ("I know.  Sadness.", "sadness", "a second blank begins the next sentence"),
        ("I know.\n\nSadness.", None, "so a blank line behind a dropped sentence drops the item"),
        ("Fear it is.\n\nSadness.", "fear", "but not behind another one"),
        ("serious", "anger", "a word of two lists goes to the first"),
        ("curiosity", "surprise", "here too"),
        ("A face. anger, joy.", "happiness", "a tie goes to the first label"),
        ("Fear. Joy, joy, joy.", "fear", "the first sentence decides before any count"),
        ("A face. Fury and rage, a smile.", "anger", "then the count"),
    ],
)
def test_reading(prediction, label, oddity):
    assert emotion_label(prediction, LABELS) == label, oddity


def test_fewer_labels_keep_the_order_of_the_lists():
    assert emotion_label("discomfort", MER2023) == "sadness"
    assert emotion_label("fear", MER2023) == "happiness"
    assert emotion_label("nothing at all", MER2023) == "happiness"


def test_other_labels_are_refused():
    with pytest.raises(AvereError, match=r"no emotion of the published script is called 'calm'"):
        emotion_label("calm", ("calm", "happiness"))


def test_dropped_items_and_stray_labels():
    """Of four items one is dropped; of the others anger is right, one of two happiness is said to be fear."""
    truth, said = ["happiness", "happiness", "anger", "anger"], ["happiness", "fear", "anger", None]
    found = recognition_metrics(truth, said, LABELS)
    assert found == {
        "accuracy": pytest.approx(2 / 3),
        "uar": pytest.approx((1 / 2 + 1 + 0) / 3),  # happiness, anger, and fear, which is never true
        "war": pytest.approx(2 / 3),
        "f1_macro": pytest.approx((2 / 3 + 1 + 0) / 3),
        "f1_weighted": pytest.approx((2 * 2 / 3 + 1) / 3),
    }
    by_class = recognition_by_class(truth, said, LABELS)
    assert list(by_class) == ["anger", "fear", "happiness"]
    assert math.isnan(by_class["fear"]["accuracy"])
    assert by_class["fear"]["recall"] == 0.0


@pytest.mark.parametrize(
    ("truth", "said", "message"),
    [
        (["anger"], [], "1 right labels but 0 answers"),
        (["anger"], ["joy"], "no emotion is called 'joy'"),
        (["anger"], [None], "no answer could be read"),
    ],
)
def test_refusals(truth, said, message):
    with pytest.raises(AvereError, match=message):
        recognition_metrics(truth, said, LABELS)
