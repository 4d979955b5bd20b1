"""The whole road from Python: plain arguments, paths as text, results as records that become tables.

Examples:
    >>> from avere import api
    >>> api.load("scripted:always-yes").name
    'scripted:always-yes'
"""

from avere.api.results import (
    ClipAnswers,
    Compared,
    Constructed,
    Evaluated,
    ResponseScore,
    ResponseScores,
    Trained,
)
from avere.api.road import ask, compare, construct, evaluate, load, report, score, train

__all__ = [
    "ClipAnswers",
    "Compared",
    "Constructed",
    "Evaluated",
    "ResponseScore",
    "ResponseScores",
    "Trained",
    "ask",
    "compare",
    "construct",
    "evaluate",
    "load",
    "report",
    "score",
    "train",
]
