"""Emotion-wheel F1 of open-vocabulary labels, as `avere.analyse.wheels` defines it, with intervals.

Precision and recall are averages over clips, F1 is their harmonic mean, a level is the mean over its wheels:
all of it is made anew in each resampling of clips, by both rules of `avere.answers.wheels`. A clip whose
right words are on no wheel is passed over, as published; an answer that could not be had names no word and
earns nothing.
"""

import re
from collections.abc import Callable
from functools import partial

import numpy as np

from avere.analyse._bootstrap import (
    BootstrapValues,
    bootstrap_mean,
    bootstrap_parts,
    bootstrap_ratio,
    bootstrap_rows,
    to_percent,
)
from avere.analyse.intervals import Numbers
from avere.analyse.measures import Measure, MeasureFamily
from avere.analyse.table import Table

PUBLISHED = "mer2025 "
"""Begins the counts by the rule of MER2025."""
GOLD = re.compile(r"wheel (\d+) level (\d+) gold")
"""The count that tells on which wheels a clip has right words."""


def family(table: Table) -> MeasureFamily:
    """List F1, precision and recall of both levels, their mean, and each wheel's F1, by both rules."""
    measures = _by_rule(table, "", "EW-F1")
    if any(name.startswith(PUBLISHED) for name in table.counts):
        measures |= _by_rule(table, PUBLISHED, "EW-F1 of MER2025")
    measures["words"] = Measure("Words an answer", partial(_mean_of, "words"), "words")
    measures["off_wheels"] = Measure("Of these on no wheel", partial(_mean_of, "off wheels"), "words")
    measures["unscored"] = Measure("Answers without a word", _silent)
    headline = ("ew_f1/level_1", "ew_f1/level_2", "ew_f1", "precision/level_1", "recall/level_1", "unscored")
    published = tuple(name for name in ("mer2025/ew_f1",) if name in measures)
    return MeasureFamily(measures, (*headline[:3], *published, *headline[3:]))


def _by_rule(table: Table, rule: str, title: str) -> dict[str, Measure]:
    """List the measures of one rule of grouping, whose counts begin with its name."""
    wheels = sorted({int(found[1]) for name in table.counts if (found := GOLD.fullmatch(name))})
    named = rule.replace(" ", "/")
    by_wheel = {wheel: [f"{rule}wheel {wheel} level {level}" for level in (1, 2)] for wheel in wheels}
    every = [[by_wheel[wheel][level] for wheel in wheels] for level in (0, 1)]
    measures = {f"{named}ew_f1": Measure(f"{title}, mean of both levels", partial(_score, every, f1))}
    for level in (1, 2):
        for name, of in (("ew_f1", f1), ("precision", precision), ("recall", recall)):
            about = title if name == "ew_f1" else f"{name.capitalize()}{title.removeprefix('EW-F1')}"
            score = partial(_score, [every[level - 1]], of)
            measures[f"{named}{name}/level_{level}"] = Measure(f"{about}, level {level}", score)
        for wheel in wheels:
            score = partial(_score, [[by_wheel[wheel][level - 1]]], f1)
            about = f"{title}, level {level}, wheel {wheel}"
            measures[f"{named}ew_f1/level_{level}/wheel_{wheel}"] = Measure(about, score)
    return measures


def precision(name: str, table: Table, weights: Numbers) -> BootstrapValues:
    """Average the share of answered groups that are right, over clips with right words on a wheel."""
    return bootstrap_ratio(table, weights, table.counts[f"{name} precision"], table.counts[f"{name} gold"])


def recall(name: str, table: Table, weights: Numbers) -> BootstrapValues:
    """Average the share of right groups that are answered, over clips with right words on a wheel."""
    return bootstrap_ratio(table, weights, table.counts[f"{name} recall"], table.counts[f"{name} gold"])


def f1(name: str, table: Table, weights: Numbers) -> BootstrapValues:
    """Take the harmonic mean of both averages; 0 where both are 0."""
    one, other = precision(name, table, weights), recall(name, table, weights)
    total = one.values + other.values
    return bootstrap_parts(2 * one.values * other.values / np.where(total == 0, 1.0, total), one)


def _score(
    spokes: list[list[str]],
    of: Callable[[str, Table, Numbers], BootstrapValues],
    table: Table,
    weights: Numbers,
) -> BootstrapValues:
    """Average over the wheels of a level, and then over levels, in percent."""
    by_level = [bootstrap_mean(*(of(spoke, table, weights) for spoke in level)) for level in spokes]
    gold = np.logical_or.reduce([table.counts[f"{spoke} gold"] > 0 for spoke in spokes[0]])
    return bootstrap_rows(table, to_percent(bootstrap_mean(*by_level)).values, gold)


def _mean_of(count: str, table: Table, weights: Numbers) -> BootstrapValues:
    """Average a count over all questions."""
    rows = ~table.closed
    return bootstrap_ratio(table, weights, table.counts[count] * rows, rows)


def _silent(table: Table, weights: Numbers) -> BootstrapValues:
    """Take the share of questions without a word in answer."""
    rows = ~table.closed
    return to_percent(bootstrap_ratio(table, weights, (table.counts["words"] == 0) & rows, rows))
