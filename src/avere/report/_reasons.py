"""The part of a page on what answers rest on: tables, plots and films of what `avere analyse` found."""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from markupsafe import Markup

from avere.analyse import Run
from avere.analyse.why import ReasonLine, Reasons, read_reasons, reason_lines
from avere.analyse.why.films import choose_maps, film_of
from avere.records import Question
from avere.report import _reason_figures as figures

TITLES = {
    "attention": "Attention",
    "swap": "Media of another clip",
    "shapley": "What each medium is worth",
    "occlude": "What is covered",
}
NOTES = {
    "attention": (
        "How the heads deal out their attention while the answer is written, exact, on a sample of clips. "
        "The last bar tells what attention blind to content would be: the shares of the tokens."
    ),
    "swap": (
        "The sound or the picture is that of a clip that shows another emotion. The medium that is not asked "
        "about should move nothing. The shortcut index is its part of both main effects: 0 where it counts "
        "nothing, 50 where it counts as much as the medium asked about."
    ),
    "shapley": (
        "Media are withheld one by one. The value of a medium is its Shapley value for the log-odds of the "
        "right answer, exact for two players: what it adds, mean over both orders of giving the media. Each "
        "dot is a question."
    ),
    "occlude": (
        "Parts of the frame and of the sound are covered one by one. The orange is by how much the log-odds "
        "of the answer fall then; the bars below tell the same over the seconds. Where the truth is known, a "
        "map hits if it peaks at the cue that the question names."
    ),
}
FILMS = 6
"""How many films a page carries of each run."""


class Film(NamedTuple):
    """An occlusion map that plays, with what it is about."""

    run: str
    address: Markup
    question: Question
    answer: str
    right: bool | None
    odds: float


class ReasonSection(NamedTuple):
    """One analysis: its numbers, plots and films."""

    name: str
    title: str
    note: str
    lines: tuple[ReasonLine, ...]
    figures: tuple[tuple[str, Markup], ...]
    """Each under its caption."""
    films: tuple[Film, ...] = ()
    clips: int = 0
    """How many clips the sample has."""


def make_sections(runs: Mapping[str, Run]) -> list[ReasonSection]:
    """Make the sections of all that was analysed of any run.

    Raises:
        RecordError: a line of a file is wrong.
    """
    found = {label: read_reasons(run.folder) for label, run in runs.items()}
    sections = []
    for name, title in TITLES.items():
        own = {label: one for label, one in found.items() if getattr(one, name)}
        if own:
            lines = tuple(reason_lines(found, name))
            clips = max(len({each.clip for each in getattr(one, name)}) for one in own.values())
            films = _films(runs, own) if name == "occlude" else ()
            drawn = _drawn(name, own, tuple(reason_lines(own, name)))
            sections.append(ReasonSection(name, title, NOTES[name], lines, drawn, films, clips))
    return sections


def _drawn(
    name: str, own: Mapping[str, Reasons], lines: tuple[ReasonLine, ...]
) -> tuple[tuple[str, Markup], ...]:
    """Draw the plots of an analysis; SVG of our own making, in which names are escaped by its writer."""
    if name == "attention":
        heads = "Layer by layer and head by head: share of attention on the medium asked about."
        return (
            ("Attention by kind of token.", Markup(figures.draw_attention(own))),
            (heads, Markup(figures.draw_heads(own))),
        )
    if name == "swap":
        grid = "Mean log-odds of the model's own answer with own and other media."
        return (
            ("By how much the answer's log-likelihood moves.", Markup(figures.draw_shifts(own, lines))),
            (grid, Markup(figures.draw_grids(own))),
        )
    if name == "shapley":
        return (("Value of sound and picture, question by question.", Markup(figures.draw_values(own))),)
    if any(line.name.startswith("peak/") for line in lines):
        return (("How often a map peaks at its cue.", Markup(figures.draw_pointing(own, lines))),)
    return ()


def _films(runs: Mapping[str, Run], own: Mapping[str, Reasons]) -> tuple[Film, ...]:
    """Gather the films of the maps that show most, run by run."""
    return tuple(
        Film(label, _address(file), runs[label].questions[one.question], one.answer, one.right, one.log_odds)
        for label, found in own.items()
        for one in choose_maps(found.occlude, FILMS)
        if (file := film_of(runs[label].folder, one.question)).is_file()
    )


def _address(file: Path) -> Markup:
    """Write a film as a data address."""
    return Markup("data:video/mp4;base64,") + base64.b64encode(file.read_bytes()).decode()
