"""What models really say: each row of the table, and laws that hold for every listing and statement."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avere import settings
from avere.answers import emotions, lenient, strict, word_lists
from avere.answers.strict import LETTERS

FILE = Path(__file__).with_name("answers.yaml")
TABLE: Any = settings.parse(FILE.read_text(encoding="utf-8"), FILE.name)


def name_row(row):
    return f"{row['reply'][:40]!r}: {row['why']}" if isinstance(row, dict) else None


@pytest.mark.parametrize("row", TABLE["choices"], ids=name_row)
def test_choices(row):
    choices = TABLE["options"][row["of"]]
    for parser, right in ((strict, row["strict"]), (lenient, row["lenient"])):
        found = parser.parse(row["reply"], choices)
        assert found.choice == (None if right is None else LETTERS.index(right)), parser.__name__
        assert (found.reason is None) == (right is not None)


@pytest.mark.parametrize("row", TABLE["labels"], ids=name_row)
def test_labels(row):
    for how in ("strict", "lenient"):
        found = emotions.parse(row["reply"], TABLE["sets"][row["of"]], how)
        assert found.label == row[how], how
        assert (found.reason is None) == (row[how] is not None)


@pytest.mark.parametrize("row", TABLE["lists"], ids=name_row)
def test_lists(row):
    assert list(word_lists.parse(row["reply"])) == row["words"]


WORDS = ["smile", "tears", "sob", "laugh", "frown", "gasp", "shout", "whisper", "tremble", "blush"]
OPTIONS = st.one_of(
    st.lists(st.sampled_from(WORDS), min_size=2, max_size=6, unique=True),
    st.lists(st.sampled_from(["a " + word for word in WORDS]), min_size=2, max_size=6, unique=True),
    st.just(["Yes", "No"]),
)
MARKS = ("{}. {}", "({}) {}", "{}) {}", "{}: {}", "- {}. {}", "**{}.** {}")
STATEMENTS = (
    "The answer is {}.",
    "The correct answer is ({}).",
    "Answer: {}",
    "**Answer:** {}",
    "So I choose {}.",
    "Final answer: ({})",
    "\\boxed{{{}}}",
    "{} is correct.",
    '{{"answer": "{}"}}',
    "<answer>{}</answer>",
)
ALONE = ("{}", "({})", "{}.", "**{}**", "The answer is {}.", "Answer: {}", "I would go with {}.", "（{}）")


def write_listing(choices, mark, between):
    return between.join(mark.format(letter, text) for letter, text in zip(LETTERS, choices, strict=False))


@given(st.data())
def test_a_listing_and_one_statement_is_the_statement(data):
    choices = data.draw(OPTIONS)
    index = data.draw(st.integers(0, len(choices) - 1))
    listing = write_listing(
        choices, data.draw(st.sampled_from(MARKS)), data.draw(st.sampled_from(["\n", " ", ", "]))
    )
    reply = f"{listing}\n\n{data.draw(st.sampled_from(STATEMENTS)).format(LETTERS[index])}"
    assert lenient.parse(reply, choices).choice == index, reply
    assert strict.parse(reply, choices).choice in (None, index), reply


@given(st.data())
def test_a_listing_alone_is_no_answer(data):
    choices = data.draw(OPTIONS)
    order = data.draw(st.permutations(list(zip(LETTERS, choices, strict=False))))
    mark = data.draw(st.sampled_from(MARKS))
    reply = data.draw(st.sampled_from(["\n", " ", ", "])).join(mark.format(*entry) for entry in order)
    assert strict.parse(reply, choices).choice is None, reply
    assert lenient.parse(reply, choices).choice is None, reply


@given(st.data())
def test_who_is_right_in_any_common_form_is_never_wrong(data):
    choices = data.draw(OPTIONS)
    for index, text in enumerate(choices):
        letter = LETTERS[index]
        forms = [form.format(letter) for form in ALONE]
        forms += [f"{letter}. {text}", f"({letter}) {text}.", text, text.upper(), f"{text}."]
        for form in forms:
            reply = f"<think>Is it {LETTERS[len(choices) - 1 - index]}?</think>{form}"
            for said in (form, reply):
                assert lenient.parse(said, choices).choice == index, said
                assert strict.parse(said, choices).choice in (None, index), said


@given(st.data())
def test_letter_and_text_that_disagree_are_no_answer(data):
    choices = data.draw(OPTIONS)
    index, other = data.draw(st.permutations(range(len(choices))))[:2]
    form = data.draw(st.sampled_from(["({}) {}", "{}) {}", "{} - {}", "{}: {}", "The answer is ({}) {}."]))
    reply = form.format(LETTERS[index], choices[other])
    assert strict.parse(reply, choices).choice is None, reply
    assert lenient.parse(reply, choices).choice is None, reply
