"""Prompts: fields checked both ways, the golden rendering, digests of words alone."""

import pytest

from avere import prompts
from avere.errors import AvereError
from avere.prompts._prompt_files import parse

WHOLE = "---\nname: x\nfields: [a]\npurpose: to test\n---\nSay {a}.\n"


def test_golden_rendering_of_emorealm():
    words = prompts.render("emorealm", question="Does it?", choices="(A) Yes (B) No")
    assert words == "Does it? (A) Yes (B) No"


def test_braces_in_a_value_are_words():
    assert prompts.render("open", question="What is {choices}?") == "What is {choices}?"


@pytest.mark.parametrize("name", prompts.names())
def test_every_prompt_loads_and_says_what_it_is_for(name):
    assert prompts.purpose(name)
    assert len(prompts.digest(name)) == 16


def test_digests_differ():
    assert len({prompts.digest(name) for name in prompts.names()}) == len(prompts.names())


def test_wrong_fields_are_refused():
    with pytest.raises(AvereError, match=r"was given no field; it takes exactly question"):
        prompts.render("open")
    with pytest.raises(AvereError, match="no prompt is called 'opne'; did you mean 'open'"):
        prompts.render("opne")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (WHOLE.replace("{a}", "{b}"), "front matter has a, the text has b"),
        (WHOLE.replace("purpose: to test\n", ""), "opens with front matter"),
        ("Say {a}.", "opens with front matter"),
    ],
)
def test_a_wrong_file_is_refused(text, why):
    with pytest.raises(AvereError, match=f"file: .*{why}"):
        parse(text, "file")
