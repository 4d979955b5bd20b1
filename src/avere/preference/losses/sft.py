"""Supervised fine-tuning on the chosen answers: the control that a preference loss must beat."""

from typing import Literal

from avere.preference.views import LogProbs, LossTerms, View, Views
from avere.settings import Settings

CHOSEN = View("real", "chosen")


class Config(Settings):
    """What the ``loss:`` section of a recipe may say."""

    normalise: Literal["sum", "mean"] = "sum"
    """Over the tokens of an answer. ``sum`` gives every token of a step the same weight, as token-averaged
    training does up to a constant, and is the negative of the log-probability that all other losses read;
    ``mean`` gives every record the same weight, however long its answer."""


def views(config: Config) -> Views:
    """Read the chosen answer under the policy."""
    counted = frozenset({CHOSEN.response}) if config.normalise == "mean" else frozenset()
    return Views(frozenset({CHOSEN}), detached=frozenset(), reference=frozenset(), lengths=counted)


def loss(logps: LogProbs, config: Config) -> LossTerms:
    """Return -log pi(y_w | a, v, x), summed or averaged over tokens, for each record."""
    each = -logps.policy[CHOSEN]
    if config.normalise == "mean":
        each = each / logps.lengths[CHOSEN.response]
    return LossTerms(each=each, parts={"likelihood": each}, rewards={})
