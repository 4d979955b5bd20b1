"""The numbers of a report for papers and programs: CSV, LaTeX, Markdown, a picture; always with intervals."""

import csv
import io
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, get_args

from avere import files
from avere.analyse import families, read_table
from avere.analyse.compare import format_difference
from avere.analyse.findings import find_changes
from avere.analyse.intervals import format_interval
from avere.errors import AvereError
from avere.report import _figures, page
from avere.report._runs import Gathered, gather_runs
from avere.report._tables import Section, TableCell, table_sections

Form = Literal["html", "csv", "latex", "markdown", "png"]
SUFFIXES: dict[str, Form] = {
    ".html": "html",
    ".csv": "csv",
    ".tex": "latex",
    ".md": "markdown",
    ".png": "png",
}
COLUMNS = (
    *("condition", "measure", "unit", "run", "value", "low", "high", "n"),
    *("difference", "difference_low", "difference_high", "p", "detectable"),
    *("reason", "difference_reason"),
)
"""Of a CSV: a row a condition, measure and run; differences are from the first run; reasons: no interval."""
SPECIAL = {
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


def form_of(out: Path) -> Form:
    """Find the form that a file's suffix stands for.

    Raises:
        AvereError: it stands for none.
    """
    if out.suffix.lower() not in SUFFIXES:
        raise AvereError(
            f"'{out}' does not say what it shall be; end it in {', '.join(SUFFIXES)} "
            f"or give --to {'|'.join(get_args(Form))}"
        )
    return SUFFIXES[out.suffix.lower()]


def export_tables(
    runs: Sequence[Path],
    out: Path,
    form: Form,
    *,
    clips: int = page.CLIPS,
    media_roots: Sequence[Path] = (),
    people: Path | None = None,
) -> Path:
    """Write what runs measured in one form; the first run is the base of all differences.

    Raises:
        AvereError: no run given, a folder holds none, the runs share no condition, or people are to stand
            elsewhere than in a page.
    """
    if form == "html":
        return page.write_page(runs, out, clips=clips, media_roots=media_roots, people=people)
    if people is not None:
        raise AvereError(
            f"--people goes into a page, and '{out}' is none; leave it out or end --out in .html"
        )
    found = gather_runs(runs)
    if form == "png":
        first = read_table(next(iter(found.runs.values())), found.condition)
        return files.write_bytes(out, _figures.picture(found.measures(found.condition), families.of(first)))
    write: dict[str, Callable[[Gathered], str]] = {"csv": _csv, "latex": _latex, "markdown": _markdown}
    return files.write_text(out, write[form](found))


def list_findings(runs: Sequence[Path]) -> list[str]:
    """List what was found, in the sentences that a page begins with.

    Raises:
        AvereError: no run given, a folder holds none, or the runs share no condition.
    """
    found = gather_runs(runs)
    tables = {label: read_table(run, found.condition) for label, run in found.runs.items()}
    return [sentence for one in find_changes(tables) for sentence in one.sentences]


def _csv(found: Gathered) -> str:
    """Write every measure under every condition that the runs share, then the controls."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    shared = set.intersection(*(set(summary.conditions) for summary in found.summaries.values()))
    for condition in sorted(shared):
        for section in _sections(found, condition):
            for line in section.lines:
                for run, cell in zip(found.runs, line.cells, strict=True):
                    writer.writerow([condition, line.name, line.unit, run, *_fields(cell)])
    for run, summary in found.summaries.items():
        for name, one in summary.controls.items():
            writer.writerow(["controls", name, "%", run, *_fields(TableCell(one, None))])
    return file.getvalue()


def _fields(cell: TableCell) -> list[float | str | None]:
    """List the numbers of a cell, empty where there is none."""
    one, change = cell.estimate, cell.change
    values: list[float | str | None] = [one.value, one.low, one.high, one.n]
    if change is None:
        return [*values, None, None, None, None, None, one.reason, None]
    found = [change.difference, change.low, change.high, change.p, change.detectable]
    return [*values, *found, one.reason, change.reason]


def _markdown(found: Gathered) -> str:
    """Write one table a section."""
    lines = [
        f"Condition {found.condition}; 95 % intervals over clips; changes from {next(iter(found.runs))}."
    ]
    for section in _sections(found, found.condition):
        lines += ["", f"## {section.title}", "", _row(["measure", *found.runs])]
        lines.append(_row(["---", *("---:" for _ in found.runs)]))
        for line in section.lines:
            lines.append(_row([line.title, *(_cell(cell, "<br>") for cell in line.cells)]))
    return "\n".join(lines) + "\n"


def _row(cells: Sequence[str]) -> str:
    """Write a row of a Markdown table; a bar inside a cell is no border."""
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _latex(found: Gathered) -> str:
    """Write one table for the package booktabs, its sections under rules."""
    lines = [
        f"% Condition {found.condition}; 95 % intervals over clips; changes from {next(iter(found.runs))}.",
        rf"\begin{{tabular}}{{l{'r' * len(found.runs)}}}",
        r"\toprule",
        rf"Measure & {' & '.join(map(_escaped, found.runs))} \\",
    ]
    for section in _sections(found, found.condition):
        lines += [
            r"\midrule",
            rf"\multicolumn{{{len(found.runs) + 1}}}{{l}}{{\emph{{{_escaped(section.title)}}}}} \\",
        ]
        for line in section.lines:
            cells = (_escaped(_cell(cell, "; ")) for cell in line.cells)
            lines.append(rf"{_escaped(line.title)} & {' & '.join(cells)} \\")
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}"]) + "\n"


def _escaped(text: str) -> str:
    """Escape a text so that no character is a command of LaTeX."""
    return re.sub(r"[&%$#_{}\\~^]", lambda sign: SPECIAL[sign[0]], text)


def _sections(found: Gathered, condition: str) -> list[Section]:
    """Make the tables of one condition."""
    return table_sections(found.runs, found.measures(condition), condition)


def _cell(cell: TableCell, separator: str) -> str:
    """Write a number with its interval and, under later runs, its change with that one's."""
    parts = [format_interval(cell.estimate)]
    if cell.change is not None and cell.change.difference is not None:
        parts.append(format_difference(cell.change))
    return separator.join(parts)
