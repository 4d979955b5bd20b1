"""Probes of things that are there and things that are not, as CMM reports them.

Perception accuracy is the share of right answers where "yes" is right, hallucination resistance that where
"no" is.
"""

from functools import partial

from avere.analyse.families import yes_no
from avere.analyse.measures import (
    Measure,
    MeasureFamily,
    QuestionFilter,
    add_titles,
    measure_accuracy,
    measure_no_recall,
    measure_yes_rate,
    measure_yes_recall,
)
from avere.analyse.table import Table

ROWS = (
    ("perception_accuracy", "Perception accuracy", measure_yes_recall),
    ("hallucination_resistance", "Hallucination resistance", measure_no_recall),
    ("accuracy", "Accuracy", measure_accuracy),
    ("precision", "Precision of yes", yes_no.precision),
    ("f1", "F1 of yes", yes_no.f1),
    ("yes_rate", "Yes-rate", measure_yes_rate),
)


def family(table: Table) -> MeasureFamily:
    """Make the rates of all probes together, of each sub-category, and of each granularity inside it."""
    tasks = tuple(sorted(set(table.task[table.closed].tolist())))
    kinds = sorted(set(table.kind[table.closed].tolist()) - {""})
    parts = {"": QuestionFilter(tasks)} | {f"/{task}": QuestionFilter((task,)) for task in tasks}
    parts |= {f"/{kind}": QuestionFilter(tasks, kind) for kind in kinds}
    parts |= {f"/{task}/{kind}": QuestionFilter((task,), kind) for task in tasks for kind in kinds}
    measures: dict[str, Measure] = {
        name + suffix: yes_no.closed(add_titles(title, suffix), of, part)
        for suffix, part in parts.items()
        for name, title, of in ROWS
    }
    measures["mean_accuracy"] = Measure(
        "Mean accuracy of the sub-categories", partial(yes_no.mean_accuracy, tasks)
    )
    by_task = [f"{name}/{task}" for task in tasks for name, *_ in ROWS[:2]]
    headline = (*(name for name, *_ in ROWS), *by_task, "unscored")
    return MeasureFamily(measures | yes_no.shared(), headline)
