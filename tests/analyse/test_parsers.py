"""The same words under each parser: denominators, what is left out, where the published script stops."""

import pytest

from avere.analyse import by_parser
from avere.analyse.runs import Run
from avere.records import Prediction, Provenance, Question

MADE = Provenance(version="0", model="print")
FOUR = ("a broad smile", "wet tears", "bared teeth", "a trembling voice")


def question(name, task, answer, choices=("Yes", "No")):
    return Question(
        id=name, clip="c", task=task, text="?", choices=choices, answer=answer, target="video", made_by=MADE
    )


def run(tmp_path, questions, replies, logs=None, condition="av"):
    predictions = {
        name: Prediction(
            key=name,
            question=name,
            condition=condition,
            model="m",
            reply=reply or "",
            choice_log_probs=logs,
            status="ok" if reply is not None else "timeout",
            made_by=MADE,
        )
        for name, reply in replies.items()
    }
    return Run(
        folder=tmp_path,
        model="m",
        fingerprint="print",
        questions={one.id: one for one in questions},
        clips={},
        cues={},
        predictions={condition: predictions},
        scores={},
        skipped={},
    )


def test_one_set_of_words_three_parsers(tmp_path):
    """Basic: of 5, strict reads q0; lenient q0 and q1; the published matcher q0 and q2, of the 3 it has.

    Agreement: of 2, strict reads none, lenient both, the published one none, for want of a letter.
    """
    basic = [question(f"q{i}", "reasoning_basic_video", 0, FOUR) for i in range(5)]
    agreement = [question("a0", "modality_agreement", 0), question("a1", "modality_agreement", 1)]
    replies = {"q0": "A", "q1": "It shows the broad smile", "q2": "a person cries: wet tears", "q3": None}
    replies |= {"a0": "Yes, they do", "a1": "No, they do not"}
    strict, lenient, published = by_parser(run(tmp_path, [*basic, *agreement], replies), "av")
    assert strict.parser == "strict"
    assert strict.accuracies == {"reasoning_basic_video": 20.0, "modality_agreement": 0.0}
    assert (strict.mean, strict.questions) == (10.0, 7)
    assert strict.unread == pytest.approx(100 * 6 / 7)
    assert lenient.accuracies == {"reasoning_basic_video": 40.0, "modality_agreement": 100.0}
    # q3 failed, q4 was not asked: not read either
    assert lenient.unread == pytest.approx(100 * 2 / 7)
    assert published.accuracies == {
        "reasoning_basic_video": pytest.approx(200 / 3),
        "modality_agreement": 0.0,
    }
    assert (published.unread, published.questions) == (None, 5)
    assert published.note == (
        "leaves out 2 without a reply; stops with a division by zero in modality_agreement"
    )


def test_a_task_that_the_published_script_cannot_score_is_named(tmp_path):
    asked = [question("q0", "modality_agreement", 0, ("Agree", "Differ"))]
    *_, published = by_parser(run(tmp_path, asked, {"q0": "A"}), "av")
    assert (published.accuracies, published.mean) == ({"modality_agreement": None}, None)
    assert "neither yes nor no" in published.note


@pytest.mark.parametrize("replies", [{"q0": ""}, {}, {"q0": None}])
def test_without_words_there_is_no_table(tmp_path, replies):
    asked = [question("q0", "modality_agreement", 0)]
    assert by_parser(run(tmp_path, asked, replies, logs=(-1.0, -2.0)), "av") == ()


def test_an_unknown_condition_has_no_words(tmp_path):
    assert by_parser(run(tmp_path, [question("q0", "modality_agreement", 0)], {"q0": "A"}), "text") == ()
