"""CIDEr-D: worked by hand, and what it is by construction."""

from math import exp, sqrt

import pytest

from avere.answers.captions import count_rarity, score_cider

KNOWN = count_rarity(["A dog barks.", "Rain falls on a roof."])


def test_clipped_counts_and_the_penalty_of_length():
    """Two references, so that each n-gram of one of them weighs log 2; "a", in both, weighs nothing.

    "dog barks dog barks" against "a dog barks": one word: (2, 2) clipped to (1, 1), so 2 / (sqrt 8 sqrt 2);
    two words: "dog barks" twice and "barks dog", against "a dog" and "dog barks": 1 / (sqrt 5 sqrt 2);
    three words: nothing shared; four: the reference has none. One word too many: exp(-1 / 72).
    """
    found = score_cider("dog barks dog barks", "A dog barks.", KNOWN)
    assert found == pytest.approx(10 / 4 * (1 / 2 + 1 / sqrt(10)) * exp(-1 / 72))


@pytest.mark.parametrize(("said", "wanted"), [("rain falls on a roof", 10.0), ("", 0.0), ("A.", 0.0)])
def test_the_reference_itself_and_what_shares_nothing(said, wanted):
    assert score_cider(said, "Rain falls on a roof.", KNOWN) == pytest.approx(wanted)


def test_a_single_reference_tells_nothing_apart():
    assert score_cider("a dog barks", "a dog barks", count_rarity(["a dog barks"])) == 0.0
