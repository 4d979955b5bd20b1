"""Asking a model all questions of a benchmark: plan, journal, scores; resumable and repeatable."""

from avere.evaluate.rate_descriptions import rate_descriptions
from avere.evaluate.run import estimate, evaluate
from avere.evaluate.scores import rescore

__all__ = ["estimate", "evaluate", "rate_descriptions", "rescore"]
