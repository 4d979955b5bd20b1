"""Vista-DPO (Huang et al., ICML 2025, arXiv 2504.13122): its response and video levels."""

from typing import Self

from pydantic import Field, model_validator
from torch.nn.functional import logsigmoid

from avere.preference.losses._anchor import Anchor, AnchorWeight, add_anchor, measure_fall, read_anchor
from avere.preference.losses._rewards import CHOSEN, rejected_reward, reward_of, two_weights
from avere.preference.views import LogProbs, LossTerms, View, Views
from avere.settings import Settings

CORRUPTED = View("both", "chosen")


class Config(Settings):
    """What the ``loss:`` section of a recipe may say.

    The clip, frame and token levels of the published method are left out: they need annotations that the
    records lack. Its released code weights the rejected answers under the policy only and passes no gradient
    through the video level; here both follow the formula.
    """

    beta: float = Field(default=0.1, gt=0)
    """Strength of the pull to the reference; 0.1 as in the released script."""
    beta_vr: float = Field(default=0.7, ge=0)
    """Weight of the spurious rejected answer. 0.7 and 0.3 are those of the released code; which answer gets
    which is our reading."""
    beta_er: float = Field(default=0.3, ge=0)
    """Weight of the hallucinated rejected answer."""
    lambda_v: float = Field(default=1.0, ge=0)
    """Weight of the video level; 1 as in the released code where it has no clips."""
    only_falsifying: bool = False
    """Whether audio and video are corrupted only where that makes the chosen answer false; ours."""
    anchor: Anchor = "none"
    """What holds up the chosen answer; none as published."""
    anchor_weight: AnchorWeight = 1.0

    @model_validator(mode="after")
    def _weights_sum_to_one(self) -> Self:
        two_weights(self.beta_vr, self.beta_er)
        return self


def views(config: Config) -> Views:
    """Read all answers on real media, and the chosen one with both media corrupted."""
    weights = two_weights(config.beta_vr, config.beta_er)
    read = frozenset({CHOSEN, *(View("real", which) for which in weights)})
    if config.lambda_v > 0:
        read |= {CORRUPTED}
    everything = Views(read, detached=frozenset(), reference=read, only_falsifying=config.only_falsifying)
    return read_anchor(everything, config)


def loss(logps: LogProbs, config: Config) -> LossTerms:
    """Return response + lambda_v * modality, and the anchor, for each record.

    With r = beta * (log pi - log pi_ref):
    response = -log sigmoid(r(y_w) - beta_vr * r(y_spurious) - beta_er * r(y_hallucinated));
    modality = -log sigmoid(r(y_w | real media) - r(y_w | both media corrupted)).
    """
    chosen = reward_of(logps, CHOSEN, config.beta)
    rejected = rejected_reward(logps, two_weights(config.beta_vr, config.beta_er), config.beta)
    rewards = {"chosen": chosen, "rejected": rejected}
    each = -logsigmoid(chosen - rejected - measure_fall(chosen, config))
    parts = {"response": each}
    if config.lambda_v > 0:
        rewards["corrupted"] = reward_of(logps, CORRUPTED, config.beta)
        parts["modality"] = -logsigmoid(chosen - rewards["corrupted"])
        each = each + config.lambda_v * parts["modality"]
    return add_anchor(LossTerms(each=each, parts=parts, rewards=rewards), logps, config)
