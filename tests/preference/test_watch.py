"""A policy whose own answers break is told of, whatever its margins say."""

import logging
import re

import pytest

from avere.interfaces import Prompt, Reply
from avere.preference._watch import count_broken, is_broken, tell_collapse

CHOSEN = "The face looks sad because of the wet tears."


@pytest.mark.parametrize(
    ("answer", "broken"),
    [
        ("", True),
        ("  ", True),
        (CHOSEN, False),
        ("sad", False),
        (
            "The face looks sad because of the wet tears and the slanted brows and the downturned mouth.",
            False,
        ),
        ("because of the because of the because of the", True),
        ("tears " * 5, True),
        (" ".join(f"word{n}" for n in range(27)), False),
        (" ".join(f"word{n}" for n in range(28)), True),
    ],
)
def test_empty_looping_and_endless_answers_are_broken(answer, broken):
    assert is_broken(answer, CHOSEN) is broken


def test_a_short_chosen_answer_does_not_make_a_sentence_broken():
    assert not is_broken("The face looks sad.", "sad")


class Said:
    """Answers as it is told."""

    name = fingerprint = "said"

    def __init__(self, *replies):
        self.replies = replies

    def respond(self, prompts, *, max_tokens, seed, schema=None):
        del max_tokens, seed, schema
        for index, (_, reply) in enumerate(zip(prompts, self.replies, strict=True)):
            yield reply.model_copy(update={"index": index})


def test_an_answer_that_fails_is_broken_too():
    fine, empty = Reply(index=0, text=CHOSEN), Reply(index=0, text="")
    failed = Reply(index=0, text="", status="failed", reason="r")
    watched = [(Prompt(text="?"), CHOSEN)] * 4
    assert count_broken(Said(fine, empty, failed, fine), watched) == {"broken": 0.5}
    assert count_broken(Said(), ()) == count_broken(object(), watched) == {}


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ({"eval_answers/broken": 0.3, "eval_drift/chosen": -4.9}, None),
        ({"eval_answers/broken": 0.31}, "own answers are breaking: 31 % .* 10 % did at first"),
        ({"eval_drift/chosen": -5.5}, r"less likely, by 5\.5"),
    ],
)
def test_a_collapse_is_said_once_it_is_sure(caplog, now, words):
    with caplog.at_level(logging.WARNING, logger="avere.preference"):
        tell_collapse(now, [{"eval_answers/broken": 0.1}], "eval")
    if words is None:
        assert not caplog.records
    else:
        assert re.search(words, caplog.text)
