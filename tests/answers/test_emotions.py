"""Emotion labels in free words, case by case, and the laws of their reading."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avere.answers import emotions
from avere.answers._emotion_words import GROUPS

NOUNS = ("happiness", "sadness", "neutral", "anger", "surprise", "disgust", "fear")
MER2023 = ("neutral", "angry", "happy", "sad", "worried", "surprise")


@pytest.mark.parametrize(
    ("reply", "strict", "lenient"),
    [
        ("anger", "anger", "anger"),
        (" Anger.\n", "anger", "anger"),
        ("angry", None, "anger"),
        ("The person is angry.", None, "anger"),
        ("The emotion is **anger**", None, "anger"),
        ('{"emotion": "Sad"}', None, "sadness"),
        ("furious", None, "anger"),
        ("Fearful", None, "fear"),
        ("She is scared; the fear shows.", None, "fear"),
        ("emotionless", None, "neutral"),
        ("There is no particular emotion.", None, "neutral"),
        ("Angry, not sad.", None, "anger"),
        ("He is not happy but sad", None, "sadness"),
        ("Not really very happy; surprised", None, "surprise"),
        ("It isn't anger, it's fear", None, "fear"),
        ("sad rather than angry", None, "sadness"),
        ("not only surprised", None, "surprise"),
        ("unhappy", None, "sadness"),
        ("not happy", None, None),
        ("She doesn't look happy", None, None),
        ("without any fear", None, None),
        ("neither happy nor sad", None, None),
        ("no sign of anger", None, None),
        ("happy and sad", None, None),
        ("surprise or fear", None, None),
        ("neutral/sadness", None, None),
        ("worried", None, None),
        ("calm", None, None),
        ("shocked", None, None),
        ("a smile", None, None),
        ("unknown", None, None),
        ("angr", None, None),
        ("", None, None),
        ("...", None, None),
    ],
)
def test_seven_nouns(reply, strict, lenient):
    for found, label in (
        (emotions.parse(reply, NOUNS), strict),
        (emotions.parse(reply, NOUNS, "lenient"), lenient),
    ):
        assert found.label == label
        assert (found.reason is None) == (label is not None)


@pytest.mark.parametrize(
    ("reply", "label"),
    [
        ("anger", "angry"),
        ("joyful", "happy"),
        ("anxious", "worried"),
        ("surprised", "surprise"),
        ("fear", None),
    ],
)
def test_adjectives_as_labels(reply, label):
    assert emotions.parse(reply, MER2023, "lenient").label == label


def test_labels_of_one_group():
    """A word that both claim is not read; their own words are."""
    labels = ("happy", "joy")
    assert emotions.parse("cheerful", labels, "lenient").reason == "several labels are named: happy, joy"
    assert [emotions.parse(one, labels, "lenient").label for one in labels] == ["happy", "joy"]


def test_two_labels_with_one_text():
    assert emotions.parse("joy", ("Joy", "joy"), "lenient").reason == "several labels have this text"


def test_no_word_stands_in_two_groups():
    words = [word for group in GROUPS for word in group]
    assert len(words) == len(set(words))


LABELS = st.lists(st.one_of(st.sampled_from(sorted(set().union(*GROUPS))), st.text(max_size=12)), max_size=6)
REPLIES = st.one_of(
    st.text(max_size=40),
    st.lists(st.sampled_from([*set().union(*GROUPS), "not", "no", "and", ",", ".", "is"])).map(" ".join),
)


@given(REPLIES, LABELS, st.sampled_from(["strict", "lenient"]))
def test_any_text_is_read_as_a_label_of_the_set_or_refused_with_a_reason(reply, labels, how):
    found = emotions.parse(reply, labels, how)
    assert found.label is None or found.label in labels
    assert (found.label is None) == bool(found.reason)


@given(st.lists(st.from_regex(r"[a-z]{1,9}( [a-z]{1,9})?", fullmatch=True), min_size=1, unique=True))
def test_every_label_is_read_as_itself(labels):
    for label in labels:
        for how in ("strict", "lenient"):
            assert emotions.parse(label, labels, how).label == label


@given(REPLIES)
def test_what_strict_reads_lenient_reads_alike(reply):
    found = emotions.parse(reply, NOUNS, "strict")
    assert found.label is None or emotions.parse(reply, NOUNS, "lenient") == found
