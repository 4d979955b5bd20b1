"""Which way a measure is better: up for most, down for errors, neither for mere habits of answering."""

LESS = frozenset(
    {
        *("unscored", "ties", "off_wheels", "emotion_lured"),
        *("calibration/ece", "calibration/rms", "calibration/brier", "calibration/aurc"),
        *(
            f"description/{kind}"
            for kind in ("displaced", "spurious", "hallucinated", "wrong_modality", "unparsed")
        ),
    }
)
"""Names, or beginnings of names up to a slash, of measures that are better when they are lower."""
NEITHER = frozenset({"yes_rate", "stress_yes_rate", "description/cues", "words"})
"""Measures of habits: a yes-rate is good or bad only by the questions that it is of."""


def direction_of(name: str) -> int:
    """Find which way a measure is better: 1 up, -1 down, 0 neither.

    >>> [direction_of(name) for name in ("stress_auroc/rare", "description/hallucinated/seen", "yes_rate/x")]
    [1, -1, 0]
    """
    parts = name.split("/")
    beginnings = {"/".join(parts[:count]) for count in range(1, len(parts) + 1)}
    return 0 if beginnings & NEITHER else -1 if beginnings & LESS else 1
