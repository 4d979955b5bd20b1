"""AVEm-DPO (AVERE, arXiv 2602.07054): response preference, text-prior debiasing, modality preference."""

from typing import Literal, Self

import torch
from jaxtyping import Float
from pydantic import Field, model_validator
from torch import Tensor
from torch.nn.functional import logsigmoid

from avere.preference.losses._anchor import Anchor, AnchorWeight, add_anchor, measure_fall, read_anchor
from avere.preference.losses._rewards import CHOSEN, rejected_reward, reward_of, two_weights
from avere.preference.views import LogProbs, LossTerms, Response, View, Views
from avere.settings import Settings


class Config(Settings):
    """What the ``loss:`` section of a recipe may say; the defaults are the published values.

    The paper's ablations are values: ``lambda_av: 0`` (no modality preference), ``rejected: either``
    (no emotion-based response preference), ``gamma_tpd: 0`` (no text-prior debiasing).
    """

    beta: float = Field(default=0.1, gt=0)
    """Strength of the pull to the reference."""
    lambda_av: float = Field(default=1.0, ge=0)
    """Weight of the modality preference."""
    corrupted: Literal["relevant", "both"] = "relevant"
    """Which media it corrupts: those that the prompt is about, as published; ``both`` is ours, for with one
    replaced it is enough to see that they disagree."""
    beta_vr: float = Field(default=0.5, ge=0)
    """Weight of the spurious (video-relevant) rejected answer."""
    beta_er: float = Field(default=0.5, ge=0)
    """Weight of the hallucinated (emotion-relevant) rejected answer."""
    gamma_tpd: float = Field(default=0.2, ge=0)
    """Weight of the text prior."""
    tpd_form: Literal["published", "derived"] = "published"
    """Sign of the text prior: as printed, or as solving the paper's own objective for the reward gives it."""
    tpd_normalise: Literal["sum", "mean"] = "sum"
    """Over the tokens of an answer."""
    text_prior: Literal["reference", "policy"] = "reference"
    """Whose answers without media are the prior; the policy's are read without gradient."""
    rejected: Literal["both", "either", "spurious", "hallucinated"] = "both"
    """``both`` weighs the two by beta_vr and beta_er; the others take one, with weight 1."""
    anchor: Anchor = "none"
    """What holds up the chosen answer; none as published."""
    anchor_weight: AnchorWeight = 1.0

    @model_validator(mode="after")
    def _weights_sum_to_one(self) -> Self:
        two_weights(self.beta_vr, self.beta_er)
        return self


def _weights(config: Config) -> dict[Response, float]:
    """Return the weight of every rejected answer that is read."""
    if config.rejected != "both":
        return {config.rejected: 1.0}
    return two_weights(config.beta_vr, config.beta_er)


def _corrupted(config: Config) -> View:
    return View(config.corrupted, "chosen")


def views(config: Config) -> Views:
    """Read the answers on real media, the chosen one on corrupted media, and all of them without media."""
    answers: tuple[Response, ...] = ("chosen", *_weights(config))
    read = frozenset(View("real", which) for which in answers)
    if config.lambda_av > 0:
        read |= {_corrupted(config)}
    prior = frozenset(View("none", which) for which in answers if config.gamma_tpd > 0)
    by_policy = config.text_prior == "policy"
    counted = frozenset(answers) if prior and config.tpd_normalise == "mean" else frozenset()
    read_all = Views(
        policy=read,
        detached=prior if by_policy else frozenset(),
        reference=read if by_policy else read | prior,
        lengths=counted,
    )
    return read_anchor(read_all, config)


def text_offset(logps: LogProbs, config: Config) -> Float[Tensor, " batch"]:
    """Return t = gamma * (lp_text(y_w) - sum_i b_i lp_text(y_i)), by which words alone prefer y_w."""
    source = logps.detached if config.text_prior == "policy" else logps.reference

    def prior(which: Response) -> Tensor:
        value = source[View("none", which)].detach()
        return value / logps.lengths[which] if config.tpd_normalise == "mean" else value

    others = [weight * prior(which) for which, weight in _weights(config).items()]
    return config.gamma_tpd * (prior("chosen") - torch.stack(others).sum(dim=0))


def loss(logps: LogProbs, config: Config) -> LossTerms:
    """Return L_y + lambda_av * L_av, and the anchor, for each record.

    z_y = r(y_w) - sum_i b_i r(y_i), r = beta * (log pi - log pi_ref), i in {spurious, hallucinated};
    L_y = -log sigmoid(z_y - t) as published, -log sigmoid(z_y + t) as derived;
    L_av = -log sigmoid(r(y_w | real media) - r(y_w | ``corrupted`` media corrupted)).
    """
    chosen = reward_of(logps, CHOSEN, config.beta)
    rejected = rejected_reward(logps, _weights(config), config.beta)
    rewards = {"chosen": chosen, "rejected": rejected}
    margin = chosen - rejected - measure_fall(chosen, config)
    offsets = {}
    if config.gamma_tpd > 0:
        offset = text_offset(logps, config)
        margin = margin - offset if config.tpd_form == "published" else margin + offset
        offsets = {"tpd/offset": offset}
    each = response = -logsigmoid(margin)
    parts = {"response": response}
    if config.lambda_av > 0:
        rewards["corrupted"] = reward_of(logps, _corrupted(config), config.beta)
        parts["modality"] = -logsigmoid(chosen - rewards["corrupted"])
        each = response + config.lambda_av * parts["modality"]
    terms = LossTerms(each=each, parts=parts, rewards=rewards, offsets=offsets)
    return add_anchor(terms, logps, config)
