"""The published numbers of emotion recognition, over what the published reading did not drop."""

import math
from collections.abc import Sequence

from avere.errors import AvereError, unknown_name


def recognition_metrics(
    truth: Sequence[str], said: Sequence[str | None], labels: Sequence[str]
) -> dict[str, float]:
    """Compute accuracy, uar, war, f1_macro and f1_weighted as fractions.

    Args:
        truth: the right labels.
        said: what ``emotion_label`` made of the answers, in the same order.
        labels: all labels there are; others are refused.

    Raises:
        AvereError: lengths differ, a label is unknown, or every item was dropped.
    """
    classes = recognition_by_class(truth, said, labels)
    kept = _kept(truth, said, labels)
    right = [one for one, other in kept if one == other]
    support = {label: sum(one == label for one, _ in kept) for label in classes}
    # Oddity: the script names no labels, so its means run over those that occur on either side. One that is
    # only ever predicted adds a recall of 0, one that never occurs is left out.
    recalls = {label: numbers["recall"] for label, numbers in classes.items()}
    scores = {label: numbers["f1_score"] for label, numbers in classes.items()}
    return {
        "accuracy": len(right) / len(kept),
        "uar": sum(recalls.values()) / len(classes),
        "war": sum(recalls[label] * support[label] for label in classes) / len(kept),
        "f1_macro": sum(scores.values()) / len(classes),
        "f1_weighted": sum(scores[label] * support[label] for label in classes) / len(kept),
    }


def recognition_by_class(
    truth: Sequence[str], said: Sequence[str | None], labels: Sequence[str]
) -> dict[str, dict[str, float]]:
    """Compute precision, recall, f1_score and accuracy of each label that occurs, as fractions.

    Raises:
        AvereError: as ``recognition_metrics``.
    """
    kept = _kept(truth, said, labels)
    return {label: _class(kept, label) for label in sorted({label for pair in kept for label in pair})}


def _class(kept: Sequence[tuple[str, str]], label: str) -> dict[str, float]:
    """Compute the numbers of one label; 0/0 is 0, as scikit-learn has it."""
    hits = sum(one == other == label for one, other in kept)
    said, true = sum(other == label for _, other in kept), sum(one == label for one, _ in kept)
    precision, recall = hits / said if said else 0.0, hits / true if true else 0.0
    return {
        "precision": precision,
        "recall": recall,
        "f1_score": 2 * precision * recall / (precision + recall) if hits else 0.0,
        # Oddity: this "accuracy" is the recall again, but not a number where the label is never true.
        "accuracy": recall if true else math.nan,
    }


def _kept(truth: Sequence[str], said: Sequence[str | None], labels: Sequence[str]) -> list[tuple[str, str]]:
    """List the pairs of right and parsed label that the published script counts.

    Raises:
        AvereError: lengths differ, a label is unknown, or nothing is left.
    """
    if len(truth) != len(said):
        raise AvereError(f"{len(truth)} right labels but {len(said)} answers; give one answer an item")
    stranger = next((one for one in (*truth, *said) if one is not None and one not in labels), None)
    if stranger is not None:
        raise unknown_name("emotion", stranger, labels)
    # Oddity: what could not be read leaves the truth as well, and with it every denominator.
    kept = [(one, other) for one, other in zip(truth, said, strict=True) if other is not None]
    if not kept:
        raise AvereError("no answer could be read, and of nothing the published script makes no numbers")
    return kept
