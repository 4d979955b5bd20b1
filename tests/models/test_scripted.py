"""Rules answer and score as they say."""

import pytest

import avere
from avere.errors import AvereError
from avere.interfaces import Candidate, Prompt
from avere.models import scripted


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("scripted:always-yes", "Yes"),
        ("scripted:always-no", "No"),
        ("scripted:always-a", "A"),
        ("scripted:always-A", "A"),
        ("scripted:echo", "Is it rain?"),
    ],
)
def test_rules_answer(source, text):
    model = avere.load(source)
    (reply,) = model.respond([Prompt(text="Is it rain?")], max_tokens=8, seed=0)
    assert reply.text == text
    assert model.name == source.lower()


def test_what_a_rule_says_is_likelier():
    model = scripted.load("scripted:always-yes")
    prompt = Prompt(text="Is it rain?")
    yes, no = model.score([Candidate(prompt=prompt, response=word) for word in ("yes.", "No")])
    assert yes > no


def test_unknown_rules_are_refused():
    with pytest.raises(AvereError, match="did you mean 'always-yes'"):
        avere.load("scripted:allways-yes")
