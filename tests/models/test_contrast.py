"""The contrast by hand: three tokens, probabilities that make logarithms easy."""

import pytest
import torch

from avere.models import _contrast

REAL = torch.tensor([0.6, 0.3, 0.1]).log()
CORRUPTED = torch.tensor([0.8, 0.1, 0.1]).log()


def test_the_contrast_is_twice_the_real_minus_the_corrupted():
    assert _contrast.contrast(torch.tensor([2.0, 1.0]), torch.tensor([1.0, 3.0]), 1.0).tolist() == [3.0, -1.0]
    assert _contrast.contrast(torch.tensor([2.0]), torch.tensor([1.0]), 0.5).tolist() == [2.5]


def test_the_cut_keeps_tokens_of_a_share_of_the_likeliest():
    # 0.5 · 0.6 = 0.3, with a hair of room for the logarithm; 0.1 falls below.
    assert _contrast.plausible(REAL, 0.49).tolist() == [True, True, False]
    assert _contrast.plausible(REAL, 1.0).tolist() == [True, False, False]
    assert _contrast.plausible(REAL, 0.0).tolist() == [True, True, True]


def test_the_chosen_token_gains_most_among_the_plausible():
    # By 0.6² / 0.8 = 0.45, 0.3² / 0.1 = 0.9 and 0.1² / 0.1 = 0.1.
    assert _contrast.choose(REAL, CORRUPTED, alpha=1.0, beta=0.1).item() == 1
    assert _contrast.choose(REAL, CORRUPTED, alpha=1.0, beta=0.9).item() == 0
    # Without the cut an absurd token that corruption makes unlikelier still would win: 0.1² / 0.001 = 10.
    absurd = torch.tensor([0.8, 0.199, 0.001]).log()
    assert _contrast.choose(REAL, absurd, alpha=1.0, beta=0.0).item() == 2
    # Of the others, 0.3² / 0.199 = 0.452 beats 0.6² / 0.8 = 0.450.
    assert _contrast.choose(REAL, absurd, alpha=1.0, beta=0.3).item() == 1


def test_log_probabilities_are_those_of_the_contrast():
    # 0.45, 0.9 and 0.1, over their sum 1.45; logits may be shifted.
    found = _contrast.log_probs(REAL + 5, CORRUPTED - 2, alpha=1.0, beta=0.0).exp()
    assert found.tolist() == pytest.approx([0.45 / 1.45, 0.9 / 1.45, 0.1 / 1.45])


def test_a_token_that_is_cut_keeps_its_own_probability_but_passes_no_plausible_one():
    # Kept: 0.45 and 0.9. Cut: min(0.1, 0.45) = 0.1, whatever corruption does to it.
    other = torch.tensor([0.8, 0.1, 1e-9]).log()
    other[2] = torch.tensor(0.1).log() - 20
    other = other.log_softmax(-1)
    found = _contrast.log_probs(REAL, other, alpha=1.0, beta=0.49).exp()
    top = [0.36 / (8 / 9), 0.09 / (1 / 9), 0.1]
    assert found.tolist() == pytest.approx([each / sum(top) for each in top], rel=1e-5)
    # Kept: 0.4² / 0.99 = 0.16. Cut: min(0.3, 0.16) each.
    real, other = torch.tensor([0.4, 0.3, 0.3]).log(), torch.tensor([0.99, 0.005, 0.005]).log()
    found = _contrast.log_probs(real, other, alpha=1.0, beta=0.9).exp()
    assert found.tolist() == pytest.approx([1 / 3] * 3, rel=1e-5)


@pytest.mark.parametrize("beta", [0.0, 0.1, 1.0])
def test_a_contrast_that_changes_nothing_leaves_the_models_own(beta):
    random = torch.Generator().manual_seed(0)
    real, other = torch.randn((2, 4, 50), generator=random) * 5
    own = real.log_softmax(-1)
    torch.testing.assert_close(_contrast.log_probs(real, real, 2.0, beta), own, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(_contrast.log_probs(real, other, 0.0, beta), own)
    assert _contrast.choose(real, other, 0.0, beta).equal(real.argmax(-1))
    assert _contrast.log_probs(real, other, 5.0, beta).isfinite().all()
