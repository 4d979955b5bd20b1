"""Scores: from words, from log-probabilities, or none with the reason."""

import pytest

from avere.benchmark import emorealm, find_benchmark
from avere.errors import AvereError
from avere.evaluate.scores import Marking, rescore_run, score
from avere.records import Cue, Prediction, Provenance, Question, jsonl

MADE = Provenance(version="0")
CLOSED = Question(
    id="q", clip="c", task="t", text="?", choices=("No", "Yes"), answer=1, target="video", made_by=MADE
)
OPEN = Question(id="q", clip="c", task="t", text="?", target="video", made_by=MADE)
EMOREALM = find_benchmark("emorealm")
STRICT = Marking(EMOREALM)
CUE = Cue(clip="c", modality="video", name="smile", text="broad smile", present=True, evidence_of="happiness")


def said(reply="", logs=None, status="ok"):
    return Prediction(
        key="k",
        question="q",
        condition="av",
        model="m",
        reply=reply,
        choice_log_probs=logs,
        status=status,
        made_by=MADE,
    )


def test_the_likeliest_option():
    found = score(CLOSED, said(logs=(-3.0, -1.0)), STRICT)
    assert (found.value, found.read_as) == (1.0, "log-prob")
    # shares: 1 / (1 + e^-2) = .880797; distance from the truth 2 x .119203^2
    assert found.parts == {"chosen": 1.0, "yes_minus_no": 2.0, "confidence": 0.880797, "brier": 0.028419}


def test_words_win_over_log_probabilities():
    found = score(CLOSED, said("(A)", (-3.0, -1.0)), STRICT)
    assert (found.value, found.read_as, found.parts["yes_minus_no"]) == (0.0, "strict", 2.0)


@pytest.mark.parametrize(
    ("prediction", "reason"),
    [
        (said("perhaps"), "neither a letter nor exactly the text of an option"),
        (said(""), "empty reply"),
        (said(status="timeout"), "timeout"),
    ],
)
def test_not_scored_says_why(prediction, reason):
    found = score(CLOSED, prediction, STRICT)
    assert (found.value, found.reason) == (None, reason)


def test_a_tie_is_marked_and_decided_by_the_order_of_options():
    for logs in ((-1.0, -1.0), (-1.0, -0.99995), (-0.99995, -1.0)):
        found = score(CLOSED, said(logs=logs), STRICT)
        assert (found.value, found.parts["chosen"], found.parts["tie"]) == (0.0, 0.0, 1.0)
    clear = score(CLOSED, said(logs=(-1.0, -0.9998)), STRICT)
    assert (clear.value, "tie" in clear.parts) == (1.0, False)


def test_words_decide_a_tie_where_they_can_be_read():
    found = score(CLOSED, said("(B) Yes", (-1.0, -1.0)), STRICT)
    assert (found.value, found.read_as, found.parts["tie"]) == (1.0, "strict", 1.0)
    mumbled = score(CLOSED, said("perhaps", (-1.0, -1.0)), STRICT)
    assert (mumbled.value, mumbled.read_as, mumbled.parts["tie"]) == (0.0, "log-prob", 1.0)


def test_turned_options_are_read_as_they_stood_before():
    """Turned by one, (No, Yes) is asked as (Yes, No): the first letter is Yes, the right option."""
    found = score(CLOSED, said(logs=(-1.0, -3.0)).model_copy(update={"condition": "rotate-1"}), STRICT)
    assert (found.value, found.parts["chosen"], found.parts["yes_minus_no"]) == (1.0, 1.0, 2.0)


def test_arithmetic_noise_changes_no_byte():
    one = score(CLOSED, said(logs=(-3.00012, -1.00013)), STRICT)
    assert one == score(CLOSED, said(logs=(-3.000121, -1.000129)), STRICT)


def test_descriptions(tmp_path):
    jsonl.write(tmp_path / "cues.jsonl", [CUE])
    known = Marking(EMOREALM, tallies=emorealm.tallies(tmp_path))
    jsonl.write(tmp_path / "cues.jsonl", [])
    unknown = Marking(EMOREALM, tallies=emorealm.tallies(tmp_path))
    assert score(OPEN, said("The broad smile."), known).value == 1.0
    assert score(OPEN, said("The broad smile and the wet tears."), known).value == 0.5
    assert score(OPEN, said("Hm."), known).reason == "names no cue"
    assert score(OPEN, said("The broad smile."), unknown).reason == "cues are not known"
    assert score(OPEN, said("The broad smile."), STRICT).reason == "its benchmark scores no open questions"


def test_a_folder_without_a_run(tmp_path):
    with pytest.raises(AvereError, match=r"holds no journal\.jsonl"):
        rescore_run(tmp_path)


@pytest.mark.parametrize(
    ("parser", "value", "parts"),
    [
        ("strict", None, {}),
        ("lenient", 1.0, {"chosen": 1.0}),
        # No letter: wrong, and counted as having said the other option.
        ("compat-avere", 0.0, {"chosen": 0.0}),
    ],
)
def test_parsers(parser, value, parts):
    found = score(CLOSED, said("Yes, it does"), Marking(EMOREALM, parser))
    assert (found.value, found.parts, found.read_as) == (value, parts, parser)
    silent = score(CLOSED, said(logs=(-3.0, -1.0)), Marking(EMOREALM, parser))
    assert (silent.value, silent.read_as) == (1.0, "log-prob")
