"""The tables of a page: every run's numbers, and their change against the first run, clip by clip."""

from collections.abc import Mapping
from typing import NamedTuple

from avere.analyse import (
    HEADLINE,
    MEASURES,
    ByParser,
    Comparison,
    Interval,
    Run,
    Table,
    by_parser,
    compare_runs,
    families,
    read_table,
)
from avere.analyse.directions import direction_of
from avere.analyse.measures import KINDS, OFFICIAL, TYPICALITY, WORDS, YES_NO, Measure, MeasureFamily
from avere.errors import AvereError

Measures = Mapping[str, Interval]
ABSENT = Interval(value=None, low=None, high=None, n=0, reason="not measured")
"""A measure that a summary of an older version lacks."""
DESCRIBED = tuple(name for name in MEASURES if name.startswith("description/") and name.count("/") == 1)
SECTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Headline", (*HEADLINE, "mean_accuracy")),
    (
        "Under stress, by kind of cue",
        tuple(
            f"{name}/{kind}" for kind in (*KINDS, "plain") for name in ("stress_accuracy", "stress_yes_rate")
        ),
    ),
    (
        "Under stress, cues that texts name often and seldom",
        (
            *(f"{name}/{how}" for name in ("stress_score", "stress_auroc") for how in TYPICALITY),
            *(f"stress_yes_rate/{kind}/{how}" for kind in KINDS for how in TYPICALITY),
        ),
    ),
    ("Free descriptions", DESCRIBED),
    (
        "The emotion, with words that fit or lie",
        (
            *(f"emotion_accuracy/{kind}" for kind in WORDS),
            "emotion_lured/no_words",
            "emotion_lured/words_lie",
        ),
    ),
    ("Published accuracies", tuple(f"accuracy/{task}" for task in OFFICIAL)),
    (
        "Yes and no, named for what they are",
        tuple(
            f"{name}/{task}"
            for task in YES_NO
            for name in ("yes_recall", "no_recall", "harmonic_mean", "yes_rate")
        ),
    ),
    (
        "Wordings seen and not seen in training",
        tuple(f"{name}/{wording}" for name in (*HEADLINE, *DESCRIBED) for wording in ("seen", "unseen")),
    ),
    (
        "Calibration, from the log-probabilities of the options",
        tuple(name for name in MEASURES if name.startswith("calibration/")),
    ),
    ("Not readable, not decided", ("unscored", "ties")),
)
"""Title and measures of each table of EmoReAlM; other benchmarks have their headline and the rest."""


class TableCell(NamedTuple):
    """One number of a table."""

    estimate: Interval
    change: Comparison | None


class TableLine(NamedTuple):
    """One measure of a table."""

    name: str
    title: str
    unit: str
    cells: tuple[TableCell, ...]
    better: int
    """1 where more is better, -1 where less is, 0 where neither can be said."""


class Section(NamedTuple):
    """One table."""

    title: str
    lines: tuple[TableLine, ...]


def table_sections(
    runs: Mapping[str, Run], measures: Mapping[str, Measures], condition: str
) -> list[Section]:
    """Make the tables; a measure that no run has is left out."""
    rows = [read_table(run, condition) for run in runs.values()]
    family = families.of(rows[0])
    found = []
    for title, names in _parts(family):
        known = [
            name
            for name in names
            if any(one.get(name, ABSENT).value is not None for one in measures.values())
        ]
        lines = (_line((name, family.measures[name]), rows, list(measures.values())) for name in known)
        if known:
            found.append(Section(title, tuple(lines)))
    return found


def lift_differences(sections: list[Section], count: int = 4) -> list[Section]:
    """Put beside the headlines the measures of any table that differ most surely from the first run.

    Parts of a measure (by wording and so on) and yes-rates do not count; nothing is taken from its table.
    """
    if not sections:
        return sections
    first, *rest = sections
    known = {line.name for line in first.lines}
    lines = {line.name: line for section in rest for line in section.lines if line.name.count("/") < 2}
    strengths = {name: max(map(_strength, line.cells)) for name, line in lines.items() if line.better}
    chosen = sorted((name for name in strengths if strengths[name] > 0), key=lambda name: -strengths[name])
    lifted = tuple(lines[name] for name in chosen if name not in known)[:count]
    return [first._replace(lines=(*first.lines, *lifted)), *rest]


def _strength(cell: TableCell) -> float:
    """Measure how sure a change is, in widths of its interval; 0 where it is not."""
    change = cell.change
    if change is None or change.difference is None or change.low is None or change.high is None:
        return 0.0
    sure = not change.low <= 0 <= change.high
    return abs(change.difference) / max(change.high - change.low, 1e-9) if sure else 0.0


def _parts(family: MeasureFamily) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """List title and measures of each table."""
    if family.measures is MEASURES:
        return SECTIONS
    rest = tuple(name for name in family.measures if name not in family.headline)
    return (("Headline", family.headline), ("All other measures", rest))


class Words(NamedTuple):
    """What each parser makes of the words of each run."""

    tasks: tuple[str, ...]
    lines: tuple[tuple[str, ByParser], ...]
    """Each with the name of its run."""


def parser_table(runs: Mapping[str, Run], condition: str) -> Words | None:
    """Make the table of parsers, or None where no run answered closed questions in words."""
    lines = tuple((label, line) for label, run in runs.items() for line in by_parser(run, condition))
    tasks = sorted({task for _, line in lines for task in line.accuracies})
    return Words(tuple(tasks), lines) if lines else None


def _line(measure: tuple[str, Measure], rows: list[Table], measures: list[Measures]) -> TableLine:
    """Make the line of one measure, all runs side by side."""
    name, about = measure
    cells = tuple(
        TableCell(one.get(name, ABSENT), _change(rows[0], table, name) if number else None)
        for number, (table, one) in enumerate(zip(rows, measures, strict=True))
    )
    return TableLine(name, about.title, about.unit, cells, direction_of(name))


def _change(first: Table, other: Table, name: str) -> Comparison | None:
    """Compare a run with the first; None where they were asked different questions."""
    try:
        return compare_runs([first], [other], name)
    except AvereError:
        return None
