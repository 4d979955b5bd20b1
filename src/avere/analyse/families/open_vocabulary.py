"""Emotion-wheel F1 of open-vocabulary labels, as `avere.analyse.wheels` defines it, with intervals.

Precision and recall are averages over clips, F1 is their harmonic mean, a level is the mean over its wheels:
all of it is made anew in each resampling of clips. A clip whose right words are on no wheel is passed over,
as published; an answer that could not be had names no word and earns nothing.
"""

import re
from collections.abc import Callable
from functools import partial

import numpy as np

from avere.analyse._bootstrap import BootstrapValues, bootstrap_mean, bootstrap_ratio, to_percent
from avere.analyse.intervals import Numbers
from avere.analyse.measures import Family, Measure
from avere.analyse.table import Table

GOLD = re.compile(r"wheel (\d+) level (\d+) gold")
"""The count that tells on which wheels a clip has right words."""


def family(table: Table) -> Family:
    """Return F1, precision and recall of both levels, their mean, and each wheel's F1."""
    wheels = sorted({int(found[1]) for name in table.counts if (found := GOLD.fullmatch(name))})
    measures = {"ew_f1": Measure("EW-F1, mean of both levels", partial(_score, wheels, (1, 2), f1))}
    for level in (1, 2):
        for name, title, of in (("ew_f1", "EW-F1", f1), *PARTS):
            about = f"{title}, level {level}"
            measures[f"{name}/level_{level}"] = Measure(about, partial(_score, wheels, (level,), of))
        for wheel in wheels:
            about = f"EW-F1, level {level}, wheel {wheel}"
            measures[f"ew_f1/level_{level}/wheel_{wheel}"] = Measure(
                about, partial(_score, [wheel], (level,), f1)
            )
    measures["words"] = Measure("Words an answer", partial(_mean_of, "words"), "words")
    measures["off_wheels"] = Measure("Of these on no wheel", partial(_mean_of, "off wheels"), "words")
    measures["unscored"] = Measure("Answers without a word", _silent)
    headline = ("ew_f1/level_1", "ew_f1/level_2", "ew_f1", "precision/level_1", "recall/level_1", "unscored")
    return Family(measures, headline)


def precision(name: str, table: Table, weights: Numbers) -> BootstrapValues:
    """Return the mean share of answered groups that are right, over clips with right words on a wheel."""
    return bootstrap_ratio(table, weights, table.counts[f"{name} precision"], table.counts[f"{name} gold"])


def recall(name: str, table: Table, weights: Numbers) -> BootstrapValues:
    """Return the mean share of right groups that are answered, over clips with right words on a wheel."""
    return bootstrap_ratio(table, weights, table.counts[f"{name} recall"], table.counts[f"{name} gold"])


def f1(name: str, table: Table, weights: Numbers) -> BootstrapValues:
    """Return the harmonic mean of both averages; 0 where both are 0."""
    one, other = precision(name, table, weights), recall(name, table, weights)
    total = one.values + other.values
    return BootstrapValues(2 * one.values * other.values / np.where(total == 0, 1.0, total), one.n)


PARTS = (("precision", "Precision", precision), ("recall", "Recall", recall))


def _score(
    wheels: list[int],
    levels: tuple[int, ...],
    of: Callable[[str, Table, Numbers], BootstrapValues],
    table: Table,
    weights: Numbers,
) -> BootstrapValues:
    """Return the mean over wheels, and then over levels, in percent."""
    by_level = [
        bootstrap_mean(*(of(f"wheel {wheel} level {level}", table, weights) for wheel in wheels))
        for level in levels
    ]
    gold = np.logical_or.reduce([table.counts[f"wheel {wheel} level 1 gold"] > 0 for wheel in wheels])
    return BootstrapValues(to_percent(bootstrap_mean(*by_level)).values, int(np.count_nonzero(gold)))


def _mean_of(count: str, table: Table, weights: Numbers) -> BootstrapValues:
    """Return the mean of a count over all questions."""
    rows = ~table.closed
    return bootstrap_ratio(table, weights, table.counts[count] * rows, rows)


def _silent(table: Table, weights: Numbers) -> BootstrapValues:
    """Return the share of questions without a word in answer."""
    rows = ~table.closed
    return to_percent(bootstrap_ratio(table, weights, (table.counts["words"] == 0) & rows, rows))
