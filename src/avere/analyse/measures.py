"""Every number that is reported of a run, computed for all resamplings of its clips at once.

Shares are in percent. What was asked and not answered readably is wrong and says neither yes nor no; it
stays in every denominator. 0/0 decided: a share of nothing is None; a harmonic mean of two zeros is 0.
Plain questions (facts that are evidence of nothing) enter no measure but those named ``.../plain``.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from avere.analyse import calibration
from avere.analyse._auroc import auroc
from avere.analyse._draws import Draws, mean, none, percent, ratio
from avere.analyse.intervals import Estimate, Numbers, interval
from avere.analyse.table import Flags, Table

BASIC = ("reasoning_basic_audio", "reasoning_basic_video")
STRESS = ("reasoning_stress_audio", "reasoning_stress_video")
AGREEMENT = ("modality_agreement",)
YES_NO = (*AGREEMENT, *STRESS)
OFFICIAL = (*BASIC, *YES_NO)
DESCRIPTIONS = ("description_audio", "description_video")
KINDS = ("supporting", "displaced", "hallucinated")
NEGATIVES = ("displaced", "hallucinated")
HEADLINE = ("stress_score", "stress_auroc", "basic_accuracy", "agreement_balanced_accuracy")


class Measure(NamedTuple):
    """How a measure is called, and how it is computed."""

    title: str
    of: Callable[[Table, Numbers], Draws]
    unit: str = "%"


class Family(NamedTuple):
    """The measures of a benchmark."""

    measures: Mapping[str, Measure]
    headline: tuple[str, ...]
    """Names of those that are printed and compared first."""


class Part(NamedTuple):
    """Which questions a measure reads."""

    tasks: tuple[str, ...]
    kind: str | None = None
    """None: all but the plain ones."""
    wording: str | None = None

    def rows(self, table: Table) -> Flags:
        """Return which rows of the table these are."""
        kinds = table.kind != "plain" if self.kind is None else table.kind == self.kind
        chosen = np.isin(table.task, self.tasks) & kinds
        return (
            np.asarray(chosen)
            if self.wording is None
            else np.asarray(chosen & (table.wording == self.wording))
        )


def estimate(name: str, table: Table, weights: Numbers) -> Estimate:
    """Return one measure of a table of EmoReAlM with its interval."""
    return estimated(MEASURES[name], table, weights)


def estimated(measure: Measure, table: Table, weights: Numbers) -> Estimate:
    """Return a measure of a table with its interval."""
    draws = measure.of(table, weights)
    return interval(draws.values, draws.n)


def accuracy(table: Table, weights: Numbers, part: Part) -> Draws:
    """Return the share of right answers."""
    rows = part.rows(table)
    return ratio(table, weights, table.right & rows, rows)


def yes_rate(table: Table, weights: Numbers, part: Part) -> Draws:
    """Return the share of questions answered "yes"."""
    rows = part.rows(table)
    return ratio(table, weights, table.says_yes & rows, rows)


def yes_recall(table: Table, weights: Numbers, part: Part) -> Draws:
    """Return the share of right answers where "yes" is right."""
    rows = part.rows(table) & table.is_yes
    return ratio(table, weights, table.right & rows, rows)


def no_recall(table: Table, weights: Numbers, part: Part) -> Draws:
    """Return the share of right answers where "no" is right."""
    rows = part.rows(table) & table.is_no
    return ratio(table, weights, table.right & rows, rows)


def harmonic_mean(table: Table, weights: Numbers, part: Part) -> Draws:
    """Return the harmonic mean of both recalls, published as "F1"; 0 where both are 0."""
    yes, no = yes_recall(table, weights, part), no_recall(table, weights, part)
    total = yes.values + no.values
    safe = np.where(total == 0, 1.0, total)
    return Draws(2 * yes.values * no.values / safe, yes.n + no.n)


def balanced_accuracy(table: Table, weights: Numbers, part: Part) -> Draws:
    """Return the mean of both recalls."""
    return mean(yes_recall(table, weights, part), no_recall(table, weights, part))


def official_mean(table: Table, weights: Numbers, part: Part) -> Draws:
    """Return the unweighted mean of the tasks' accuracies; it exists where all tasks were asked."""
    return mean(*(accuracy(table, weights, part._replace(tasks=(task,))) for task in part.tasks))


def stress_score(table: Table, weights: Numbers, part: Part) -> Draws:
    """Return half the accuracy on supporting cues plus half its mean on displaced and hallucinated ones."""
    positive = accuracy(table, weights, part._replace(kind="supporting"))
    negative = mean(*(accuracy(table, weights, part._replace(kind=kind)) for kind in NEGATIVES))
    return mean(positive, negative)


def stress_auroc(table: Table, weights: Numbers, part: Part) -> Draws:
    """Return how often lp(yes) - lp(no) is larger for a supporting cue than for another one.

    Displaced and hallucinated cues weigh the same, as in the stress score: the mean of two areas. A question
    without log-probabilities ties with every other; where all are without, the measure does not exist.
    """
    positive = part._replace(kind="supporting").rows(table)
    negatives = [part._replace(kind=kind).rows(table) for kind in NEGATIVES]
    n = sum(int(np.count_nonzero(rows)) for rows in (positive, *negatives))
    if not np.isfinite(table.margin[np.logical_or.reduce([positive, *negatives])]).any():
        return none(weights, n)
    areas = [auroc(table.margin, table.clip, (positive, rows), weights) for rows in negatives]
    return Draws(np.mean(areas, axis=0), n)


def closed(title: str, of: Callable[[Table, Numbers, Part], Draws], part: Part) -> Measure:
    """Return a measure of closed questions, in percent."""
    return Measure(title, lambda table, weights: percent(of(table, weights, part)))


def _described(title: str, over: str, under: str, unit: str = "%") -> Measure:
    """Return a measure of descriptions: one count over another one, or over the number of answers."""

    def of(table: Table, weights: Numbers) -> Draws:
        rows = np.isin(table.task, DESCRIPTIONS)
        bottom = rows.astype(np.float64) if under == "answers" else table.counts[under]
        draws = ratio(table, weights, table.counts[over] * rows, bottom * rows)
        return percent(draws) if unit == "%" else draws

    return Measure(title, of, unit)


def unscored(table: Table, weights: Numbers) -> Draws:
    """Return the share of closed questions whose answer could not be had or read."""
    return percent(ratio(table, weights, table.closed & ~table.scored, table.closed))


def ties(table: Table, weights: Numbers) -> Draws:
    """Return the share of closed questions between whose best options log-probabilities do not decide."""
    return percent(ratio(table, weights, table.tie, table.closed))


def _headlines() -> dict[str, Measure]:
    """Return the headline measures, whole, by wording and (under stress) by modality."""
    parts = {"": Part(()), "/seen": Part((), wording="seen"), "/unseen": Part((), wording="unseen")}
    rows = (
        ("stress_score", "Stress score", stress_score, STRESS),
        ("stress_auroc", "Stress AUROC", stress_auroc, STRESS),
        ("basic_accuracy", "Basic accuracy", accuracy, BASIC),
        ("agreement_balanced_accuracy", "Agreement, balanced accuracy", balanced_accuracy, AGREEMENT),
    )
    found = {}
    for name, title, of, tasks in rows:
        for suffix, part in parts.items():
            found[name + suffix] = closed(titled(title, suffix), of, part._replace(tasks=tasks))
        if tasks == STRESS:
            for task in STRESS:
                suffix = "/" + task.rpartition("_")[2]
                found[name + suffix] = closed(titled(title, suffix), of, Part((task,)))
    return found


def _official() -> dict[str, Measure]:
    """Return the published measures, named for what they are."""
    found = {"mean_accuracy": closed("Mean of the five accuracies", official_mean, Part(OFFICIAL))}
    for task in OFFICIAL:
        found[f"accuracy/{task}"] = closed(titled("Accuracy", "/" + task), accuracy, Part((task,)))
    rows = (
        ("yes_recall", "Recall of yes", yes_recall),
        ("no_recall", "Recall of no", no_recall),
        ("harmonic_mean", "Harmonic mean of both recalls", harmonic_mean),
        ("yes_rate", "Yes-rate", yes_rate),
    )
    for name, title, of in rows:
        for task in YES_NO:
            found[f"{name}/{task}"] = closed(titled(title, "/" + task), of, Part((task,)))
    return found


def _stress() -> dict[str, Measure]:
    """Return accuracy and yes-rate by stress kind, whole, by wording and by modality."""
    found = {}
    for name, title, of in (
        ("stress_accuracy", "Accuracy", accuracy),
        ("stress_yes_rate", "Yes-rate", yes_rate),
    ):
        for kind in (*KINDS, "plain"):
            part = Part(STRESS, kind)
            variants = {"": part, "/seen": part._replace(wording="seen")}
            variants["/unseen"] = part._replace(wording="unseen")
            variants |= {"/" + task.rpartition("_")[2]: part._replace(tasks=(task,)) for task in STRESS}
            for suffix, variant in variants.items():
                label = titled(title, f"/{kind}{suffix}")
                found[f"{name}/{kind}{suffix}"] = closed(label, of, variant)
    return found


def titled(title: str, suffix: str) -> str:
    """Return a title for people, its parts after a comma."""
    return ", ".join([title, *(part.replace("_", " ") for part in suffix.split("/") if part)])


MEASURES: dict[str, Measure] = {
    **_headlines(),
    **_official(),
    **_stress(),
    "description/supporting": _described("Named cues that are supporting", "supporting", "named"),
    "description/displaced": _described("Named cues that are displaced", "displaced", "named"),
    "description/spurious": _described("Named cues that are spurious", "spurious", "named"),
    "description/hallucinated": _described("Named cues that are hallucinated", "hallucinated", "named"),
    "description/wrong_modality": _described("Named cues of the wrong modality", "wrong_modality", "named"),
    "description/recall": _described("Recall of supporting cues", "recalled", "recallable"),
    "description/cues": _described("Mean number of named cues", "named", "answers", "cues"),
    "description/unparsed": _described("Descriptions not parsed", "unparsed", "answers"),
    "calibration/ece": Measure("Expected calibration error", calibration.ece),
    "calibration/brier": Measure("Brier score, times 100", calibration.brier, "of 200"),
    "calibration/auroc": Measure("AUROC of confidence, right over wrong", calibration.confidence_auroc),
    "calibration/aurc": Measure("Area under risk and coverage", calibration.aurc),
    "unscored": Measure("Closed questions without a readable answer", unscored),
    "ties": Measure("Closed questions whose best options tie", ties),
}
"""All measures by name; the first ones are the headlines."""
