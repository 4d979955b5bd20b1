"""Yes-or-no questions by task, "yes" being the positive answer, as AVHBench reports them.

What was not read says neither yes nor no: it is wrong, it lowers recall, and it is no false alarm, so that
it leaves the precision as it is. F1 is 2 hits / (times yes is right + times yes is said): 0 where nothing is
hit. Where captions are asked for too, their CIDEr-D stands beside.
"""

from collections.abc import Callable
from functools import partial

import numpy as np

from avere.analyse._bootstrap import (
    BootstrapValues,
    bootstrap_mean,
    bootstrap_ratio,
    bootstrap_rows,
    to_percent,
)
from avere.analyse.intervals import Numbers
from avere.analyse.measures import (
    Measure,
    MeasureFamily,
    QuestionFilter,
    add_titles,
    count_ties,
    count_unscored,
    measure_accuracy,
    measure_no_recall,
    measure_yes_rate,
    measure_yes_recall,
)
from avere.analyse.table import Table

ONE_MEDIUM = "_only"
"""Ends the tasks that are asked with one medium alone: controls, in no mean."""


def family(table: Table) -> MeasureFamily:
    """Make accuracy, precision, recall, F1 and yes-rate of each task, and the tasks' mean accuracy."""
    tasks = sorted(set(table.task[table.closed].tolist()))
    main = tuple(task for task in tasks if not task.endswith(ONE_MEDIUM))
    measures = {"mean_accuracy": Measure("Mean accuracy of the tasks", partial(mean_accuracy, main))}
    for task in (*main, *(one for one in tasks if one not in main)):
        measures |= {
            f"{name}/{task}": one for name, one in of_part(QuestionFilter((task,)), "/" + task).items()
        }
    headline = [
        f"{name}/{task}" for task in main for name in ("accuracy", "precision", "recall", "f1", "yes_rate")
    ]
    if not table.closed.all():
        measures["cider"] = Measure("CIDEr-D of the captions", captions, "of 10")
        headline.append("cider")
    return MeasureFamily(measures | shared(), ("mean_accuracy", *headline, "unscored"))


def captions(table: Table, weights: Numbers) -> BootstrapValues:
    """Average the CIDEr-D of all captions; one that could not be had counts 0."""
    rows = ~table.closed
    return bootstrap_ratio(table, weights, table.counts.get("cider", np.zeros(len(rows))) * rows, rows)


def of_part(part: QuestionFilter, suffix: str) -> dict[str, Measure]:
    """Make the measures of some questions; ``suffix`` names them in the titles."""
    rows: tuple[tuple[str, str, Callable[[Table, Numbers, QuestionFilter], BootstrapValues]], ...] = (
        ("accuracy", "Accuracy", measure_accuracy),
        ("precision", "Precision of yes", precision),
        ("recall", "Recall of yes", measure_yes_recall),
        ("no_recall", "Recall of no", measure_no_recall),
        ("f1", "F1 of yes", f1),
        ("yes_rate", "Yes-rate", measure_yes_rate),
    )
    return {name: closed(add_titles(title, suffix), of, part) for name, title, of in rows}


def closed(
    title: str, of: Callable[[Table, Numbers, QuestionFilter], BootstrapValues], part: QuestionFilter
) -> Measure:
    """Make a measure of some questions, in percent."""
    return Measure(title, lambda table, weights: to_percent(of(table, weights, part)))


def precision(table: Table, weights: Numbers, part: QuestionFilter) -> BootstrapValues:
    """Compute the share of right answers among those that say "yes"."""
    rows = part.rows(table) & table.says_yes
    return bootstrap_ratio(table, weights, table.right & rows, rows)


def f1(table: Table, weights: Numbers, part: QuestionFilter) -> BootstrapValues:
    """Compute the harmonic mean of precision and recall of "yes"."""
    rows = part.rows(table)
    hits = table.right & table.is_yes & rows
    right, said = (np.asarray(side & rows, dtype=np.float64) for side in (table.is_yes, table.says_yes))
    found = bootstrap_ratio(table, weights, hits, right + said)
    return bootstrap_rows(table, 2 * found.values, rows)


def mean_accuracy(tasks: tuple[str, ...], table: Table, weights: Numbers) -> BootstrapValues:
    """Average the tasks' accuracies, unweighted, in percent."""
    return to_percent(
        bootstrap_mean(*(measure_accuracy(table, weights, QuestionFilter((task,))) for task in tasks))
    )


def shared() -> dict[str, Measure]:
    """Make the measures of all closed questions together."""
    return {
        "unscored": Measure("Answers that could not be had or read", count_unscored),
        "ties": Measure("Questions whose best options tie", count_ties),
    }
