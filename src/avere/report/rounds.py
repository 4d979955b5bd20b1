"""A plot of online training: what the policy's answers earn and what it reaches, round by round."""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import TYPE_CHECKING

from avere.report._figures import COLOURS, GREY, encode_png, make_canvas, name_run

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH = 3
"""Panels a row."""
Points = Mapping[int, float]
"""Values by the number of rounds that lie behind the policy; 0 is the base."""


def draw_rounds(found: Mapping[str, Mapping[str, Sequence[Points]]]) -> bytes:
    """Draw a PNG with one panel a measure, three a row, and one colour an arm: seeds thin, their mean thick.

    The mean leaves out rounds that some seed has not.

    Args:
        found: by the title of the measure and by arm, a curve a seed.
    """
    columns = min(WIDTH, len(found))
    rows = ceil(len(found) / columns)
    figure, every = make_canvas(1.8 + 2.6 * columns, 2.6 * rows, rows=rows, columns=columns)
    for axes in every[len(found) :]:
        axes.remove()
    for axes, (title, arms) in zip(every, found.items(), strict=False):
        for number, (arm, seeds) in enumerate(arms.items()):
            _draw_arm(axes, seeds, COLOURS[number % len(COLOURS)], name_run(arm))
        rounds = sorted({place for seeds in arms.values() for points in seeds for place in points})
        axes.set_xticks(rounds, ["base" if place == 0 else str(place) for place in rounds])
        axes.tick_params(labelcolor="black", labelsize=8)
        axes.grid(axis="y", color=GREY, alpha=0.25)
        axes.set_title(title, fontsize=9)
        axes.set_xlabel("rounds", fontsize=9)
    for axes in every[: len(found) : columns]:
        axes.set_ylabel("%")
    every[columns - 1].legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=8)
    return encode_png(figure)


def _draw_arm(axes: "Axes", seeds: Sequence[Points], colour: str, label: str) -> None:
    """Draw the curves of one arm."""
    for points in seeds if len(seeds) > 1 else ():
        axes.plot(list(points), list(points.values()), color=colour, linewidth=0.5)
    shared = [place for place in seeds[0] if all(place in points for points in seeds)] if seeds else []
    means = [sum(points[place] for points in seeds) / len(seeds) for place in shared]
    axes.plot(shared, means, "o-", color=colour, linewidth=1.6, markersize=3.5, label=label)
