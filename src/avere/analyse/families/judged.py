"""Descriptions scored by a judge against a reference, as EMER is: four means, more is better, in two forms.

From 0 to 10: a description that could not be had, and one that the judge did not score, count 0 in every
mean. As published, from 1 to 10: such descriptions are left out, and a score below 1 counts as 1, the least
there is on that scale. The share of descriptions without a judgement stands beside both.
"""

from collections.abc import Callable
from functools import partial

import numpy as np

from avere.analyse._bootstrap import BootstrapValues, bootstrap_mean, bootstrap_ratio, to_percent
from avere.analyse.intervals import Numbers
from avere.analyse.measures import Measure, MeasureFamily
from avere.analyse.table import Table
from avere.answers.ratings import NAMES

UNIT = "of 10"
PUBLISHED = "as_published"
LEAST = 1.0
"""Of the published scale."""
TITLES = {
    "clue_overlap": "Clue overlap",
    "label_overlap": "Label overlap",
    "spurious": "Free of spurious clues",
    "hallucination": "Free of hallucinated clues",
}


def family(table: Table) -> MeasureFamily:
    """Make the four means and their mean in both forms, and the share without a judgement."""
    del table
    measures = {name: Measure(TITLES[name], partial(score, name), UNIT) for name in NAMES}
    measures["judged_mean"] = Measure("Mean of the four", partial(_mean, score), UNIT)
    how = "as published (1 to 10, unjudged left out)"
    for name in NAMES:
        about = f"{TITLES[name]}, {how}"
        measures[f"{name}/{PUBLISHED}"] = Measure(about, partial(score_as_published, name), UNIT)
    measures[f"judged_mean/{PUBLISHED}"] = Measure(
        f"Mean of the four, {how}", partial(_mean, score_as_published), UNIT
    )
    measures["unscored"] = Measure("Descriptions without a judgement", _unjudged)
    return MeasureFamily(measures, tuple(measures))


def score(name: str, table: Table, weights: Numbers) -> BootstrapValues:
    """Average one score over all descriptions, 0 to 10; one without a judgement counts 0."""
    rows = ~table.closed
    return bootstrap_ratio(table, weights, table.counts[name] * rows, rows)


def score_as_published(name: str, table: Table, weights: Numbers) -> BootstrapValues:
    """Average one score over the descriptions that were judged, 1 to 10."""
    rows = ~table.closed & (table.counts["judged"] > 0)
    return bootstrap_ratio(table, weights, np.maximum(table.counts[name], LEAST) * rows, rows)


def _mean(
    of: Callable[[str, Table, Numbers], BootstrapValues], table: Table, weights: Numbers
) -> BootstrapValues:
    found = bootstrap_mean(*(of(name, table, weights) for name in NAMES))
    return found._replace(n=found.n // len(NAMES))


def _unjudged(table: Table, weights: Numbers) -> BootstrapValues:
    rows = ~table.closed
    return to_percent(bootstrap_ratio(table, weights, rows & (table.counts["judged"] == 0), rows))
