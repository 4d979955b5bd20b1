"""Asking a model all questions of a benchmark: plan, journal, scores; resumable and repeatable."""

from avere.evaluate.judging import judge
from avere.evaluate.run import evaluate
from avere.evaluate.scores import rescore

__all__ = ["evaluate", "judge", "rescore"]
