"""One self-contained page that shows what runs measured, how they differ, and the clips behind it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import jinja2
from markupsafe import Markup

from avere import __version__
from avere.analyse import HEADLINE, MEASURES, Run, Summary, read, read_summary
from avere.errors import AvereError
from avere.report import _cases, _figures
from avere.report._tables import Measures, readers, sections

FOLDER = Path(__file__).with_name("templates")
CLIPS = 24
"""How many clips a page carries."""


def report(runs: Sequence[Path], out: Path, *, clips: int = CLIPS) -> Path:
    """Write one HTML page that compares runs and needs nothing beside itself; the first run is the base.

    Raises:
        AvereError: no run given, a folder holds none, or the runs share no condition.
    """
    if not runs:
        raise AvereError("no run to report; give the folders that `avere evaluate` wrote")
    labels = _labels(runs)
    found = dict(zip(labels, map(read, runs), strict=True))
    summaries = dict(zip(labels, map(read_summary, runs), strict=True))
    condition = _condition(summaries)
    measures = {label: summary.conditions[condition].measures for label, summary in summaries.items()}
    text = (
        _environment()
        .get_template("page.html.j2")
        .render(
            version=__version__,
            runs=found,
            summaries=summaries,
            condition=condition,
            colours=_figures.COLOURS,
            sections=sections(found, measures, condition),
            words=readers(found, condition),
            figures=_drawn(measures),
            headline={name: MEASURES[name].title for name in HEADLINE},
            controls=_controls(summaries),
            cases=_cases.choose(list(found.values()), condition, clips),
            tasks=_tasks(next(iter(found.values()))),
        )
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text, encoding="utf-8")
    return out


def _labels(runs: Sequence[Path]) -> list[str]:
    """Return a short name for each run: its folder, with the folder above where that is not enough."""
    names = [run.resolve().name for run in runs]
    twice = {name for name, count in Counter(names).items() if count > 1}
    longer = [
        f"{run.resolve().parent.name}/{name}" if name in twice else name
        for run, name in zip(runs, names, strict=True)
    ]
    if len(set(longer)) < len(longer):
        raise AvereError(f"a run was given twice among {', '.join(map(str, runs))}; give each once")
    return longer


def _condition(summaries: Mapping[str, Summary]) -> str:
    """Return the condition that the page is about: real media, else the first that all runs share."""
    shared = set.intersection(*(set(summary.conditions) for summary in summaries.values()))
    if not shared:
        raise AvereError("the runs share no condition; evaluate them under the same --conditions")
    return "av" if "av" in shared else min(shared)


def _controls(summaries: Mapping[str, Summary]) -> list[str]:
    """Return the conditions to be set side by side; none where there is but one."""
    every = sorted({name for summary in summaries.values() for name in summary.conditions})
    return sorted(every, key=lambda name: name != "av") if len(every) > 1 else []


def _tasks(run: Run) -> list[str]:
    """Return the tasks that were asked, sorted."""
    return sorted({question.task for question in run.questions.values()})


def _drawn(measures: Mapping[str, Measures]) -> dict[str, Markup]:
    """Return the plots by name; SVG of our own making, in which run names are escaped by the SVG writer."""
    return {
        draw.__name__: Markup(draw(measures))
        for draw in (_figures.headline, _figures.stress, _figures.descriptions)
    }


def _environment() -> jinja2.Environment:
    """Return templates that escape everything, so that no model can write HTML into a page."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = _number
    environment.filters["signed"] = lambda value: f"{value:+.1f}".replace("-", "\N{MINUS SIGN}")
    environment.filters["plainly"] = lambda text: str(text).replace("_", " ")
    return environment


def _number(value: float | None) -> str:
    """Return a number for a table, a dash where there is none."""
    return "\N{EN DASH}" if value is None else f"{value:.1f}".replace("-", "\N{MINUS SIGN}")
