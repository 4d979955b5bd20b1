"""The scorer published with AVERE, decision by decision, so that its numbers can be set beside ours.

Its oddities are kept on purpose, each named where it stands. Use it to compare with published tables; use
`avere.answers` and `avere.analyse` for everything else.
"""

from avere.benchmark.compat._emorealm import emorealm_correct, emorealm_metrics
from avere.benchmark.compat._labels import emotion_label
from avere.benchmark.compat._recognition import recognition_by_class, recognition_metrics

__all__ = [
    "emorealm_correct",
    "emorealm_metrics",
    "emotion_label",
    "recognition_by_class",
    "recognition_metrics",
]
