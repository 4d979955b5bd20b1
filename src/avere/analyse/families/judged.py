"""Descriptions scored by a judge against a reference, as EMER is: four means from 0 to 10, more is better.

A description that could not be had, and one that the judge did not score, count 0 in every mean; the share of
these is reported beside.
"""

from functools import partial

from avere.analyse._bootstrap import BootstrapValues, bootstrap_mean, bootstrap_ratio, to_percent
from avere.analyse.intervals import Numbers
from avere.analyse.measures import Family, Measure
from avere.analyse.table import Table
from avere.answers.ratings import NAMES

UNIT = "of 10"
TITLES = {
    "clue_overlap": "Clue overlap",
    "label_overlap": "Label overlap",
    "spurious": "Free of spurious clues",
    "hallucination": "Free of hallucinated clues",
}


def family(table: Table) -> Family:
    """Return the four means, their mean, and the share without a judgement."""
    del table
    measures = {name: Measure(TITLES[name], partial(score, name), UNIT) for name in NAMES}
    measures["judged_mean"] = Measure("Mean of the four", _all, UNIT)
    measures["unscored"] = Measure("Descriptions without a judgement", _unjudged)
    return Family(measures, tuple(measures))


def score(name: str, table: Table, weights: Numbers) -> BootstrapValues:
    """Return the mean of one score over all descriptions."""
    rows = ~table.closed
    return bootstrap_ratio(table, weights, table.counts[name] * rows, rows)


def _all(table: Table, weights: Numbers) -> BootstrapValues:
    found = bootstrap_mean(*(score(name, table, weights) for name in NAMES))
    return BootstrapValues(found.values, found.n // len(NAMES))


def _unjudged(table: Table, weights: Numbers) -> BootstrapValues:
    rows = ~table.closed
    return to_percent(bootstrap_ratio(table, weights, rows & (table.counts["judged"] == 0), rows))
