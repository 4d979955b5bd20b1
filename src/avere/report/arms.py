"""Plots of many arms of a study: how far each is from the base, and how that changes along a setting."""

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import TYPE_CHECKING, NamedTuple

from avere.report._figures import COLOURS, GREY, encode_png, make_canvas

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SOLID = COLOURS[0]
BETTER, WORSE = f"{COLOURS[0]}50", f"{COLOURS[5]}60"
"""Tints behind a number, light enough to read it on."""


class Dot(NamedTuple):
    """A value with its intervals; None where there is none."""

    value: float
    low: float | None = None
    high: float | None = None
    over_seeds: tuple[float, float] | None = None
    """By t over training seeds, drawn thin behind the other."""


def forest(panels: Mapping[str, Mapping[str, Dot | None]]) -> bytes:
    """Draw a PNG with one panel a measure and one row an arm, the base as a line at zero; None: not run.

    Dots are filled where all their intervals leave out zero; one without an interval is hollow.
    """
    names = list(next(iter(panels.values())))
    figure, every = make_canvas(2.6 + 2.6 * len(panels), 0.9 + 0.24 * len(names), columns=len(panels))
    for place, (axes, (title, arms)) in enumerate(zip(every, panels.items(), strict=True)):
        axes.axvline(0, color=GREY, linewidth=1)
        for row, dot in enumerate(arms.values()):
            if dot is not None:
                for ends, width in _spans(dot):
                    axes.plot(ends, [row, row], color=SOLID, linewidth=width)
                axes.plot(dot.value, row, "o", color=SOLID, markerfacecolor=_inside(dot), markersize=5.5)
        labels = [name if arms[name] is not None else f"{name} (not run)" for name in names]
        axes.set_yticks(range(len(names)), labels if place == 0 else [""] * len(names), fontsize=8)
        axes.tick_params(labelcolor="black", labelsize=8)
        axes.set_ylim(len(names) - 0.4, -0.6)
        axes.grid(axis="x", color=GREY, alpha=0.25)
        axes.set_title(title, fontsize=10)
        axes.set_xlabel("gain over the base, points")
    return encode_png(figure)


def effects(panels: Mapping[str, Mapping[str, Dot | None]], directions: Sequence[int]) -> bytes:
    """Draw a PNG with one row an arm and one column a measure: its gain, tinted where that is sure.

    Args:
        panels: the gains over the base by arm, by the title of each measure; None: not run.
        directions: of each measure, 1 where more is better, -1 where less is.
    """
    names = list(next(iter(panels.values())))
    figure, (axes,) = make_canvas(2.2 + 0.95 * len(panels), 1.5 + 0.27 * len(names))
    for column, (arms, better) in enumerate(zip(panels.values(), directions, strict=True)):
        for row, dot in enumerate(arms.values()):
            sure = dot is not None and _is_sure(dot)
            if dot is not None and sure:
                tint = BETTER if dot.value * better > 0 else WORSE
                axes.barh(row, 1, height=1, left=column - 0.5, color=tint, edgecolor="white")
            told = "–" if dot is None else f"{dot.value:+.1f}"
            axes.text(column, row, told, ha="center", va="center", fontsize=8,
                      color="black" if sure else GREY)  # fmt: skip
    titles = [fill(title, 15, break_long_words=False) for title in panels]
    axes.xaxis.tick_top()
    axes.set_xticks(range(len(titles)), titles, fontsize=7)
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.tick_params(labelcolor="black", length=0)
    axes.spines[:].set_visible(False)
    axes.set_xlim(-0.5, len(titles) - 0.5)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xlabel(
        "gain over the base, points; blue: surely better, orange: surely worse, grey: undecided", fontsize=8
    )
    return encode_png(figure)


def curves(found: Mapping[str, Mapping[str, Sequence[tuple[float, Dot]]]]) -> bytes:
    """Draw a PNG with one column a setting and one row a measure; each dot is an arm, the base is zero."""
    titles = list(next(iter(found.values())))
    figure, every = make_canvas(
        1.0 + 2.7 * len(found), 2.2 * len(titles), rows=len(titles), columns=len(found)
    )
    places = iter(every)
    for title in titles:
        for column, (key, measures) in enumerate(found.items()):
            axes = next(places)
            _curve(axes, measures[title])
            if column == 0:
                axes.set_ylabel(f"{title},\ngain over the base", fontsize=9)
            if title == titles[-1]:
                axes.set_xlabel(key)
    return encode_png(figure)


def _curve(axes: "Axes", dots: Sequence[tuple[float, Dot]]) -> None:
    """Draw one setting and measure."""
    axes.axhline(0, color=GREY, linewidth=1)
    axes.plot([x for x, _ in dots], [dot.value for _, dot in dots], color=SOLID, linewidth=1.2)
    for x, dot in dots:
        for ends, width in _spans(dot):
            axes.plot([x, x], ends, color=SOLID, linewidth=width)
        axes.plot(x, dot.value, "o", color=SOLID, markerfacecolor=_inside(dot), markersize=5.5)
    axes.set_xticks(sorted({x for x, _ in dots}), [f"{x:g}" for x in sorted({x for x, _ in dots})])
    axes.tick_params(labelcolor="black", labelsize=8)
    axes.grid(axis="y", color=GREY, alpha=0.25)


def _spans(dot: Dot) -> list[tuple[tuple[float, float], float]]:
    """List the intervals of a dot with the widths of their lines."""
    found = [(dot.over_seeds, 0.5)] if dot.over_seeds else []
    return found + ([((dot.low, dot.high), 1.6)] if dot.low is not None and dot.high is not None else [])


def _inside(dot: Dot) -> str:
    """Choose the colour within a dot."""
    return SOLID if _is_sure(dot) else "white"


def _is_sure(dot: Dot) -> bool:
    """True where a dot has an interval and all that it has leave out zero."""
    spans = [ends for ends, _ in _spans(dot)]
    return dot.low is not None and all(not low <= 0 <= high for low, high in spans)
