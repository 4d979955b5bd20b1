"""What came of rounds of online training: a line, a table and curves, so that gamed rewards are seen."""

from collections.abc import Mapping, Sequence

from pydantic import Field

from avere.records import Record

ROUNDS, PICTURE = "rounds.jsonl", "rounds.png"
SHOWN = {
    "stress_auroc": "stress AUROC",
    "stress_score": "stress score",
    "description/supporting": "named cues supporting",
    "description/hallucinated": "named cues hallucinated",
    "description/displaced": "named cues displaced",
}
"""Measures of the table, all in percent."""


class RoundResult(Record):
    """What came of one round; round 0 is the base."""

    number: int
    reference: str | None = None
    """Fingerprint of the policy that answered, with which the training began."""
    records: int = 0
    trained: bool = False
    """False where no record could be made, so that the policy stayed as it was."""
    rewards: Mapping[str, float] = Field(default_factory=dict)
    """Of the answers at the beginning of the round."""
    habits: Mapping[str, float] = Field(default_factory=dict)
    measures: Mapping[str, float] = Field(default_factory=dict)
    """Of the policy at its end, on the test questions."""


def as_table(results: Sequence[RoundResult]) -> str:
    """Write a line a round: rewards and habits of its samples, and what its policy reaches on the test."""
    habits = [name for name in ("hallucinated", "spurious", "lists", "copies", "empty", "denials", "evasions")
              if any(name in one.habits for one in results)]  # fmt: skip
    measured = [name for name in SHOWN if any(name in one.measures for one in results)]
    titles = ["round", "reference", "records", "reward", *(f"samples: {name}" for name in habits)]
    lines = [[*titles, *(f"test: {SHOWN[name]}" for name in measured)]]
    for one in results:
        reward = one.rewards.get("reward")
        lines.append(
            [
                "base" if one.number == 0 else f"{one.number}" + ("" if one.trained else " (not trained)"),
                (one.reference or "")[:8],
                str(one.records) if one.number else "",
                "" if reward is None else f"{reward:.3f}",
                *(f"{100 * one.habits[name]:.1f} %" if name in one.habits else "" for name in habits),
                *(f"{one.measures[name]:.1f}" if name in one.measures else "" for name in measured),
            ]
        )
    rows = [f"| {' | '.join(line)} |" for line in lines]
    return "\n".join([rows[0], f"|{'---|' * len(lines[0])}", *rows[1:]]) + "\n"


def as_curves(results: Sequence[RoundResult]) -> dict[str, dict[int, float]]:
    """Return rewards of the policy's answers and measures of its test, in percent, by the rounds behind it.

    The answers of a round are those of the policy that the last one left.
    """
    rewards = {one.number - 1: 100 * one.rewards["reward"] for one in results if "reward" in one.rewards}
    curves = {"reward of its answers": rewards}
    for name, title in SHOWN.items():
        curves[f"test: {title}"] = {one.number: one.measures[name] for one in results if name in one.measures}
    return {title: points for title, points in curves.items() if points}
