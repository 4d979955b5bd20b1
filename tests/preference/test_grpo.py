"""Laws of GRPO: where it pushes, what it ignores, and that its records and models are what it needs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from avere.errors import AvereError, SettingsError
from avere.models import qwen_omni
from avere.preference.batches import Collator, PairSource, to_rows
from avere.preference.losses import grpo
from avere.preference.train import train_policy
from avere.preference.trainer import run_forward
from avere.preference.views import LogProbs, TokenLogProbs, View
from avere.records import Clip, PreferencePair, jsonl
from avere.settings import check

CHOSEN = View("real", "chosen")
LENGTHS = torch.tensor([1.0, 3.0, 2.0, 3.0])
REAL = torch.arange(3) < LENGTHS[:, None]
REWARDS = torch.tensor([1.0, 0.25, 0.5, 0.0])
VARIANTS: list[dict[str, Any]] = [
    {},
    {"beta": 0},
    {"kl": "unbiased"},
    {"ratio": "answer"},
    {"scale": "none"},
    {"length": "constant", "tokens": 8},
    {"clip_higher": 0.28},
]
every_variant = pytest.mark.parametrize("options", VARIANTS, ids=str)


def draw(before: Tensor | None = None, *, now: Tensor | None = None) -> LogProbs:
    """Four answers of one group, of up to three tokens; ``now`` is what the policy says after some steps."""
    drawn = -3 * torch.rand(4, 3, generator=torch.Generator().manual_seed(0)) * REAL
    old = drawn if before is None else before
    new = (old if now is None else now).clone().requires_grad_()
    group: dict[Any, Tensor] = {
        "reward": REWARDS, "mean": REWARDS.mean().expand(4), "std": REWARDS.std().expand(4),
        "log_prob": old.sum(1),
    }  # fmt: skip
    return LogProbs(
        policy={CHOSEN: new.sum(1)},
        detached={},
        reference={CHOSEN: old.sum(1)},
        lengths={"chosen": LENGTHS},
        tokens=TokenLogProbs({CHOSEN: new}, {CHOSEN: old}),
        group=group,
    )


def config(options: dict[str, Any]) -> grpo.Config:
    return check(options, grpo.Config, "test")


@every_variant
def test_the_first_step_raises_what_earned_more_and_lowers_what_earned_less(options: dict[str, Any]) -> None:
    logps = draw()
    terms = grpo.loss(logps, config(options))
    terms.each.sum().backward()
    gradient = logps.tokens.policy[CHOSEN].grad
    assert gradient is not None
    advantage = grpo.compute_advantage(logps, config(options))
    assert ((gradient.sum(1) < 0) == (advantage > 0)).all()
    assert (gradient[~REAL] == 0).all()
    # The gradient of the whole is that of REINFORCE: -A a token, over what lengths are divided by.
    divisor = torch.full((4,), 8.0) if "tokens" in options else LENGTHS
    torch.testing.assert_close(gradient[REAL], (-(advantage / divisor)[:, None] * REAL)[REAL])
    torch.testing.assert_close(terms.parts["kl"], torch.zeros(4))
    assert not terms.measures["clipped"].any()
    torch.testing.assert_close(terms.measures["sampling/difference"], torch.zeros(4))


@every_variant
def test_order_and_padding_are_irrelevant(options: dict[str, Any]) -> None:
    moved = (draw().tokens.reference[CHOSEN] + 0.1) * REAL
    logps = draw(now=moved)
    order = torch.tensor([2, 0, 3, 1])
    tokens = TokenLogProbs(
        *({CHOSEN: torch.nn.functional.pad(part[CHOSEN][order], (0, 2), value=-9.0)} for part in logps.tokens)
    )
    turned = logps._replace(
        reference={CHOSEN: logps.reference[CHOSEN][order]},
        lengths={"chosen": LENGTHS[order]},
        tokens=tokens,
        group={name: value[order] for name, value in logps.group.items()},
    )
    each = grpo.loss(logps, config(options)).each
    torch.testing.assert_close(grpo.loss(turned, config(options)).each, each[order])


@every_variant
@pytest.mark.parametrize("far", [-1e4, 1e4])
def test_extreme_values_stay_finite(options: dict[str, Any], far: float) -> None:
    logps = draw(now=draw().tokens.reference[CHOSEN] + far * REAL)
    terms = grpo.loss(logps, config(options))
    terms.each.sum().backward()
    gradient = logps.tokens.policy[CHOSEN].grad
    assert gradient is not None
    assert terms.each.isfinite().all()
    assert gradient.isfinite().all()


def test_what_moved_beyond_the_clip_gets_no_further_push_and_what_moved_back_does() -> None:
    """Token by token: above 1.2 nothing more for a good answer, below 0.8 nothing more against a bad one."""
    before = draw().tokens.reference[CHOSEN]
    for step, moving in ((0.3, [False, True]), (-0.3, [True, False])):
        logps = draw(now=before + step * REAL)
        grpo.loss(logps, config({"beta": 0})).each.sum().backward()
        gradient = logps.tokens.policy[CHOSEN].grad
        assert gradient is not None
        assert [bool(gradient[row].any()) for row in (0, 3)] == moving


def test_the_divergence_pulls_back_to_the_reference() -> None:
    for step in (0.5, -0.5):
        logps = draw(now=draw().tokens.reference[CHOSEN] + step * REAL)
        grpo.loss(logps, config({})).parts["kl"].sum().backward()
        gradient = logps.tokens.policy[CHOSEN].grad
        assert gradient is not None
        assert (gradient[REAL] * step > 0).all()


def test_a_group_whose_answers_earn_the_same_moves_nothing() -> None:
    logps = draw()
    same = torch.full((4,), 0.5)
    logps = logps._replace(group={**logps.group, "reward": same, "mean": same, "std": torch.zeros(4)})
    assert grpo.loss(logps, config({})).each.abs().max() == 0


@pytest.mark.parametrize("wrong", [{"length": "constant"}, {"tokens": 8}, {"clip": 0}, {"clip_higher": -1}])
def test_wrong_settings_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        config(wrong)


def test_values_of_tokens_add_up_to_those_of_answers(files: dict[str, Path], tmp_path: Path) -> None:
    model = qwen_omni.example(tmp_path / "base")
    pairs = list(jsonl.read(files["pairs"], PreferencePair))[:3]
    source = PairSource(grpo.views(config({})), jsonl.read_by_id(files["clips"], Clip), 0)
    batch = Collator(model, source, ())(to_rows(pairs))
    tokens = run_forward(model.module, batch["policy"])
    candidates = batch["parts"].policy.candidates
    sums = run_forward(model.module, model.encode(candidates))
    torch.testing.assert_close(tokens.sum(1), sums)
    assert (tokens != 0).sum(1).tolist() == model.response_tokens(candidates)
    assert set(batch["group"]) == {"reward", "mean", "std", "log_prob"}


def test_records_without_rewards_are_refused(recipe: Callable[..., Any], tiny: Any, tmp_path: Path) -> None:
    with pytest.raises(AvereError, match=r"8 of 8 records say nothing of what drawn answers earned.*'p0'"):
        train_policy(recipe(loss={"name": "grpo"}), tmp_path / "out", model=tiny())


def test_what_cannot_be_read_token_by_token_is_refused(
    recipe: Callable[..., Any], files: dict[str, Path], tiny: Any, tmp_path: Path
) -> None:
    chosen = recipe(loss={"name": "grpo"}, data=files)
    with pytest.raises(AvereError, match=r"TinyModel tells no log-probabilities of single tokens.*'grpo'"):
        train_policy(chosen, tmp_path / "out", model=tiny())
    kept = chosen.model_copy(update={"cache_reference": True})
    with pytest.raises(AvereError, match="set cache_reference=false"):
        train_policy(kept, tmp_path / "out", model=qwen_omni.example(tmp_path / "base"))
