"""MoD-DPO (Chaubey et al., CVPR 2026, arXiv 2603.03192): irrelevant media shall not count, relevant shall."""

from itertools import product
from typing import Literal, Self

from jaxtyping import Float
from pydantic import Field, model_validator
from torch import Tensor
from torch.nn.functional import logsigmoid

from avere.preference.losses._anchor import Anchor, AnchorWeight, add_anchor, measure_fall, read_anchor
from avere.preference.losses._rewards import CHOSEN, reward_of
from avere.preference.views import LogProbs, LossTerms, Media, Response, View, Views
from avere.settings import Settings


class Config(Settings):
    """What the ``loss:`` section of a recipe may say; the defaults are the published values.

    There is no ``only_falsifying``: the relevant corruption of a record makes the chosen answer false or is
    the real input, and the irrelevant one shall leave it true.
    """

    beta: float = Field(default=0.1, gt=0)
    """Strength of the pull to the reference."""
    beta_inv: float = Field(default=0.02, ge=0)
    """Strength of the pull to the policy's own answers with the irrelevant media corrupted."""
    beta_sens: float = Field(default=0.05, ge=0)
    """Strength of the push from the policy's own answers with the relevant media corrupted."""
    gamma_tpd: float = Field(default=0.05, ge=0)
    """Weight of the text prior, which is the reference's and has the published sign."""
    rejected: Literal["either", "spurious", "hallucinated"] = "either"
    """The rejected answer. The published one tells of the other modality; ``either`` is ours, for records
    whose rejected answers are unfaithful in other ways."""
    anchor: Anchor = "none"
    """What holds up the chosen answer; none as published."""
    anchor_weight: AnchorWeight = 1.0

    @model_validator(mode="after")
    def _pull_exceeds_push(self) -> Self:
        pull = self.beta + self.beta_inv
        if pull - self.beta_sens < 1e-9:
            raise ValueError(
                f"beta + beta_inv is {pull:g}, not above beta_sens {self.beta_sens:g}; the objective then "
                "has no maximum and the loss would lower the chosen answer: lower beta_sens"
            )
        return self


def _answers(config: Config) -> tuple[Response, Response]:
    return "chosen", config.rejected


def _detached(config: Config) -> tuple[Media, ...]:
    """Return the corruptions that are read."""
    weights: dict[Media, float] = {"irrelevant": config.beta_inv, "relevant": config.beta_sens}
    return tuple(media for media, weight in weights.items() if weight > 0)


def views(config: Config) -> Views:
    """Read both answers: on real media with gradient, on corrupted ones without, and as text alone."""
    answers = _answers(config)
    real = frozenset(View("real", which) for which in answers)
    prior = frozenset(View("none", which) for which in answers if config.gamma_tpd > 0)
    corrupted = frozenset(View(*each) for each in product(_detached(config), answers))
    return read_anchor(Views(policy=real, detached=corrupted, reference=real | prior), config)


def media_offset(logps: LogProbs, config: Config) -> Float[Tensor, " batch"]:
    """Return beta_inv * [d(real) - d(irrelevant)] - beta_sens * [d(real) - d(relevant)].

    d(media) = log pi(y_w | media) - log pi(y_l | media), the corrupted ones without gradient.
    """
    chosen, other = _answers(config)
    signs: dict[Media, float] = {"irrelevant": config.beta_inv, "relevant": -config.beta_sens}
    real = logps.policy[CHOSEN] - logps.policy[View("real", other)]
    total = real.new_zeros(real.shape)
    for media in _detached(config):
        corrupted = logps.detached[View(media, chosen)] - logps.detached[View(media, other)]
        total = total + signs[media] * (real - corrupted.detach())
    return total


def loss(logps: LogProbs, config: Config) -> LossTerms:
    """Return -log sigmoid(S(y_w) - S(y_l) - gamma * [lp_text(y_w) - lp_text(y_l)]) + anchor for each record.

    S(y) = (beta + beta_inv - beta_sens) * log pi(y | real) - beta * log pi_ref(y | real)
           - beta_inv * log pi(y | irrelevant corrupted) + beta_sens * log pi(y | relevant corrupted),
    with no gradient through the last two. This is our derivation: the reward whose best policy under the
    published objective, E[reward] - beta * KL(pi, pi_ref) - beta_inv * KL(pi, pi(irrelevant corrupted))
    + beta_sens * KL(pi, pi(relevant corrupted)), is pi, put into the Bradley-Terry model. The terms are
    gathered: S(y_w) - S(y_l) is the difference of the rewards plus ``media_offset``.
    """
    chosen = reward_of(logps, CHOSEN, config.beta)
    rejected = reward_of(logps, View("real", config.rejected), config.beta)
    offsets = {"media/offset": media_offset(logps, config)}
    margin = chosen - rejected - measure_fall(chosen, config) + offsets["media/offset"]
    if config.gamma_tpd > 0:
        text, other = (logps.reference[View("none", which)].detach() for which in _answers(config))
        offsets["tpd/offset"] = config.gamma_tpd * (text - other)
        margin = margin - offsets["tpd/offset"]
    each = -logsigmoid(margin)
    terms = LossTerms(
        each=each,
        parts={"response": each},
        rewards={"chosen": chosen, "rejected": rejected},
        offsets=offsets,
    )
    return add_anchor(terms, logps, config)
