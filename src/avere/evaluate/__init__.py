"""Asking a model all questions of a benchmark: plan, journal, scores; resumable and repeatable."""

from avere.evaluate.rate_descriptions import rate_descriptions
from avere.evaluate.run import estimate_cost, evaluate_model
from avere.evaluate.scores import rescore_run

__all__ = ["estimate_cost", "evaluate_model", "rate_descriptions", "rescore_run"]
