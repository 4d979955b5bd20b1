"""Laws that every loss of the folder obeys, and the constants that each pays before training."""

import math
from collections.abc import Mapping
from typing import Any

import pytest
import torch
from tests.oracles.losses import CHOSEN, PREFERENCES, SIZE, at_start, draw, prepare
from torch import Tensor
from torch.nn.functional import softplus

from avere import catalogue
from avere.errors import SettingsError
from avere.preference.recipe import LOSSES
from avere.preference.views import LogProbs, View, every_view

VARIANTS: Mapping[str, list[dict[str, Any]]] = {
    "sft": [{"normalise": "mean"}],
    "dpo": [{"rejected": which} for which in ("spurious", "either", "both")],
    "avem_dpo": [
        {"tpd_form": "derived"},
        {"tpd_normalise": "mean"},
        {"text_prior": "policy"},
        {"lambda_av": 0},
        {"corrupted": "both"},
        {"gamma_tpd": 0},
        {"rejected": "either"},
        {"beta_vr": 1, "beta_er": 0},
    ],
    "mdpo": [{"delta": 0.5}, {"rejected": "spurious"}, {"only_falsifying": True}],
    "vista_dpo": [{"lambda_v": 0}, {"beta_vr": 0, "beta_er": 1}, {"only_falsifying": True}],
    "omni_dpo": [{"lambda_av": 0}, {"rejected": "hallucinated"}, {"only_falsifying": True}],
    "mod_dpo": [
        {"gamma_tpd": 0},
        {"beta_inv": 0},
        {"beta_sens": 0},
        {"beta_sens": 0.11},
        {"rejected": "spurious"},
    ],
}
ANCHORED = [
    (name, {"anchor": anchor, "anchor_weight": 2.0}) for name in PREFERENCES for anchor in ("nll", "dpop")
]
"""Losses of drawn answers, which raise or lower them by what they earned, have laws of their own."""
CASES: list[tuple[str, dict[str, Any]]] = [
    *((name, {}) for name in catalogue.names(LOSSES) if not prepare(name, {})[2].group),
    *((name, options) for name, variants in VARIANTS.items() for options in variants),
    *ANCHORED,
]
every_loss = pytest.mark.parametrize(("name", "options"), CASES, ids=str)


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


def shift(part: Mapping[View, Tensor], by: Mapping[str, float]) -> dict[View, Tensor]:
    """Add a constant to all answers over the same media."""
    return {view: value + by.get(view.media, 0.0) for view, value in part.items()}


@every_loss
def test_a_constant_added_to_all_answers_changes_no_response_preference(
    name: str, options: dict[str, Any]
) -> None:
    """Log Z(a, v, x) is such a constant: another one for every state of the media and all weights."""
    if options.get("anchor") == "dpop":
        return  # the one anchor inside the margin reads the chosen answer by itself, as the next test shows
    module, config, read = prepare(name, options)
    logps = draw(read)
    constants = {"real": 7.5, "relevant": -3.0, "irrelevant": 5.0, "both": 2.5, "audio": -4.0, "video": 1.5}
    if not read.lengths or "anchor" in options:
        # Divided by the tokens of each answer, a constant is none any more.
        constants["none"] = 9.0
    shifted = LogProbs(
        policy=shift(logps.policy, constants),
        detached=shift(logps.detached, constants),
        reference=shift(logps.reference, {media: -2 * by for media, by in constants.items()}),
        lengths=logps.lengths,
    )
    before, after = (module.loss(each, config).parts.get("response") for each in (logps, shifted))
    if before is not None:
        torch.testing.assert_close(before, after, rtol=1e-5, atol=1e-5)
    else:
        assert not read.reference, "a loss with a reference has a response part"


@pytest.mark.parametrize("name", ["mdpo", "vista_dpo", "omni_dpo", "avem_dpo"])
def test_a_modality_preference_cancels_what_all_media_share_and_nothing_else(name: str) -> None:
    module, config, read = prepare(name, {})
    logps = draw(read)

    def modality(by: Mapping[str, float]) -> Tensor:
        terms = module.loss(logps._replace(policy=shift(logps.policy, by)), config)
        return torch.stack([value for part, value in terms.parts.items() if part.startswith("modality")])

    everywhere = dict.fromkeys(("real", "relevant", "both", "audio", "video"), 7.5)
    torch.testing.assert_close(modality({}), modality(everywhere), rtol=1e-5, atol=1e-5)
    assert (modality({"real": 7.5}) < modality({})).all()


def test_the_anchor_of_mdpo_does_not_cancel_a_constant() -> None:
    module, config, read = prepare("mdpo", {"delta": 0.5})
    logps = draw(read)
    moved = logps._replace(policy=shift(logps.policy, {"real": 7.5, "both": 7.5}))
    before, after = module.loss(logps, config), module.loss(moved, config)
    torch.testing.assert_close(after.parts["anchor"], softplus(0.5 - before.rewards["chosen"] - 0.1 * 7.5))
    torch.testing.assert_close(
        before.each - after.each, before.parts["anchor"] - after.parts["anchor"], rtol=1e-4, atol=1e-5
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


@pytest.mark.parametrize("delta", [0.0, 0.5])
def test_mdpo_pays_log_two_twice_and_its_anchor_before_training(delta: float) -> None:
    module, config, read = prepare("mdpo", {"delta": delta})
    expected = 2 * math.log(2) + math.log1p(math.exp(delta))
    torch.testing.assert_close(module.loss(at_start(read), config).each, torch.full((SIZE,), expected))


@pytest.mark.parametrize(
    ("name", "option", "terms"), [("vista_dpo", "lambda_v", 1), ("omni_dpo", "lambda_av", 2)]
)
@pytest.mark.parametrize("weight", [0.0, 0.7, 1.0])
def test_rivals_pay_log_two_for_each_term_before_training(
    name: str, option: str, terms: int, weight: float
) -> None:
    module, config, read = prepare(name, {option: weight})
    expected = (1 + terms * weight) * math.log(2)
    torch.testing.assert_close(module.loss(at_start(read), config).each, torch.full((SIZE,), expected))


def test_mod_dpo_pays_for_its_media_and_the_text_prior_before_training() -> None:
    module, config, read = prepare("mod_dpo", {"beta_inv": 0.03, "beta_sens": 0.06, "gamma_tpd": 0.2})
    logps = at_start(read)

    def gap(part: Mapping[View, Tensor], media: Any) -> Tensor:
        return part[View(media, "chosen")] - part[View(media, "either")]

    text = gap(logps.reference, "none")
    assert (text != 0).all()
    margin = (
        (0.03 - 0.06) * gap(logps.policy, "real")
        - 0.03 * gap(logps.detached, "irrelevant")
        + 0.06 * gap(logps.detached, "relevant")
        - 0.2 * text
    )
    torch.testing.assert_close(module.loss(logps, config).each, softplus(-margin))


def test_the_pull_of_mod_dpo_must_exceed_its_push() -> None:
    for push in (0.12, 0.13):
        with pytest.raises(SettingsError, match=rf"beta \+ beta_inv is 0.12, not above beta_sens {push}"):
            prepare("mod_dpo", {"beta_sens": push})
    prepare("mod_dpo", {"beta_sens": 0.119})


@pytest.mark.parametrize(
    ("name", "media", "terms"),
    [
        ("avem_dpo", {"relevant"}, 1),
        ("mdpo", {"both"}, 1),
        ("vista_dpo", {"both"}, 1),
        ("omni_dpo", {"audio", "video"}, 2),
    ],
)
def test_a_corrupted_view_that_is_the_real_one_gives_exactly_no_gradient(
    name: str, media: set[str], terms: int
) -> None:
    module, config, read = prepare(name, {})
    logps = draw(read)

    def resolved(part: Mapping[View, Tensor]) -> dict[View, Tensor]:
        return {view: part[CHOSEN] if view.media in media else value for view, value in part.items()}

    same = logps._replace(policy=resolved(logps.policy), reference=resolved(logps.reference))
    parts = [value for part, value in module.loss(same, config).parts.items() if part.startswith("modality")]
    assert len(parts) == terms
    for modality in parts:
        (gradient,) = torch.autograd.grad(modality.sum(), logps.policy[CHOSEN], retain_graph=True)
        assert (gradient == 0).all()
        torch.testing.assert_close(modality, torch.full((SIZE,), math.log(2)))


def test_switches_change_what_is_read() -> None:
    def media(options: dict[str, Any]) -> set[str]:
        return {view.media for view in every_view(prepare("avem_dpo", options)[2])}

    assert media({}) == {"real", "relevant", "none"}
    assert media({"lambda_av": 0}) == {"real", "none"}
    assert media({"corrupted": "both"}) == {"real", "both", "none"}
    assert media({"gamma_tpd": 0}) == {"real", "relevant"}
    one_sided = prepare("avem_dpo", {"beta_vr": 1, "beta_er": 0})[2]
    assert {view.response for view in every_view(one_sided)} == {"chosen", "spurious"}


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("avem_dpo", {"rejected": "either", "lambda_av": 0, "gamma_tpd": 0}),
        ("omni_dpo", {"lambda_av": 0}),
        ("mod_dpo", {"beta_inv": 0, "beta_sens": 0, "gamma_tpd": 0}),
    ],
)
def test_without_its_parts_a_loss_is_dpo(name: str, options: dict[str, Any]) -> None:
    module, config, read = prepare(name, options)
    plain, plain_config, plain_read = prepare("dpo", {"rejected": "either"})
    assert read == plain_read
    logps = draw(read)
    torch.testing.assert_close(module.loss(logps, config).each, plain.loss(logps, plain_config).each)


@pytest.mark.parametrize(("name", "vr", "total"), [("avem_dpo", 0.6, "1.1"), ("vista_dpo", 0.6, "0.9")])
def test_weights_that_do_not_sum_to_one_are_refused(name: str, vr: float, total: str) -> None:
    with pytest.raises(SettingsError, match=rf"beta_vr \+ beta_er is {total}, not 1"):
        prepare(name, {"beta_vr": vr})


@pytest.mark.parametrize("name", ["mdpo", "vista_dpo", "omni_dpo"])
def test_only_falsifying_reaches_what_is_read_and_changes_no_algebra(name: str) -> None:
    module, config, read = prepare(name, {})
    _, only, read_only = prepare(name, {"only_falsifying": True})
    assert (read.only_falsifying, read_only) == (False, read._replace(only_falsifying=True))
    logps = draw(read)
    torch.testing.assert_close(module.loss(logps, config).each, module.loss(logps, only).each)
