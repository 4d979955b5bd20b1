"""Laws of the anchors that hold up the chosen answer, for every preference loss."""

import pytest
import torch
from tests.oracles.losses import CHOSEN, PREFERENCES, at_start, draw, prepare


def test_every_preference_loss_can_be_anchored() -> None:
    assert set(PREFERENCES) == {"dpo", "mdpo", "vista_dpo", "omni_dpo", "mod_dpo", "avem_dpo"}


@pytest.mark.parametrize("name", PREFERENCES)
def test_an_anchor_that_has_nothing_to_hold_changes_nothing(name: str) -> None:
    """Weight 0, and `dpop` where the chosen answer is no less likely than under the reference."""
    module, config, read = prepare(name, {})
    for options in ({"anchor": "nll", "anchor_weight": 0}, {"anchor": "dpop", "anchor_weight": 50}):
        _, anchored, wider = prepare(name, options)
        logps = draw(wider)
        risen = logps._replace(reference={**logps.reference, CHOSEN: logps.policy[CHOSEN].detach() - 1})
        torch.testing.assert_close(module.loss(risen, anchored).each, module.loss(risen, config).each)
    assert read.lengths == frozenset()


@pytest.mark.parametrize("name", PREFERENCES)
@pytest.mark.parametrize("anchor", ["nll", "dpop"])
def test_an_anchor_pulls_the_chosen_answer_up_and_leaves_the_others(name: str, anchor: str) -> None:
    module, config, read = prepare(name, {"anchor": anchor, "anchor_weight": 3})
    _, free, _ = prepare(name, {})
    logps = draw(read)
    fallen = {**logps.reference, CHOSEN: logps.policy[CHOSEN].detach() + 1}
    pulls = []
    for one in (config, free):
        each = module.loss(logps._replace(reference=fallen), one).each.sum()
        pulls.append(torch.autograd.grad(each, logps.policy[CHOSEN])[0])
    assert (pulls[0] < pulls[1]).all()


@pytest.mark.parametrize("name", PREFERENCES)
def test_at_the_reference_dpop_adds_nothing_and_nll_its_own_value(name: str) -> None:
    module, config, read = prepare(name, {"anchor": "nll", "anchor_weight": 2})
    _, free, _ = prepare(name, {})
    _, dpop, _ = prepare(name, {"anchor": "dpop", "anchor_weight": 2})
    logps = at_start(read)
    plain = module.loss(logps, free).each
    nll = -logps.policy[CHOSEN] / logps.lengths["chosen"]
    torch.testing.assert_close(module.loss(logps, config).each, plain + 2 * nll)
    torch.testing.assert_close(module.loss(logps, dpop).each, plain)
