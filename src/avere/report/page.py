"""One self-contained page that shows what runs measured, how they differ, and the clips behind it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import jinja2
from markupsafe import Markup

from avere import __version__, files
from avere.analyse import MEASURES, Run, Summary, calibration, families, read_table
from avere.analyse.compare import Difference
from avere.analyse.controls import control_title
from avere.analyse.findings import WORDS, explain_title, find_changes
from avere.analyse.intervals import FEWEST_CLIPS, Interval
from avere.analyse.measures import HEADLINE, MeasureFamily
from avere.analyse.people import read_people
from avere.report import _cases, _figures, _people
from avere.report._reasons import make_sections
from avere.report._runs import describe_runs, gather_runs
from avere.report._tables import Measures, lift_differences, parser_table, table_sections

FOLDER = Path(__file__).with_name("templates")
TASKS = {
    "reasoning_basic_audio": "What is heard (basic)",
    "reasoning_basic_video": "What is seen (basic)",
    "reasoning_stress_audio": "Does this sound show it (stress)",
    "reasoning_stress_video": "Does this sight show it (stress)",
    "modality_agreement": "Do face and voice agree",
    "description_audio": "Description of the voice",
    "description_video": "Description of the face",
    "emotion_audio": "Emotion of the voice",
    "emotion_video": "Emotion of the face",
}
"""Tasks in words."""
CLIPS = 24
"""How many clips a page carries."""


def write_page(
    runs: Sequence[Path],
    out: Path,
    *,
    clips: int = CLIPS,
    media_roots: Sequence[Path] = (),
    people: Path | None = None,
) -> Path:
    """Write one HTML page that compares runs and needs nothing beside itself; the first run is the base.

    Clips are shown that lie below the first run's folder or one of ``media_roots``, or belong to other
    records of the same clips, such as those of the world that the questions were made of. ``people`` is a
    folder that ``avere verify accept`` wrote: how often people are right stands beside the runs.

    Raises:
        AvereError: no run given, a folder holds none, or the runs share no condition.
    """
    found, summaries, condition = gathered = gather_runs(runs)
    measures = gathered.measures(condition)
    family = families.of(read_table(next(iter(found.values())), condition))
    whole = family.measures is MEASURES
    cases = _cases.choose(list(found.values()), condition, clips, media_roots)
    text = (
        _environment()
        .get_template("page.html.j2")
        .render(
            version=__version__,
            fewest=FEWEST_CLIPS,
            runs=found,
            summaries=summaries,
            condition=condition,
            colours=_figures.COLOURS,
            sections=lift_differences(table_sections(found, measures, condition)),
            findings=find_changes({label: read_table(run, condition) for label, run in found.items()}),
            made=describe_runs(runs, found),
            words_for=WORDS,
            words=parser_table(found, condition),
            people=_people.make_lines(read_people(people), measures) if people else [],
            figures=_drawn(measures, family) | _curves(found, condition),
            control_titles=_control_titles(summaries),
            skipped=any(summary.skipped for summary in summaries.values()),
            headline={name: family.measures[name].title for name in (HEADLINE if whole else family.headline)},
            controls=_controls(summaries),
            reasons=make_sections(found),
            cases=cases,
            left_out=sum(bool(case.left_out) for case in cases),
            tasks=_tasks(next(iter(found.values()))),
        )
    )
    return files.write_text(out, text)


def _controls(summaries: Mapping[str, Summary]) -> list[str]:
    """List the conditions to be set side by side; none where there is but one."""
    every = sorted({name for summary in summaries.values() for name in summary.conditions})
    return sorted(every, key=lambda name: name != "av") if len(every) > 1 else []


def _tasks(run: Run) -> list[str]:
    """List the tasks that were asked, sorted."""
    return sorted({question.task for question in run.questions.values()})


def _drawn(measures: Mapping[str, Measures], family: MeasureFamily) -> dict[str, Markup]:
    """Draw the plots by name; SVG of our own making, in which run names are escaped by the SVG writer."""
    if family.measures is not MEASURES:
        return {"overview": Markup(_figures.overview(measures, family))}
    return {
        draw.__name__: Markup(draw(measures))
        for draw in (_figures.headline, _figures.stress, _figures.descriptions)
    }


def _curves(runs: Mapping[str, Run], condition: str) -> dict[str, Markup]:
    """Draw the plot of risk and coverage, or none where no run gave log-probabilities."""
    curves = {label: calibration.curve(read_table(run, condition)) for label, run in runs.items()}
    known = any(coverage.size for coverage, _ in curves.values())
    return {"risk_coverage": Markup(_figures.risk_coverage(curves))} if known else {}


def _control_titles(summaries: Mapping[str, Summary]) -> dict[str, str]:
    """Name the controls that any run has for people, in order."""
    return {name: control_title(name) for summary in summaries.values() for name in summary.controls}


def _environment() -> jinja2.Environment:
    """Load templates that escape everything, so that no model can write HTML into a page."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = _number
    environment.filters["bounds"] = _bounds
    environment.filters["signed"] = lambda value: f"{value:+.1f}".replace("-", "\N{MINUS SIGN}")
    environment.filters["verdict"] = _verdict
    environment.filters["explained"] = explain_title
    environment.filters["task"] = lambda name: TASKS.get(name, str(name).replace("_", " "))
    environment.filters["plainly"] = lambda text: str(text).replace("_", " ")
    return environment


def _number(value: float | None) -> str:
    """Write a number for a table, a dash where there is none."""
    return "\N{EN DASH}" if value is None else f"{value:.1f}".replace("-", "\N{MINUS SIGN}")


def _bounds(one: Interval) -> str:
    """Write the ends of an interval, or the reason why there is none."""
    if one.low is None or one.high is None:
        return (one.reason or "") if one.value is not None else ""
    return f"{_number(one.low)} to {_number(one.high)}"


def _verdict(change: Difference, better: int) -> str:
    """Name what a sure change is, ``better``, ``worse`` or ``moved``; nothing where it is not sure."""
    if change.low is None or change.high is None or change.low <= 0 <= change.high:
        return ""
    side = better * (1 if change.low > 0 else -1)
    return {1: "better", -1: "worse", 0: "moved"}[side]
