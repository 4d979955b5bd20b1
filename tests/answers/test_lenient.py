"""Lenient reading, case by case, and the laws that it keeps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avere.answers import lenient, strict

FOUR = ("a broad smile", "wet tears", "bared teeth", "a trembling voice")
YES_NO = ("Yes", "No")
LONG = ("Yes, the voice matches the face", "No, the voice does not match the face")


@pytest.mark.parametrize(
    ("reply", "choice"),
    [
        # Letters in any common form.
        ("**B**", 1),
        ("“B”", 1),
        ("« B »", 1),
        ("[B]", 1),
        ("<b>D</b>", 3),
        ("Ｂ", 1),
        ("Ⓑ", 1),
        (r"\boxed{B}", 1),
        (r"$\boxed{\text{B}}$", 1),
        ("B</s>", 1),
        ("(b) wet tears</s>", 1),
        ("Option D", 3),
        ("option d.", 3),
        ("option_a", 0),
        ("I think (c)", 2),
        ("Answer: B", 1),
        ("Answer:\nB", 1),
        ("The correct answer is **(B)**.", 1),
        ("The answer is b", 1),
        ("the answer is a", 0),
        ("The answer is D) a trembling voice", 3),
        ("I'm not sure, but I'd say b)", 1),
        ("I would go with B here", 1),
        ("Option A is right", 0),
        ("It should be option A, I believe.", 0),
        # The text of an option, inside a sentence, with or without its article.
        ("The person shows wet tears", 1),
        ("It is the broad smile that shows it.", 0),
        ("Wet\ntears", 1),
        # A statement goes before mentions, and the last statement counts.
        ("(C)\nThe person bares no teeth (A).", 2),
        ("The smile (A) is not there.\nB", 1),
        ("I see a broad smile and wet tears. The answer is B.", 1),
        ("The answer is A. Wait, no: the answer is C.", 2),
        ("The best option here is (C), given the bared teeth and the wet tears", 2),
        # Denials.
        ("It is not A but B.", 1),
        ("B, not A", 1),
        ("Not a broad smile but wet tears", 1),
        ("Wet tears rather than a broad smile", 1),
        ("Option A is wrong, so option B", 1),
        ("There is no broad smile; the wet tears show it.", 1),
        # Nothing is guessed.
        ("", None),
        ("   ", None),
        ("A man speaks", None),
        ("A broad grin", None),
        ("The answer is A man who smiles", None),
        ("(A) or (B)", None),
        ("A, B", None),
        ("A/C", None),
        ("A and B", None),
        ("ABC", None),
        ("Either a broad smile or wet tears", None),
        ("The answer is A or B", None),
        ("(A) wet tears", None),
        ("The answer is (A) wet tears", None),
        ("(E)", None),
        ("The answer is E", None),
        ("It is not A", None),
        ("The answer is not A", None),
        ("I don't think the answer is B", None),
        ("If she were sad, the answer is B", None),
        ("Is the answer B?", None),
        ("Neither A nor B", None),
        ("I would rule out A and C, which leaves B or D", None),
        ("I say nothing about B", None),
        ("Which one? (A) a broad smile (B) wet tears (C) bared teeth (D) a trembling voice", None),
        ("(A) a broad smile\n(B) wet tears", None),
        ("wet tears\nbared teeth", None),
        ("I", None),
        ("I'd rather not say", None),
        ("B?", None),
        ("B2", None),
    ],
)
def test_four_options(reply, choice):
    found = lenient.parse(reply, FOUR)
    assert found.choice == choice
    assert (found.reason is None) == (choice is not None)


@pytest.mark.parametrize("choices", [YES_NO, LONG])
@pytest.mark.parametrize(
    ("reply", "choice"),
    [
        ("Yes, it does", 0),
        ("YES!!!", 0),
        ("No, there is a mismatch", 1),
        ("No.\nA person speaks calmly.", 1),
        ("The person does not smile, so no", 1),
        ("Yes, there is no doubt", 0),
        ("The answer is no.", 1),
        ("Yes, but the answer is no", 1),
        ("No it is not", 1),
        ("Yes and no", None),
        ("Well, yes.", 0),
        ("Yes. No.", None),
        ("No, wait, yes", None),
        ("There is no smile", None),
        ("No smile is seen", None),
        ("I do not know", None),
        ("nope", None),
        ("Both (A) and (B) could be right", None),
        ("the eyes", None),
    ],
)
def test_yes_and_no(reply, choice, choices):
    assert lenient.parse(reply, choices).choice == choice


def test_reasons():
    assert lenient.parse("(A) or (B)", YES_NO).reason == "several options are named"
    assert lenient.parse("perhaps", YES_NO).reason == "no option is named"
    assert lenient.parse("I say (E)", YES_NO).reason == "no option is called E"
    assert lenient.parse(" ", YES_NO).reason == "empty reply"


def test_two_options_with_one_text():
    assert lenient.parse("I see wet tears", ("wet tears", "wet tears", "a smile")).choice is None


OPTIONS = st.lists(
    st.from_regex(r"[a-z]{2,9}( [a-z]{2,9}){0,3}", fullmatch=True), min_size=2, max_size=5, unique=True
)
PIECES = "A B (A) (b) B) answer is not I a wet tears yes no so the . , ? because option if"
WORDS = st.lists(st.sampled_from([*PIECES.split(), "\n"])).map(" ".join)


@given(st.one_of(st.text(max_size=40), WORDS), st.lists(st.text(max_size=8), max_size=5))
def test_any_text_is_read_as_an_option_or_refused_with_a_reason(reply, choices):
    found = lenient.parse(reply, choices)
    assert found.choice is None or found.choice in range(len(choices))
    assert (found.choice is None) == bool(found.reason)


@given(st.one_of(st.text(max_size=40), WORDS))
def test_what_strict_reads_lenient_reads_alike(reply):
    found = strict.parse(reply, FOUR)
    assert found.choice is None or lenient.parse(reply, FOUR) == found


@given(OPTIONS)
def test_every_option_is_read_as_itself_by_text_and_by_letter(choices):
    for index, choice in enumerate(choices):
        letter = strict.LETTERS[index]
        for reply in (choice, letter, f"({letter}) {choice}", f"The answer is {letter}", f"**{choice}**"):
            assert lenient.parse(reply, choices).choice == index, reply
