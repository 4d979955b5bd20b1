"""One reply under each parser, and what the parsers refuse."""

import pytest

from avere.answers.published import published_row
from avere.benchmark import PARSERS, Mark, find_benchmark, mark_reply
from avere.errors import AvereError
from avere.records import Prediction, Provenance, Question

MADE = Provenance(version="0")
EMOREALM = find_benchmark("emorealm")
YES_NO = ("Yes", "No")
FOUR = ("a smile", "wet tears", "bared teeth", "a sob")


def asked(choices, answer):
    return Question(
        id="q", clip="c", task="t", text="?", choices=choices, answer=answer, target="video", made_by=MADE
    )


def said(reply):
    return Prediction(
        key="k", question="q", condition="av", model="m", reply=reply, status="ok", made_by=MADE
    )


@pytest.mark.parametrize(
    ("reply", "choices", "answer", "rights", "choice_of"),
    [
        ("(B)", YES_NO, 1, (True, True, True), (1, 1, 1)),
        ("No, it does not", YES_NO, 1, (None, True, False), (None, 1, 0)),
        ("a person shows wet tears", FOUR, 1, (None, True, False), (None, 1, None)),
        ("a person shows wet tears", FOUR, 0, (None, False, True), (None, 1, 0)),
        ("", YES_NO, 0, (None, None, False), (None, None, 1)),
    ],
)
def test_marks(reply, choices, answer, rights, choice_of):
    found = [mark_reply(EMOREALM, asked(choices, answer), said(reply), parser) for parser in PARSERS]
    assert tuple(one.right for one in found) == rights
    assert tuple(one.choice for one in found) == choice_of
    assert all((one.right is None) == bool(one.reason) for one in found)


def test_strict_is_the_default():
    assert mark_reply(EMOREALM, asked(YES_NO, 0), said("Yes")) == Mark(right=True, choice=0, reason=None)


def test_rows_of_the_published_file():
    row = {"id": "q", "task": "t", "question": "?", "choices": ["(A) Yes", "(B) No"], "answer": "B"}
    assert published_row(asked(YES_NO, 1)) == row


def test_refusals():
    with pytest.raises(AvereError, match="no parser is called 'lenent'; did you mean 'lenient'"):
        mark_reply(EMOREALM, asked(YES_NO, 0), said("Yes"), "lenent")
    with pytest.raises(AvereError, match="'q' has no known answer"):
        mark_reply(EMOREALM, asked(YES_NO, None), said("Yes"), "compat-avere")
