"""The plots of what answers rest on: attention, exchanged media, the value of each medium."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from avere.analyse.intervals import Interval
from avere.analyse.why import ReasonLine, Reasons
from avere.analyse.why import grids as media_grids
from avere.analyse.why.attention import ASKED, ATTENDED, map_heads, share_tokens
from avere.answers.odds import measure_log_odds
from avere.records import MediaGrid
from avere.records.reasons import GROUPS
from avere.report._figures import COLOURS, GREY, encode_svg, make_canvas, name_run

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GROUP_COLOURS = ("#0072B2", "#009E73", "#8C8C8C", "#E69F00")
TARGET_COLOURS = {"audio": "#0072B2", "video": "#009E73", "audiovisual": "#CC79A7"}
EVEN = "evenly by tokens"


def draw_attention(runs: Mapping[str, Reasons]) -> str:
    """Draw the shares of the groups of tokens as lying bars, one panel a target, one bar a run."""
    known = {label: found.attention for label, found in runs.items() if found.attention}
    targets = [
        name for name in ASKED if all(any(one.target == name for one in all_) for all_ in known.values())
    ]
    names = [*known, EVEN]
    figure, every = make_canvas(8.4, 0.9 + 0.36 * len(names) * len(targets), rows=len(targets))
    for axes, target in zip(every, targets, strict=True):
        rows = [
            100 * np.mean([np.mean(one.shares, axis=(0, 1)) for one in found if one.target == target], axis=0)
            for found in known.values()
        ]
        rows.append(np.array(share_tokens(next(iter(known.values())), target)))
        for place, row in enumerate(rows):
            left = 0.0
            for group, share, colour in zip(GROUPS, row, GROUP_COLOURS, strict=True):
                label = ATTENDED[group] if place == 0 and target == targets[0] else None
                axes.barh(place, share, left=left, color=colour, height=0.7, label=label)
                if share >= 5:
                    axes.text(left + share / 2, place, f"{share:.0f}", ha="center", va="center", gid="on-bar")
                left += share
        axes.set_yticks(range(len(names)), names)
        axes.invert_yaxis()
        axes.set_xlim(0, 100)
        if target != targets[-1]:
            axes.set_xticks([])
        axes.set_title(f"asked about {ASKED[target]}", fontsize=10, loc="left")
    every[-1].set_xlabel("% of the attention, mean over layers, heads and answers")
    every[0].legend(ncols=4, loc="lower left", bbox_to_anchor=(0.0, 1.25), frameon=False, fontsize=9)
    return encode_svg(figure)


def draw_heads(runs: Mapping[str, Reasons]) -> str:
    """Draw a map of layers and heads a run and target: the share of attention on the medium asked about."""
    known = {label: found.attention for label, found in runs.items() if found.attention}
    targets = [
        t for t in ("audio", "video") if all(any(one.target == t for one in f) for f in known.values())
    ]
    maps = {(label, t): map_heads(found, t, t) for label, found in known.items() for t in targets}
    most = max(float(each.max()) for each in maps.values())
    layers = len(next(iter(maps.values())))
    high = 0.9 + min(2.6, 0.28 * layers)
    figure, every = make_canvas(8.4, 0.6 + high * len(targets), rows=len(targets), columns=len(known))
    for axes, target, label in zip(
        every, [t for t in targets for _ in known], [n for _ in targets for n in known], strict=True
    ):
        image = axes.imshow(maps[label, target], vmin=0, vmax=most, cmap="viridis", aspect="auto")
        axes.set_title(f"{name_run(label)}: attention to the {media_grids.MEDIA[target]}", fontsize=9)
        axes.set_xticks(range(maps[label, target].shape[1]))
        axes.set_yticks(range(layers))
        axes.tick_params(labelsize=7, length=0)
        axes.set_xlabel("head", fontsize=8)
        axes.set_ylabel("layer", fontsize=8)
        if label == list(known)[-1]:
            figure.colorbar(image, ax=axes, label="%")
    return encode_svg(figure)


def draw_shifts(runs: Mapping[str, Reasons], lines: Sequence[ReasonLine]) -> str:
    """Draw by how much the likelihood of an answer moves when a medium is another's, with intervals."""
    shown = [line for line in lines if line.name.endswith(("/irrelevant", "/relevant"))]
    return _draw_lines(list(runs), shown, "shift of the answer's log-likelihood, nats")


def draw_grids(runs: Mapping[str, Reasons]) -> str:
    """Draw the two-by-two grid of own and other media: the mean log-odds of the model's own answer."""
    known = {label: found.swap for label, found in runs.items() if found.swap}
    targets = ("audio", "video")
    figure, every = make_canvas(8.4, 2.3 * len(known), rows=len(known), columns=len(targets))
    places = iter(every)
    for label, found in known.items():
        for target in targets:
            axes = next(places)
            own = [one for one in found if one.target == target and len(one.log_probs["av"]) > 1]
            values = [
                np.mean([measure_log_odds(g.log_probs[c], g.answer) for g in own]) for c in media_grids.SWAP
            ]
            _grid(axes, np.array(values).reshape(2, 2))
            axes.set_title(f"{name_run(label)}: asked about {ASKED[target]}", fontsize=9)
    return encode_svg(figure)


def _grid(axes: "Axes", values: "np.ndarray[tuple[int, int], np.dtype[np.float64]]") -> None:
    """Draw four cells with their numbers; the picture changes downwards, the sound to the right."""
    reach = 2 * max(1.0, float(np.abs(values).max()))  # pale, so that the numbers can be read
    axes.imshow(values, vmin=-reach, vmax=reach, cmap="PuOr_r", aspect="auto")
    for row, column in np.ndindex(2, 2):
        text = f"{values[row, column]:+.1f}"
        axes.text(column, row, text, ha="center", va="center", gid="on-bar", fontsize=11)
    axes.set_xticks([0, 1], ["own sound", "other sound"])
    axes.set_yticks([0, 1], ["own\npicture", "other\npicture"])
    axes.tick_params(labelsize=8, length=0)


def draw_values(runs: Mapping[str, Reasons]) -> str:
    """Draw each question as a dot: what the sound and what the picture are worth for the right answer."""
    known = {label: found.shapley for label, found in runs.items() if found.shapley}
    figure, every = make_canvas(8.4, 3.9, columns=len(known))
    dots = {label: _dots(found) for label, found in known.items()}
    reach = 1.05 * max(
        float(np.abs(np.array(points)).max()) for by in dots.values() for points in by.values()
    )
    for axes, (label, by) in zip(every, dots.items(), strict=True):
        axes.axhline(0, color=GREY, linewidth=0.8)
        axes.axvline(0, color=GREY, linewidth=0.8)
        for target, points in by.items():
            sound, picture = np.array(points).T
            axes.scatter(
                sound, picture, s=14, alpha=0.65, color=TARGET_COLOURS[target], label=f"about {ASKED[target]}"
            )
        axes.set_xlim(-reach, reach)
        axes.set_ylim(-reach, reach)
        axes.set_title(name_run(label), fontsize=10)
        axes.set_xlabel("value of the sound, log-odds")
    every[0].set_ylabel("value of the picture, log-odds")
    every[-1].legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=9)
    return encode_svg(figure)


def _dots(found: Sequence[MediaGrid]) -> dict[str, list[tuple[float, float]]]:
    """List the values of both media of each question, by what is asked about."""
    dots: dict[str, list[tuple[float, float]]] = {}
    for one in found:
        if one.right is not None:
            worth = media_grids.shapley_values(one)
            dots.setdefault(one.target, []).append((worth.audio, worth.video))
    return dots


def draw_pointing(runs: Mapping[str, Reasons], lines: Sequence[ReasonLine]) -> str:
    """Draw how often the map of a right answer peaks at its cue, beside a cell at random."""
    shown = [line for line in lines if line.name.startswith("peak/")]
    return _draw_lines(list(runs), shown, "% of right answers", most=100)


def _draw_lines(
    labels: Sequence[str], lines: Sequence[ReasonLine], unit: str, most: float | None = None
) -> str:
    """Draw lying bars, one group a line and one bar a run, with intervals."""
    figure, (axes,) = make_canvas(8.4, 1.0 + 0.3 * len(lines) * len(labels))
    width = 0.8 / len(labels)
    for number, label in enumerate(labels):
        cells = [line.cells[number] for line in lines]
        places = [place + (number + 0.5) * width - 0.4 for place in range(len(lines))]
        values = [0.0 if one is None or one.value is None else one.value for one in cells]
        errors = np.array([_reach(one) for one in cells]).T
        looks: dict[str, Any] = {
            "color": COLOURS[number % len(COLOURS)],
            "label": name_run(label),
            "error_kw": {"ecolor": GREY, "capsize": 2.5},
        }
        axes.barh(places, values, width * 0.92, xerr=errors, **looks)
    axes.set_yticks(range(len(lines)), [_short(line.title) for line in lines])
    axes.invert_yaxis()
    axes.set_xlim(0, most)
    axes.set_xlabel(unit)
    axes.grid(axis="x", color=GREY, alpha=0.25)
    axes.tick_params(axis="y", length=0)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=9)
    return encode_svg(figure)


def _reach(one: Interval | None) -> tuple[float, float]:
    """Measure how far an interval reaches below and above its value; not a number without one."""
    if one is None or one.value is None or one.low is None or one.high is None:
        return float("nan"), float("nan")
    return max(0.0, one.value - one.low), max(0.0, one.high - one.value)


def _short(title: str) -> str:
    """Break a title after what is asked about."""
    return title.replace(": ", ":\n", 1)
