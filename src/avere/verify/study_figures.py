r"""Numbers of a user study: shares over clips and people, strengths, and what place and length alone explain.

Shares are resampled over clips and over people at once (Owen, 2007): a vote counts as often as its clip was
drawn times as often as its person was.

Strengths are those of Bradley and Terry, 1952, in the form of Luce, 1959, for a choice of one among several:
the chance to choose i is w_i / sum of w_j over what was offered. They are found by Hunter's iteration (2004):
w_i is the number of wins of i over the sum, over the choices in which i was offered, of 1 / sum of w_j. Half
a win of each over each other is added, so that a run that never wins has a strength.

>>> found = find_strengths([("a", ("a", "b"))] * 3 + [("b", ("a", "b"))], ["a", "b"])
>>> {name: round(value, 4) for name, value in found.items()}  # (3 + 0.5) to (1 + 0.5)
{'a': 0.7, 'b': 0.3}
"""

from collections.abc import Sequence
from math import exp, log
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.stats import chisquare

from avere.analyse.intervals import (
    FEWEST_CLIPS,
    LEVEL,
    Interval,
    Numbers,
    count_clips,
    draw_weights,
    round_number,
)
from avere.answers.strict import name_letter
from avere.records import Record
from avere.verify.study_project import ASPECTS

if TYPE_CHECKING:
    from avere.verify.study_votes import StudyVote

FEWEST_PEOPLE = 5
STEPS, PRIOR = 500, 0.5
STEEPEST = 20.0


class AspectFigures(Record):
    """One of the questions of a study."""

    votes: int
    shares: dict[str, Interval]
    """Of the votes in percent, by run."""
    none: Interval
    """Of the votes for none of them."""
    strengths: dict[str, float]
    """They sum to one."""
    places: dict[str, float]
    """Share of the choices in percent that fell on each place of the page."""
    place_p: float | None
    """Of the test that all places are chosen alike; None of fewer than five expected."""
    longest: float
    """How often the longest description was chosen, in percent; equal ones share."""
    length_slope: float
    """Of a predictor that knows the lengths alone: b of exp(b log length)."""
    length_gain: float
    """What it gains over chance, in bits a choice."""
    run_gain: float
    """What knowing the run gains over chance, in bits a choice."""


class StudyFigures(Record):
    """A user study in numbers."""

    items: int
    clips: int
    people: int
    aspects: dict[str, AspectFigures]


class _StudyChoice(NamedTuple):
    """One choice among offered runs."""

    chosen: str
    runs: tuple[str, ...]
    words: tuple[int, ...]


def compute_figures(votes: Sequence["StudyVote"]) -> StudyFigures:
    """Compute the figures of a study from its votes."""
    runs = sorted({name for one in votes for name in one.runs})
    aspects: dict[str, AspectFigures] = {
        name: _aspect([one for one in votes if one.aspect == name], runs)
        for name in ASPECTS
        if any(one.aspect == name for one in votes)
    }
    return StudyFigures(
        items=len({one.item for one in votes}),
        clips=len({one.clip for one in votes}),
        people=len({one.person for one in votes}),
        aspects=aspects,
    )


def find_strengths(choices: Sequence[tuple[str, tuple[str, ...]]], runs: Sequence[str]) -> dict[str, float]:
    """Find the strengths of runs from (chosen, offered); they sum to one."""
    place = {name: index for index, name in enumerate(runs)}
    drawn = [(place[a], [place[a], place[b]]) for a in runs for b in runs if a != b]
    sets = [(place[chosen], [place[name] for name in offered], 1.0) for chosen, offered in choices]
    sets += [(winner, offered, PRIOR) for winner, offered in drawn]
    wins, offers = np.zeros(len(runs)), np.zeros((len(sets), len(runs)))
    for row, (winner, offered, weight) in enumerate(sets):
        wins[winner] += weight
        offers[row, offered] = 1.0
    weights = np.array([weight for *_, weight in sets])
    strengths = np.full(len(runs), 1 / len(runs))
    for _ in range(STEPS):
        strengths = wins / (offers.T @ (weights / (offers @ strengths)))
        strengths /= strengths.sum()
    return {name: round_number(strengths[place[name]]) for name in runs}


def estimate_share(votes: Sequence["StudyVote"], run: str | None) -> Interval:
    """Estimate the share of the votes for a run, or for none, with an interval over clips and people."""
    hits = np.array([one.chosen == run for one in votes], dtype=float)
    value = round_number(100 * float(hits.mean()))
    clips, people = ({name: index for index, name in enumerate(sorted(names))} for names in _names(votes))
    if len(clips) < FEWEST_CLIPS or len(people) < FEWEST_PEOPLE:
        reason = f"only {count_clips(len(clips))} and {len(people)} people"
        return Interval(value=value, low=None, high=None, n=len(votes), reason=reason)
    of_clip = [clips[one.clip] for one in votes]
    of_person = [people[one.person] for one in votes]
    weights = draw_weights(len(clips))[1:, of_clip] * draw_weights(len(people), seed=1)[1:, of_person]
    total = weights.sum(axis=1)
    drawn = 100 * (weights @ hits)[total > 0] / total[total > 0]
    low, high = np.percentile(drawn, (50 - LEVEL / 2, 50 + LEVEL / 2))
    return Interval(value=value, low=round_number(low), high=round_number(high), n=len(votes))


def _names(votes: Sequence["StudyVote"]) -> tuple[set[str], set[str]]:
    return {one.clip for one in votes}, {one.person for one in votes}


def _aspect(votes: list["StudyVote"], runs: Sequence[str]) -> AspectFigures:
    chosen = [_StudyChoice(one.chosen, one.runs, one.words) for one in votes if one.chosen is not None]
    strengths = find_strengths([(one.chosen, one.runs) for one in chosen], runs)
    counts = _count_places(chosen)
    slope, gain = _length_predictor(chosen)
    expected = len(chosen) / max(1, len(counts))
    size = max(1, len(chosen))
    return AspectFigures(
        votes=len(votes),
        shares={name: estimate_share(votes, name) for name in runs},
        none=estimate_share(votes, None),
        strengths=strengths,
        places={name_letter(place): round_number(100 * count / size) for place, count in enumerate(counts)},
        place_p=round_number(chisquare(counts).pvalue) if expected >= 5 else None,
        longest=round_number(100 * sum(map(_is_longest, chosen)) / size),
        length_slope=slope,
        length_gain=gain,
        run_gain=_gain([[log(max(strengths[name], 1e-12)) for name in one.runs] for one in chosen], chosen),
    )


def _count_places(chosen: Sequence[_StudyChoice]) -> list[int]:
    """Count the choices that fell on each place."""
    counts = [0] * max((len(one.runs) for one in chosen), default=0)
    for one in chosen:
        counts[one.runs.index(one.chosen)] += 1
    return counts


def _is_longest(one: _StudyChoice) -> float:
    """Check whether the longest description was chosen; 1 / n where n are equally long."""
    longest = max(one.words)
    return (one.words[one.runs.index(one.chosen)] == longest) / one.words.count(longest)


def _length_predictor(chosen: Sequence[_StudyChoice]) -> tuple[float, float]:
    """Fit the predictor by length: its slope, and its gain over chance in bits a choice."""
    if not chosen:
        return 0.0, 0.0
    lengths = [[log(max(1, words)) for words in one.words] for one in chosen]

    def cost(slope: float) -> float:
        return -_gain([[slope * length for length in row] for row in lengths], chosen)

    slope = float(minimize_scalar(cost, bounds=(-STEEPEST, STEEPEST), method="bounded").x)
    return round_number(slope), round_number(-cost(slope))


def _gain(scores: Sequence[Sequence[float]], chosen: Sequence[_StudyChoice]) -> float:
    """Compute the mean bits that softmax of scores gains over chance."""
    if not chosen:
        return 0.0
    total = 0.0
    for row, one in zip(scores, chosen, strict=True):
        top = max(row)
        norm = top + log(sum(exp(score - top) for score in row))
        total += row[one.runs.index(one.chosen)] - norm + log(len(row))
    return round_number(total / log(2) / len(chosen))


def draw_shares(figures: StudyFigures, place: Path) -> None:
    """Draw the shares with their intervals, a group of bars a question."""
    from matplotlib.figure import Figure

    runs = sorted({name for one in figures.aspects.values() for name in one.shares})
    figure = Figure(figsize=(8.4, 3.6), layout="constrained")
    axes = figure.add_subplot()
    width = 0.8 / len(runs)
    for number, run in enumerate(runs):
        shares = [one.shares[run] for one in figures.aspects.values()]
        places = np.arange(len(shares)) + (number - (len(runs) - 1) / 2) * width
        values = np.array([one.value or 0.0 for one in shares])
        label = run.replace("$", r"\$")
        axes.bar(places, values, width, yerr=_bars(shares, values), capsize=3, label=label)
    axes.set_xticks(
        range(len(figures.aspects)), [ASPECTS[name] for name in ASPECTS if name in figures.aspects]
    )
    axes.tick_params(axis="x", labelsize=8)
    axes.set_ylabel("share of votes, %")
    axes.legend(fontsize=8)
    figure.savefig(place, dpi=150)


def _bars(shares: Sequence[Interval], values: Numbers) -> Numbers:
    """Compute the lengths of error bars; none where there is no interval."""
    low = np.array(
        [one.low if one.low is not None else value for one, value in zip(shares, values, strict=True)]
    )
    high = np.array(
        [one.high if one.high is not None else value for one, value in zip(shares, values, strict=True)]
    )
    return np.asarray(np.maximum(np.array([values - low, high - values]), 0.0))
