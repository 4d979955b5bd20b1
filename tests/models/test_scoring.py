"""Scores a few at a time equal those of whole logits, and so do their gradients."""

import pytest
import torch
from torch import nn
from torch.nn.functional import log_softmax

from avere.models.packing import scoring


@pytest.fixture
def given():
    """Return a head, states and targets in float64, more than fit one chunk."""
    random = torch.Generator().manual_seed(0)
    head = nn.Linear(6, 11, bias=False).double()
    nn.init.normal_(head.weight, generator=random)
    states = torch.randn((5, 6), generator=random, dtype=torch.float64, requires_grad=True)
    return head, states, torch.tensor([3, 0, 10, 3, 7])


@pytest.mark.parametrize("frozen", [True, False])
@pytest.mark.parametrize("chunk", [2, 5])
def test_values_and_gradients_are_those_of_whole_logits(frozen, chunk, given, monkeypatch):
    head, states, targets = given
    head.requires_grad_(not frozen)
    monkeypatch.setattr(scoring, "CHUNK", chunk)
    weights = torch.linspace(-1, 2, 5)
    wanted = [states] if frozen else [states, head.weight]
    whole = log_softmax(head(states), dim=-1).gather(1, targets.unsqueeze(1)).squeeze(1)
    scored = scoring.score_targets(head, states, targets)
    torch.testing.assert_close(scored, whole.float(), atol=1e-6, rtol=1e-6)
    results = [torch.autograd.grad((values * weights).sum(), wanted) for values in (scored, whole)]
    for one, other in zip(*results, strict=True):
        torch.testing.assert_close(one, other, atol=1e-6, rtol=1e-6)


def test_a_frozen_head_is_never_called(given, monkeypatch):
    """ZeRO-3 wants as many calls of a module in every process, whatever each has to score."""
    head, states, targets = given
    head.requires_grad_(requires_grad=False)
    head.register_forward_hook(lambda *_: pytest.fail("called"))
    monkeypatch.setattr(scoring, "CHUNK", 2)
    scoring.score_targets(head, states, targets)


def test_a_frozen_head_keeps_no_logits(given):
    head, states, targets = given
    kept = []

    def keep(tensor):
        kept.append(tensor.shape)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        scoring.score_targets(head.requires_grad_(requires_grad=False), states, targets)
    assert all(11 not in shape for shape in kept)


def test_nothing_is_differentiated_without_a_gradient(given):
    head, states, targets = given
    with torch.no_grad():
        assert not scoring.score_targets(
            head.requires_grad_(requires_grad=False), states, targets
        ).requires_grad
