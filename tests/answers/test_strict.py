"""Strict reading, case by case."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avere.answers import strict

CHOICES = ("a broad smile", "wet tears", "bared teeth", "Yes")


@pytest.mark.parametrize(
    ("reply", "choice"),
    [
        ("B", 1),
        ("b", 1),
        ("(B)", 1),
        ("B.", 1),
        ("B)", 1),
        ("B:", 1),
        (" (B)\n", 1),
        ("(B) wet tears", 1),
        ("B) wet tears.", 1),
        ("B. Because of the light", 1),
        ("wet tears", 1),
        ("Wet  tears.", 1),
        ("yes", 3),
        ("", None),
        ("E", None),
        ("(E) wet tears", None),
        ("A smile", None),
        ("a broad smile", 0),
        ("A broad grin", None),
        ("(A) or (B)", None),
        ("A) or B)", None),
        ("(A) wet tears", None),
        ("The answer is B", None),
        ("Yes, it does", None),
        ("I'd say so", None),
        ("AB", None),
    ],
)
def test_reading(reply, choice):
    found = strict.parse(reply, CHOICES)
    assert found.choice == choice
    assert (found.reason is None) == (choice is not None)


def test_two_options_with_one_text():
    assert strict.parse("yes", ("Yes", "yes")).choice is None
    assert strict.parse("(B) yes", ("Yes", "yes")).choice == 1


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_with_a_reason(reply):
    found = strict.parse(reply, ("Yes", "No"))
    assert found.choice in (None, 0, 1)
    assert (found.choice is None) == bool(found.reason)
