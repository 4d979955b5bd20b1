"""The plots of a page, as SVG that takes its text colour from the page around it."""

import io
from collections.abc import Mapping, Sequence
from math import nan
from typing import TYPE_CHECKING, Any

from avere.analyse import HEADLINE, MEASURES, Interval
from avere.analyse.intervals import Numbers
from avere.analyse.measures import MeasureFamily
from avere.answers.descriptions import VERDICTS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Measures = Mapping[str, Interval]
"""Estimates by measure."""
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8C8C8C", "#B8A800")
"""Told apart by colour-blind readers (Okabe and Ito); one a run."""
VERDICT_COLOURS = ("#009E73", "#E69F00", "#56B4E9", "#D55E00", "#8C8C8C")
KINDS = ("supporting", "displaced", "hallucinated", "plain")
GREY = "#808080"
LITERAL: dict[Any, Any] = {"text.parse_math": False}
"""Names of runs are no formulas, whatever signs they hold."""


def headline(runs: Mapping[str, Measures]) -> str:
    """Draw bars of the headline measures, with intervals and the line of chance."""
    figure, (axes,) = make_canvas(8.4, 3.3)
    _headline(axes, runs)
    return encode_svg(figure)


def stress(runs: Mapping[str, Measures]) -> str:
    """Draw accuracy by kind of cue as bars, and beside each bar the rate of "yes" as a diamond."""
    figure, (axes,) = make_canvas(8.4, 3.3)
    _stress(axes, runs)
    return encode_svg(figure)


def overview(runs: Mapping[str, Measures], family: MeasureFamily) -> str:
    """Draw the headline measures of any benchmark as lying bars, those of each unit apart."""
    return encode_svg(_overview(runs, family))


def picture(runs: Mapping[str, Measures], family: MeasureFamily) -> bytes:
    """Draw the first plots of a page as a PNG on white; the same bytes for the same plot."""
    if family.measures is MEASURES:
        figure, (upper, lower) = make_canvas(8.4, 6.6, rows=2)
        _headline(upper, runs)
        _stress(lower, runs)
    else:
        figure = _overview(runs, family)
    return encode_png(figure)


def _overview(runs: Mapping[str, Measures], family: MeasureFamily) -> "Figure":
    """Draw the headline measures of a benchmark; one that no run has is left out."""
    units: dict[str, list[str]] = {}
    for name in family.headline:
        if any(measures[name].value is not None for measures in runs.values()):
            units.setdefault(family.measures[name].unit, []).append(name)
    bars = sum(map(len, units.values())) * len(runs)
    figure, every = make_canvas(
        8.4, 1.2 + 0.6 * len(units) + 0.26 * bars, heights=[*map(len, units.values())]
    )
    for axes, (unit, names) in zip(every, units.items(), strict=False):
        _bars(axes, runs, names, lying=True)
        axes.invert_yaxis()
        axes.grid(axis="x", color=GREY, alpha=0.25)
        axes.tick_params(axis="y", length=0)
        axes.set_yticks(range(len(names)), [family.measures[name].title for name in names])
        axes.set_xlabel(unit)
        axes.set_xlim(0, 100 if unit == "%" else 10 if unit == "of 10" else None)
    every[0].legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=9)
    return figure


def _errors(found: Sequence[Interval]) -> list[list[float]]:
    """Measure the reach of intervals below and above the values; without one not a number: no whiskers."""
    known = [(one.value or 0.0, one.low, one.high) for one in found]
    below = [nan if low is None else max(0.0, value - low) for value, low, _ in known]
    above = [nan if high is None else max(0.0, high - value) for value, _, high in known]
    return [below, above]


def _headline(axes: "Axes", runs: Mapping[str, Measures]) -> None:
    """Draw the headline measures."""
    names = [*HEADLINE, "mean_accuracy"]
    _bars(axes, runs, names)
    for place, name in enumerate(names[:-1]):
        chance = 25 if name == "basic_accuracy" else 50
        axes.plot([place - 0.45, place + 0.45], [chance, chance], ":", color=GREY, linewidth=1.2)
    labels = ["Stress\nscore", "Stress\nAUROC", "Basic\naccuracy", "Agreement\n(balanced)", "Mean of\nfive"]
    _finish(axes, labels)


def _stress(axes: "Axes", runs: Mapping[str, Measures]) -> None:
    """Draw accuracy and yes-rate by kind of cue."""
    _bars(axes, runs, [f"stress_accuracy/{kind}" for kind in KINDS])
    width = 0.8 / len(runs)
    for number, measures in enumerate(runs.values()):
        rates = [measures[f"stress_yes_rate/{kind}"].value for kind in KINDS]
        places = [place + (number + 0.5) * width - 0.4 for place in range(len(KINDS))]
        known = [(place, rate) for place, rate in zip(places, rates, strict=True) if rate is not None]
        axes.scatter(
            [place for place, _ in known],
            [rate for _, rate in known],
            marker="D",
            s=26,
            facecolor="white",
            edgecolor="black",
            zorder=4,
            clip_on=False,
            label="says yes" if number == 0 else None,
        )
    _finish(axes, ["Supporting", "Displaced", "Hallucinated", "Plain (apart)"])


def descriptions(runs: Mapping[str, Measures]) -> str:
    """Draw the shares of the cues named in descriptions, one stacked bar a run."""
    figure, (axes,) = make_canvas(8.4, 0.9 + 0.45 * len(runs))
    for row, measures in enumerate(runs.values()):
        left = 0.0
        for verdict, colour in zip(VERDICTS, VERDICT_COLOURS, strict=True):
            share = measures[f"description/{verdict}"].value or 0.0
            label = verdict.replace("_", " ") if row == 0 else None
            axes.barh(row, share, left=left, color=colour, height=0.62, label=label)
            if share >= 7:
                axes.text(
                    left + share / 2,
                    row,
                    f"{share:.0f}",
                    ha="center",
                    va="center",
                    color="black",
                    gid="on-bar",
                )
            left += share
    axes.set_yticks(range(len(runs)), list(runs))
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel("% of the cues named")
    axes.legend(ncols=5, loc="lower center", bbox_to_anchor=(0.45, 1.0), frameon=False, fontsize=9)
    return encode_svg(figure)


def risk_coverage(curves: Mapping[str, tuple[Numbers, Numbers]]) -> str:
    """Draw the share of wrong answers among the surest, one line a run; flat where confidence is idle."""
    figure, (axes,) = make_canvas(8.4, 3.0)
    for number, (run, (coverage, risk)) in enumerate(curves.items()):
        if len(coverage):
            axes.plot(
                coverage, risk, color=COLOURS[number % len(COLOURS)], linewidth=1.8, label=name_run(run)
            )
    axes.set_xlim(0, 100)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("answers kept, the surest first, %")
    axes.set_ylabel("wrong, %")
    axes.grid(color=GREY, alpha=0.25)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=9)
    return encode_svg(figure)


def make_canvas(
    width: float, height: float, rows: int = 1, columns: int = 1, heights: Sequence[int] = ()
) -> "tuple[Figure, list[Axes]]":
    """Make an empty transparent figure with quiet axes, row by row; ``heights`` weighs the rows."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    quiet: dict[Any, Any] = {"axes.edgecolor": GREY, "xtick.color": GREY, "ytick.color": GREY}
    with rc_context({"font.size": 10, **quiet, **LITERAL}):
        figure = Figure(figsize=(width, height), layout="constrained")
        count = len(heights) or rows
        grid = figure.add_gridspec(count, columns, height_ratios=heights or None)
        every = [figure.add_subplot(grid[row, column]) for row in range(count) for column in range(columns)]
    figure.patch.set_alpha(0)
    for axes in every:
        axes.patch.set_alpha(0)
        axes.spines[["top", "right"]].set_visible(False)
        axes.set_axisbelow(True)
    return figure, every


def _bars(axes: "Axes", runs: Mapping[str, Measures], names: Sequence[str], *, lying: bool = False) -> None:
    """Draw one group of bars a measure and one bar a run, with intervals."""
    draw, errors = (axes.barh, "xerr") if lying else (axes.bar, "yerr")
    width = 0.8 / len(runs)
    for number, (run, measures) in enumerate(runs.items()):
        found = [measures[name] for name in names]
        looks: dict[str, Any] = {
            errors: _errors(found),
            "error_kw": {"ecolor": GREY, "elinewidth": 1.4, "capsize": 2.5},
            "color": COLOURS[number % len(COLOURS)],
            "label": name_run(run),
        }
        places = [place + (number + 0.5) * width - 0.4 for place in range(len(names))]
        draw(places, [one.value or 0.0 for one in found], width * 0.92, **looks)


def _finish(axes: "Axes", labels: Sequence[str]) -> None:
    """Name the groups and add the key."""
    axes.set_xticks(range(len(labels)), labels)
    axes.set_ylim(0, 100)
    axes.set_ylabel(MEASURES["mean_accuracy"].unit)
    axes.grid(axis="y", color=GREY, alpha=0.25)
    axes.tick_params(axis="x", length=0)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=9)


def name_run(run: str) -> str:
    """Write the name of a run so that legends show it: they leave out what begins with an underscore."""
    return f" {run}" if run.startswith("_") else run


def _take_literally(figure: "Figure") -> None:
    """Keep every text of a plot from being read as a formula."""
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        if isinstance(text, Text):
            text.set_parse_math(False)


def encode_png(figure: "Figure") -> bytes:
    """Encode a plot on white as a PNG, the same bytes for the same plot."""
    from matplotlib import rc_context

    figure.patch.set_alpha(1)
    _take_literally(figure)
    file = io.BytesIO()
    with rc_context(LITERAL):
        figure.savefig(file, format="png", dpi=200, metadata={"Software": None})
    return file.getvalue()


def encode_svg(figure: "Figure") -> str:
    """Encode a plot as an SVG element, the same bytes for the same plot."""
    from matplotlib import rc_context

    file = io.StringIO()
    _take_literally(figure)
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "avere", **LITERAL}):
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    text = file.getvalue()
    return text[text.index("<svg") :].replace(
        "<svg ", '<svg role="img" aria-label="Plot, its numbers stand in the tables" ', 1
    )
