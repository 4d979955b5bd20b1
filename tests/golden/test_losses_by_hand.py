"""The losses against values worked by hand in losses.yaml."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from avere import catalogue
from avere.interfaces import LossModule
from avere.preference.recipe import LOSSES
from avere.preference.views import LogProbs, TokenLogProbs, View
from avere.settings import check, parse

GOLDEN: Any = parse(Path(__file__).with_name("losses.yaml").read_text(encoding="utf-8"), "losses.yaml")


def values(part: str, wanted: Any, case: dict[str, Any]) -> dict[Any, Tensor]:
    """Take what a loss declared, and nothing else, from the golden record with the changes of a case."""
    numbers = GOLDEN["record"][part] | case.get(part, {})
    key = " ".join if part != "lengths" else str
    return {each: torch.tensor([float(numbers[key(each)])]) for each in wanted}


def token_values(part: str, case: dict[str, Any]) -> dict[View, Tensor]:
    """Take the log-probabilities of the chosen answer's tokens."""
    return {View("real", "chosen"): torch.tensor([case["tokens"][part]])} if "tokens" in case else {}


@pytest.mark.parametrize(
    "case", GOLDEN["cases"], ids=lambda case: f"{case['loss']}-{case.get('options', {})}"
)
def test_value_is_the_one_worked_by_hand(case: dict[str, Any]) -> None:
    module = catalogue.find(LOSSES, case["loss"], LossModule)
    config = check(case.get("options", {}), module.Config, "losses.yaml")
    views = module.views(config)
    logps = LogProbs(
        policy=values("policy", views.policy, case),
        detached=values("detached", views.detached, case),
        reference=values("reference", views.reference, case),
        lengths=values("lengths", views.lengths, case),
        tokens=TokenLogProbs(*(token_values(part, case) for part in ("policy", "reference"))),
        group={name: torch.tensor([float(value)]) for name, value in case.get("group", {}).items()},
    )
    terms = module.loss(logps, config)
    assert terms.each.item() == pytest.approx(case["each"], abs=2e-7)
    for part in ("parts", "rewards", "offsets", "measures"):
        found = {name: value.item() for name, value in getattr(terms, part).items()}
        assert part not in case or found == pytest.approx(case[part], abs=2e-7)


def test_every_loss_has_a_case() -> None:
    assert {case["loss"] for case in GOLDEN["cases"]} == set(catalogue.names(LOSSES))
    assert View("real", "chosen") == ("real", "chosen")
