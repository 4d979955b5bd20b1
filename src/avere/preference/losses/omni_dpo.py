"""OmniDPO (Chen et al., 2025, arXiv 2509.00723): DPO, and the same answer without its audio or its video."""

from typing import Literal

from pydantic import Field
from torch.nn.functional import logsigmoid

from avere.preference.losses._anchor import Anchor, AnchorWeight, add_anchor, measure_fall, read_anchor
from avere.preference.losses._rewards import CHOSEN, reward_of
from avere.preference.views import LogProbs, LossTerms, View, Views
from avere.records import Modality
from avere.settings import Settings

MODALITIES: tuple[Modality, ...] = ("audio", "video")


class Config(Settings):
    """What the ``loss:`` section of a recipe may say."""

    beta: float = Field(default=0.1, gt=0)
    """Strength of the pull to the reference; 0.1 as all arms here (AVERE, arXiv 2602.07054)."""
    lambda_av: float = Field(default=1.0, ge=0)
    """Weight of each modality preference; 1 is ours, as the published weights are not known to us."""
    rejected: Literal["either", "spurious", "hallucinated"] = "either"
    """The rejected answer; ours, as the published data have one a record."""
    only_falsifying: bool = False
    """Whether audio or video is corrupted only where that makes the chosen answer false; ours."""
    anchor: Anchor = "none"
    """What holds up the chosen answer; none as published."""
    anchor_weight: AnchorWeight = 1.0


def views(config: Config) -> Views:
    """Read chosen and rejected answer on real media, and the chosen one with one medium corrupted."""
    read = frozenset({CHOSEN, View("real", config.rejected)})
    if config.lambda_av > 0:
        read |= {View(modality, "chosen") for modality in MODALITIES}
    everything = Views(read, detached=frozenset(), reference=read, only_falsifying=config.only_falsifying)
    return read_anchor(everything, config)


def loss(logps: LogProbs, config: Config) -> LossTerms:
    """Return response + lambda_av * (modality_audio + modality_video), and the anchor, for each record.

    With r = beta * (log pi - log pi_ref):
    response = -log sigmoid(r(y_w) - r(y_l)), y_l being ``rejected``;
    modality_m = -log sigmoid(r(y_w | real media) - r(y_w | m corrupted)).
    """
    chosen = reward_of(logps, CHOSEN, config.beta)
    rejected = reward_of(logps, View("real", config.rejected), config.beta)
    rewards = {"chosen": chosen, "rejected": rejected}
    each = -logsigmoid(chosen - rejected - measure_fall(chosen, config))
    parts = {"response": each}
    for modality in MODALITIES if config.lambda_av > 0 else ():
        corrupted = reward_of(logps, View(modality, "chosen"), config.beta)
        rewards[f"corrupted_{modality}"] = corrupted
        parts[f"modality_{modality}"] = -logsigmoid(chosen - corrupted)
        each = each + config.lambda_av * parts[f"modality_{modality}"]
    return add_anchor(LossTerms(each=each, parts=parts, rewards=rewards), logps, config)
