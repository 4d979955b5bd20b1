"""Expectations that are written down before a test is asked, and what became of them.

Each compares two arms on one measure, over the seeds that both have. Their p values are corrected together
(Holm, 1979), so that the chance of one false claim among all stays at 5 %.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from pydantic import Field

from avere.analyse import MEASURES, Comparison, Table, adjust_holm, compare_runs
from avere.analyse.compare import format_difference, format_over_seeds
from avere.settings import Settings

LEVEL = 0.05
Verdict = Literal["borne out", "contrary", "not shown", "not run"]


class Hypothesis(Settings):
    """One arm is expected to be better than another."""

    better: str
    than: str
    measure: str
    keeps: str | None = None
    """A measure that must not be lower by more than ``margin``; None asks for none."""
    margin: float = Field(default=1.0, ge=0)
    """In points, of the lower bound of the difference in ``keeps``."""


class HypothesisFinding(NamedTuple):
    """What became of one expectation."""

    hypothesis: Hypothesis
    difference: Comparison | None
    """None: an arm was not run."""
    kept: Comparison | None
    p: float | None
    """Corrected for the number of hypotheses."""
    verdict: Verdict


def judge_hypotheses(
    hypotheses: Mapping[str, Hypothesis], tables: Mapping[str, Mapping[int, Table]]
) -> dict[str, HypothesisFinding]:
    """Compare the arms of each hypothesis over their common seeds and judge all of them together.

    Args:
        hypotheses: by name.
        tables: of each arm, by seed; what is not trained has the same table for every seed asked for.
    """
    found = {name: _compare(one, one.measure, tables) for name, one in hypotheses.items()}
    tested = {name: one.p for name, one in found.items() if one is not None and one.p is not None}
    corrected = dict(zip(tested, adjust_holm([*tested.values()]), strict=True))
    made = {}
    for name, one in hypotheses.items():
        kept = _compare(one, one.keeps, tables) if one.keeps else None
        verdict = _judge(one, found[name], kept, corrected.get(name))
        made[name] = HypothesisFinding(one, found[name], kept, corrected.get(name), verdict)
    return made


def as_markdown(findings: Mapping[str, HypothesisFinding]) -> str:
    """Write one row a hypothesis."""
    lines = [
        "| hypothesis | better | than | measure | difference | t over seeds | p (Holm) | keeps | verdict |",
        "|" + "---|" * 9,
    ]
    for name, (one, difference, kept, p, verdict) in findings.items():
        title = MEASURES[one.measure].title if one.measure in MEASURES else one.measure
        lines.append(
            f"| {name} | {one.better} | {one.than} | {title} "
            f"| {format_difference(difference) if difference else 'not run'} "
            f"| {format_over_seeds(difference) if difference else '-'} "
            f"| {'-' if p is None else f'{p:.4f}'} "
            f"| {'-' if kept is None else format_difference(kept)} | {verdict} |"
        )
    return "\n".join(lines) + "\n"


def _compare(one: Hypothesis, measure: str, tables: Mapping[str, Mapping[int, Table]]) -> Comparison | None:
    first, second = tables.get(one.than, {}), tables.get(one.better, {})
    seeds: Sequence[int] = [seed for seed in second if seed in first]
    if not seeds:
        return None
    return compare_runs([first[seed] for seed in seeds], [second[seed] for seed in seeds], measure)


def _judge(
    one: Hypothesis, difference: Comparison | None, kept: Comparison | None, p: float | None
) -> Verdict:
    """Judge an expectation: surely so, surely the other way, or neither."""
    if difference is None:
        return "not run"
    if p is None or p > LEVEL or difference.difference is None:
        return "not shown"
    if difference.difference < 0:
        return "contrary"
    lost = kept is not None and (kept.low is None or kept.low < -one.margin)
    return "not shown" if lost else "borne out"
