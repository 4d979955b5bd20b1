"""GRPO: raise answers that earned more than others to the same prompt (DeepSeekMath, arXiv 2402.03300).

Each record is one answer that the policy drew, with its reward and those of its group. The reference is the
policy that drew the answers, so that the ratio of the objective and its KL divergence are to the same
weights: a round of training begins with the policy that answered, as the outer loop of the paper's algorithm
1 has it.
"""

from typing import Literal, Self

import torch
from jaxtyping import Float
from pydantic import Field, model_validator
from torch import Tensor

from avere.preference.losses._rewards import CHOSEN
from avere.preference.views import LogProbs, LossTerms, Views
from avere.settings import Settings

EPSILON = 1e-4
"""Added to a standard deviation, as TRL does."""
LIMIT = 20.0
"""Of a log ratio, so that it stays a number when exponentiated; no gradient comes from beyond."""


class Config(Settings):
    """What the ``loss:`` section of a recipe may say."""

    beta: float = Field(default=0.04, ge=0)
    """Weight of the KL divergence to the reference; 0.04 in DeepSeekMath, 0 in DAPO (arXiv 2503.14476)."""
    kl: Literal["published", "unbiased"] = "published"
    """Weigh the estimate of the divergence by the ratio, so that its gradient is that of the divergence
    (DeepSeek-V3.2, arXiv 2512.02556; TRL's default)."""
    clip: float = Field(default=0.2, gt=0, lt=1)
    """How far below 1 a ratio may count, and above where ``clip_higher`` says nothing (PPO, arXiv
    1707.06347)."""
    clip_higher: float | None = Field(default=None, gt=0)
    """How far above 1; 0.28 in DAPO, which keeps unlikely tokens learnable."""
    ratio: Literal["token", "answer"] = "token"
    """Of each token, or of the answer as a geometric mean over its tokens (GSPO, arXiv 2507.18071)."""
    scale: Literal["std", "none"] = "std"
    """Divide advantages by the group's standard deviation; ``none`` spares the weight that this gives to
    prompts that are nearly always, or never, answered well (Dr. GRPO, arXiv 2503.20783)."""
    length: Literal["mean", "constant"] = "mean"
    """Average over the tokens of each answer; ``constant`` divides all by ``tokens``, so that wrong answers
    gain nothing by being long (Dr. GRPO)."""
    tokens: int | None = Field(default=None, ge=1)
    """What ``constant`` divides by: the longest answer that may be drawn."""

    @model_validator(mode="after")
    def _constant_is_given(self) -> Self:
        if (self.length == "constant") != (self.tokens is not None):
            raise ValueError("length=constant and tokens go together; give both or neither")
        return self


def views(config: Config) -> Views:
    """Read the drawn answer under policy and reference, token by token, and what its group earned."""
    del config
    read = frozenset({CHOSEN})
    return Views(
        policy=read,
        detached=frozenset(),
        reference=read,
        lengths=frozenset({CHOSEN.response}),
        token_by_token=True,
        group=True,
    )


def compute_advantage(logps: LogProbs, config: Config) -> Float[Tensor, " batch"]:
    """Compute (reward - mean of the group) / (its standard deviation + 1e-4), or without the division."""
    advantage = logps.group["reward"] - logps.group["mean"]
    return advantage if config.scale == "none" else advantage / (logps.group["std"] + EPSILON)


def loss(logps: LogProbs, config: Config) -> LossTerms:
    """Compute the mean over tokens of -min(w A, clip(w) A) + beta * KL for each record.

    w = pi / pi_ref of a token, A the advantage of the answer, clip(w) within 1 - clip and 1 + clip_higher;
    KL is estimated by pi_ref / pi - log(pi_ref / pi) - 1 (Schulman's k3), a token at a time.
    """
    now, before = logps.tokens.policy[CHOSEN], logps.tokens.reference[CHOSEN].detach()
    lengths = logps.lengths[CHOSEN.response]
    real = torch.arange(now.shape[1], device=now.device) < lengths[:, None]
    moved = ((now - before) * real).clamp(-LIMIT, LIMIT)
    advantage = compute_advantage(logps, config)[:, None]
    ratio = moved.exp()
    if config.ratio == "answer":
        ratio = (moved.sum(1, keepdim=True) / lengths[:, None]).exp().expand_as(moved)
    high = 1 + (config.clip if config.clip_higher is None else config.clip_higher)
    gain = torch.minimum(ratio * advantage, ratio.clamp(1 - config.clip, high) * advantage)
    divisor = lengths if config.tokens is None else torch.full_like(lengths, config.tokens)

    def over_tokens(each: Tensor) -> Tensor:
        return (each * real).sum(1) / divisor

    apart = (-moved).exp() + moved - 1
    policy, kl = over_tokens(-gain), over_tokens(apart if config.kl == "published" else ratio * apart)
    clipped = ((ratio < 1 - config.clip) & (advantage < 0)) | ((ratio > high) & (advantage > 0))
    measures = {
        "reward": logps.group["reward"],
        "ratio": over_tokens(ratio.detach()),
        "clipped": over_tokens(clipped.float()),
        "sampling/difference": (logps.reference[CHOSEN] - logps.group["log_prob"]).abs(),
    }
    return LossTerms(
        each=policy + config.beta * kl, parts={"policy": policy, "kl": kl}, rewards={}, measures=measures
    )
