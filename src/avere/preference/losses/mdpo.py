"""mDPO (Wang et al., EMNLP 2024, arXiv 2406.11839): DPO, the same answer without its media, and an anchor."""

from typing import Literal

from pydantic import Field
from torch.nn.functional import logsigmoid

from avere.preference.losses._anchor import Anchor, AnchorWeight, add_anchor, measure_fall, read_anchor
from avere.preference.losses._rewards import CHOSEN, reward_of
from avere.preference.views import LogProbs, LossTerms, View, Views
from avere.settings import Settings

CORRUPTED = View("both", "chosen")


class Config(Settings):
    """What the ``loss:`` section of a recipe may say; the three terms weigh the same, as published."""

    beta: float = Field(default=0.1, gt=0)
    """Strength of the pull to the reference; 0.1 as all arms here (AVERE, arXiv 2602.07054)."""
    delta: float = 0.0
    """What the chosen answer's reward shall exceed; 0 as published."""
    rejected: Literal["either", "spurious", "hallucinated"] = "either"
    """The rejected answer; ours, as the published data have one a record."""
    only_falsifying: bool = False
    """Whether audio and video are corrupted only where that makes the chosen answer false; ours."""
    anchor: Anchor = "none"
    """What holds up the chosen answer besides the published anchor."""
    anchor_weight: AnchorWeight = 1.0


def views(config: Config) -> Views:
    """Read chosen and rejected answer on real media, and the chosen one with both media corrupted.

    The published method crops images; here the record's own replacements are used, as by every other loss.
    """
    read = frozenset({CHOSEN, View("real", config.rejected), CORRUPTED})
    everything = Views(read, detached=frozenset(), reference=read, only_falsifying=config.only_falsifying)
    return read_anchor(everything, config)


def loss(logps: LogProbs, config: Config) -> LossTerms:
    """Return response + modality + anchor for each record.

    With r = beta * (log pi - log pi_ref):
    response = -log sigmoid(r(y_w) - r(y_l)), y_l being ``rejected``;
    modality = -log sigmoid(r(y_w | real media) - r(y_w | both media corrupted));
    anchor = -log sigmoid(r(y_w) - delta), the one term in which log Z does not cancel.
    """
    chosen = reward_of(logps, CHOSEN, config.beta)
    rejected = reward_of(logps, View("real", config.rejected), config.beta)
    corrupted = reward_of(logps, CORRUPTED, config.beta)
    parts = {
        "response": -logsigmoid(chosen - rejected - measure_fall(chosen, config)),
        "modality": -logsigmoid(chosen - corrupted),
        "anchor": -logsigmoid(chosen - config.delta),
    }
    terms = LossTerms(
        each=parts["response"] + parts["modality"] + parts["anchor"],
        parts=parts,
        rewards={"chosen": chosen, "rejected": rejected, "corrupted": corrupted},
    )
    return add_anchor(terms, logps, config)
