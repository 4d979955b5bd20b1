"""Each oddity of the published scoring of EmoReAlM, one by one."""

import pytest

from avere.benchmark.compat import emorealm_correct, emorealm_metrics
from avere.errors import AvereError

FOUR = ("(A) a furrowed brow", "(B) a smile", "(C) wet tears", "(D) a trembling voice")
YES_NO = ("(A) Yes", "(B) No")


@pytest.mark.parametrize(
    ("prediction", "answer", "right", "oddity"),
    [
        ("(b) a smile", "B", True, "the letter"),
        ("(b) a smile", "A", True, "the article counts as A"),
        ("A man is smiling", "A", True, "the article counts as A"),
        ("I'd say so", "D", True, "an apostrophe ends a word"),
        ("(A) or (B)", "A", True, "both are right"),
        ("(A) or (B)", "B", True, "both are right"),
        ("a smile", "B", False, "the option's own text is wrong"),
        ("yes", "A", False, "a bare yes is wrong"),
        ("option_b", "B", False, "an underscore joins words"),
        ("B2", "B", False, "so does a digit"),
        ("", "B", False, "nothing is wrong, not unread"),
        ("not (B)", "B", True, "denials are not seen"),
    ],
)
def test_letters_anywhere(prediction, answer, right, oddity):
    assert emorealm_correct(prediction, answer, FOUR, parse=False) is right, oddity


@pytest.mark.parametrize(
    ("prediction", "choices", "answer", "oddity"),
    [
        ("The answer is D) a trembling voice", FOUR, "A", "letters are tried in order, the article first"),
        ("(B) or (C)", FOUR, "B", "the first in order wins"),
        ("wet tears are seen", FOUR, "C", "the text of an option"),
        ("nope", YES_NO, "B", "option texts are found in words"),
        ("Yes and no", YES_NO, "A", "yes goes before no"),
        ("yes", ("(A) Yes, they agree", "(B) No, the eyes differ"), "B", "eyes hold a yes, the last wins"),
        ("no", ("(A) Yes", "(B) No", "(C) Not sure"), "C", "so does 'not' a no"),
        ("no", ("(A) an annoyed sigh", "(B) a laugh"), "A", "and 'annoyed'"),
    ],
)
def test_the_cleverer_reading(prediction, choices, answer, oddity):
    letters = "ABCD"[: len(choices)]
    found = [one for one in letters if emorealm_correct(prediction, one, choices, parse=True)]
    assert found == [answer], oddity


def test_options_without_letters_cannot_be_read():
    assert not emorealm_correct("Yes", "A", ("Yes", "No"), parse=True)


def item(name, task, answer, choices=YES_NO):
    return {"id": name, "task": task, "choices": list(choices), "answer": answer}


def test_names_and_denominators():
    """Two of three yes items, one of two no items; one item without prediction leaves all counts."""
    items = [item(f"q{i}", "modality_agreement", "AAABBB"[i]) for i in range(6)]
    said = {"q0": "A", "q1": "A", "q2": "no idea", "q3": "B", "q4": "", "q5": None}
    assert emorealm_metrics(items, said, parse=False) == {
        "modality_agreement_overall_accuracy": 60.0,
        "modality_agreement_precision": 100 * 2 / 3,  # the recall of yes
        "modality_agreement_recall": 50.0,  # the recall of no
        "modality_agreement_f1_score": pytest.approx(2 * (200 / 3) * 50 / (200 / 3 + 50)),
        # two right yes and, although it says nothing, one wrong no: 3 of 5
        "modality_agreement_model_yes_percentage": 60.0,
        "average_accuracy": 60.0,
    }


def test_division_by_zero():
    items = [item("q0", "reasoning_stress_audio", "A"), item("q1", "reasoning_stress_audio", "B")]
    for said in ({"q0": "B", "q1": "A"}, {}):
        with pytest.raises(ZeroDivisionError):
            emorealm_metrics(items, said, parse=False)


def test_a_task_that_was_not_asked_costs_the_mean():
    items = [item("q0", "reasoning_basic_audio", "A", FOUR), item("q1", "reasoning_basic_video", "A", FOUR)]
    found = emorealm_metrics(items, {"q0": "A"}, parse=False)
    assert found["reasoning_basic_video_overall_accuracy"] == 0
    assert found["average_accuracy"] == 50.0


def test_an_eye_is_a_yes():
    asked = item("q0", "modality_agreement", "B", ("(A) Yes, they agree", "(B) No, the eyes differ"))
    found = emorealm_metrics([asked], {"q0": "B"}, parse=False)
    assert (found["modality_agreement_precision"], found["modality_agreement_recall"]) == (100.0, 0)


def test_what_cannot_be_scored_is_refused():
    with pytest.raises(AvereError, match="'q0' is 'agree', which holds neither yes nor no"):
        emorealm_metrics(
            [item("q0", "modality_agreement", "A", ("(A) Agree", "(B) Differ"))], {"q0": "A"}, parse=False
        )
    with pytest.raises(AvereError, match="no questions to score"):
        emorealm_metrics([], {}, parse=False)
