"""Laws that every loss of the folder obeys, and the constants that each pays before training."""

import math
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn.functional import softplus

from avere import catalogue
from avere.errors import SettingsError
from avere.preference.recipe import LOSSES
from avere.preference.views import LogProbs, View, Views, every_view
from avere.settings import check

VARIANTS: Mapping[str, list[dict[str, Any]]] = {
    "sft": [{"normalise": "mean"}],
    "dpo": [{"rejected": which} for which in ("spurious", "either", "both")],
    "avem_dpo": [
        {"tpd_form": "derived"},
        {"tpd_normalise": "mean"},
        {"text_prior": "policy"},
        {"lambda_av": 0},
        {"gamma_tpd": 0},
        {"rejected": "either"},
        {"beta_vr": 1, "beta_er": 0},
    ],
}
CASES: list[tuple[str, dict[str, Any]]] = [(name, {}) for name in catalogue.names(LOSSES)] + [
    (name, options) for name, variants in VARIANTS.items() for options in variants
]
every_loss = pytest.mark.parametrize(("name", "options"), CASES, ids=str)
CHOSEN = View("real", "chosen")
SIZE = 5


def prepare(name: str, options: dict[str, Any]) -> tuple[ModuleType, Any, Views]:
    module = catalogue.find(LOSSES, name)
    config = check(options, module.Config, "test")
    return module, config, module.views(config)


def draw(read: Views, seed: int = 0, scale: float = 10.0) -> LogProbs:
    """Return random log-probabilities for all that is read, each a leaf that could take a gradient."""
    generator = torch.Generator().manual_seed(seed)

    def leaf(_: object) -> Tensor:
        return (-scale * torch.rand(SIZE, generator=generator)).requires_grad_()

    policy, detached, reference = ({view: leaf(view) for view in sorted(views)} for views in read[:3])
    lengths = {which: torch.arange(1.0, SIZE + 1) for which in read.lengths}
    return LogProbs(policy, detached, reference, lengths)


def mapped(logps: LogProbs, change: Any) -> LogProbs:
    policy, detached, reference = (
        {view: change(view, value) for view, value in part.items()} for part in logps[:3]
    )
    return LogProbs(policy, detached, reference, logps.lengths)


@every_loss
def test_every_policy_view_gets_gradient_and_nothing_else_does(name: str, options: dict[str, Any]) -> None:
    module, config, read = prepare(name, options)
    logps = draw(read)
    module.loss(logps, config).each.sum().backward()
    assert all(value.grad is not None and value.grad.all() for value in logps.policy.values())
    assert all(value.grad is None for part in (logps.detached, logps.reference) for value in part.values())


@every_loss
def test_gradient_raises_chosen_and_lowers_all_others(name: str, options: dict[str, Any]) -> None:
    module, config, read = prepare(name, options)
    logps = draw(read)
    module.loss(logps, config).each.sum().backward()
    for view, value in logps.policy.items():
        assert value.grad is not None
        assert bool(((value.grad < 0) if view == CHOSEN else (value.grad > 0)).all()), view


@every_loss
@pytest.mark.parametrize("sign", [-1e4, 1e4])
def test_extreme_values_stay_finite(name: str, options: dict[str, Any], sign: float) -> None:
    module, config, read = prepare(name, options)
    logps = mapped(
        draw(read),
        lambda view, value: torch.full_like(
            value, sign if view.response == "chosen" else -sign
        ).requires_grad_(),
    )
    terms = module.loss(logps, config)
    terms.each.sum().backward()
    assert terms.each.isfinite().all()
    assert all(value.grad is not None and value.grad.isfinite().all() for value in logps.policy.values())


@every_loss
def test_order_of_records_is_irrelevant(name: str, options: dict[str, Any]) -> None:
    module, config, read = prepare(name, options)
    order = torch.tensor([3, 1, 4, 0, 2])
    logps = draw(read)
    moved = mapped(logps, lambda _, value: value[order])._replace(
        lengths={which: count[order] for which, count in logps.lengths.items()}
    )
    torch.testing.assert_close(module.loss(logps, config).each[order], module.loss(moved, config).each)


@every_loss
def test_each_is_one_value_a_record_and_so_is_all_that_is_logged(name: str, options: dict[str, Any]) -> None:
    module, config, read = prepare(name, options)
    terms = module.loss(draw(read), config)
    for values in (terms.parts, terms.rewards, terms.offsets):
        assert all(value.shape == terms.each.shape == (SIZE,) for value in values.values())


@every_loss
def test_a_constant_added_to_all_answers_changes_no_response_preference(
    name: str, options: dict[str, Any]
) -> None:
    module, config, read = prepare(name, options)
    logps = draw(read)
    shifted = logps._replace(policy={view: value + 7.5 for view, value in logps.policy.items()})
    before, after = (module.loss(each, config).parts.get("response") for each in (logps, shifted))
    if before is not None:
        torch.testing.assert_close(before, after, rtol=1e-5, atol=1e-5)
    else:
        assert not read.reference, "a loss with a reference has a response part"


def at_start(read: Views) -> LogProbs:
    """Return log-probabilities before training: policy equals reference; text priors are unequal."""
    logps = draw(Views(every_view(read), read.detached, frozenset(), read.lengths))
    return logps._replace(
        policy={view: logps.policy[view] for view in read.policy},
        reference={view: logps.policy[view] for view in read.reference},
    )


@pytest.mark.parametrize("rejected", ["spurious", "hallucinated", "either", "both"])
def test_dpo_pays_log_two_before_training(rejected: str) -> None:
    module, config, read = prepare("dpo", {"rejected": rejected})
    torch.testing.assert_close(module.loss(at_start(read), config).each, torch.full((SIZE,), math.log(2)))


@pytest.mark.parametrize("form", ["published", "derived"])
@pytest.mark.parametrize("prior", ["reference", "policy"])
def test_avem_dpo_pays_the_text_prior_and_log_two_before_training(form: str, prior: str) -> None:
    options = {"tpd_form": form, "text_prior": prior, "lambda_av": 0.7, "gamma_tpd": 0.2}
    module, config, read = prepare("avem_dpo", options)
    logps = at_start(read)
    text = logps.reference if prior == "reference" else logps.detached
    chosen, spurious, hallucinated = (
        text[View("none", which)] for which in ("chosen", "spurious", "hallucinated")
    )
    offset = 0.2 * (chosen - 0.5 * spurious - 0.5 * hallucinated)
    assert (offset != 0).all()
    expected = softplus(offset if form == "published" else -offset) + 0.7 * math.log(2)
    torch.testing.assert_close(module.loss(logps, config).each, expected)


def test_a_corrupted_view_that_is_the_real_one_gives_exactly_no_gradient() -> None:
    module, config, read = prepare("avem_dpo", {})
    logps = draw(read)
    same = View("relevant", "chosen")
    logps = logps._replace(
        policy={**logps.policy, same: logps.policy[CHOSEN]},
        reference={**logps.reference, same: logps.reference[CHOSEN]},
    )
    modality = module.loss(logps, config).parts["modality"]
    (gradient,) = torch.autograd.grad(modality.sum(), logps.policy[CHOSEN])
    assert (gradient == 0).all()
    torch.testing.assert_close(modality, torch.full((SIZE,), math.log(2)))


def test_switches_change_what_is_read() -> None:
    def media(options: dict[str, Any]) -> set[str]:
        return {view.media for view in every_view(prepare("avem_dpo", options)[2])}

    assert media({}) == {"real", "relevant", "none"}
    assert media({"lambda_av": 0}) == {"real", "none"}
    assert media({"gamma_tpd": 0}) == {"real", "relevant"}
    one_sided = prepare("avem_dpo", {"beta_vr": 1, "beta_er": 0})[2]
    assert {view.response for view in every_view(one_sided)} == {"chosen", "spurious"}


def test_avem_dpo_without_its_parts_is_dpo() -> None:
    module, config, read = prepare("avem_dpo", {"rejected": "either", "lambda_av": 0, "gamma_tpd": 0})
    plain, plain_config, plain_read = prepare("dpo", {"rejected": "either"})
    assert read == plain_read
    logps = draw(read)
    torch.testing.assert_close(module.loss(logps, config).each, plain.loss(logps, plain_config).each)


def test_weights_that_do_not_sum_to_one_are_refused() -> None:
    with pytest.raises(SettingsError, match=r"beta_vr \+ beta_er is 1.1, not 1"):
        prepare("avem_dpo", {"beta_vr": 0.6})
