"""Every number that is reported of a run, computed for all resamplings of its clips at once.

Shares are in percent. What was asked and not answered readably is wrong and says neither yes nor no; it
stays in every denominator. 0/0 decided: a share of nothing is None; a harmonic mean of two zeros is 0.
Plain questions (facts that are evidence of nothing) enter no measure but those named ``.../plain``.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from avere.analyse import calibration
from avere.analyse._auroc import compute_auroc, compute_denied
from avere.analyse._bootstrap import (
    BootstrapValues,
    bootstrap_interval,
    bootstrap_mean,
    bootstrap_nothing,
    bootstrap_parts,
    bootstrap_ratio,
    bootstrap_rows,
    to_percent,
)
from avere.analyse.intervals import Interval, Numbers
from avere.analyse.table import Flags, Table

BASIC = ("reasoning_basic_audio", "reasoning_basic_video")
STRESS = ("reasoning_stress_audio", "reasoning_stress_video")
AGREEMENT = ("modality_agreement",)
YES_NO = (*AGREEMENT, *STRESS)
OFFICIAL = (*BASIC, *YES_NO)
DESCRIPTIONS = ("description_audio", "description_video")
EMOTION = ("emotion_audio", "emotion_video")
"""Four-option questions after the emotion, with a clip's spoken line as subtitle or without."""
WORDS = ("no_words", "words_fit", "words_lie")
TYPICALITY = ("stereotyped", "rare")
AFFIRMED = 0.75
"""The yes-rate on supporting cues at which models are compared in what they deny."""
KINDS = ("supporting", "displaced", "hallucinated")
NEGATIVES = ("displaced", "hallucinated")
HEADLINE = ("stress_score", "stress_auroc", "basic_accuracy", "agreement_balanced_accuracy")


class Measure(NamedTuple):
    """How a measure is called, and how it is computed."""

    title: str
    of: Callable[[Table, Numbers], BootstrapValues]
    unit: str = "%"


class MeasureFamily(NamedTuple):
    """The measures of a benchmark."""

    measures: Mapping[str, Measure]
    headline: tuple[str, ...]
    """Names of those that are printed and compared first."""


class QuestionFilter(NamedTuple):
    """Which questions a measure reads."""

    tasks: tuple[str, ...]
    kind: str | None = None
    """None: all but the plain ones."""
    wording: str | None = None
    typicality: str | None = None

    def rows(self, table: Table) -> Flags:
        """Mark the rows of the table that these are."""
        kinds = table.kind != "plain" if self.kind is None else table.kind == self.kind
        chosen = np.isin(table.task, self.tasks) & kinds
        if self.wording is not None:
            chosen &= table.wording == self.wording
        if self.typicality is not None:
            chosen &= table.typicality == self.typicality
        return np.asarray(chosen)


def estimate_measures(name: str, table: Table, weights: Numbers) -> Interval:
    """Estimate one measure of a table of EmoReAlM with its interval."""
    return estimate_with_interval(MEASURES[name], table, weights)


def estimate_with_interval(measure: Measure, table: Table, weights: Numbers) -> Interval:
    """Estimate a measure of a table with its interval."""
    return bootstrap_interval(measure.of(table, weights))


def measure_accuracy(table: Table, weights: Numbers, part: QuestionFilter) -> BootstrapValues:
    """Compute the share of right answers."""
    rows = part.rows(table)
    return bootstrap_ratio(table, weights, table.right & rows, rows)


def measure_yes_rate(table: Table, weights: Numbers, part: QuestionFilter) -> BootstrapValues:
    """Compute the share of questions answered "yes"."""
    rows = part.rows(table)
    return bootstrap_ratio(table, weights, table.says_yes & rows, rows)


def measure_lured(table: Table, weights: Numbers, part: QuestionFilter) -> BootstrapValues:
    """Compute how often the choice that the words of a clip suggest is taken, where it is a wrong one."""
    rows = part.rows(table) & table.lurable
    return bootstrap_ratio(table, weights, table.lured & rows, rows)


def measure_yes_recall(table: Table, weights: Numbers, part: QuestionFilter) -> BootstrapValues:
    """Compute the share of right answers where "yes" is right."""
    rows = part.rows(table) & table.is_yes
    return bootstrap_ratio(table, weights, table.right & rows, rows)


def measure_no_recall(table: Table, weights: Numbers, part: QuestionFilter) -> BootstrapValues:
    """Compute the share of right answers where "no" is right."""
    rows = part.rows(table) & table.is_no
    return bootstrap_ratio(table, weights, table.right & rows, rows)


def measure_harmonic_mean(table: Table, weights: Numbers, part: QuestionFilter) -> BootstrapValues:
    """Compute the harmonic mean of both recalls, published as "F1"; 0 where both are 0."""
    yes, no = measure_yes_recall(table, weights, part), measure_no_recall(table, weights, part)
    total = yes.values + no.values
    safe = np.where(total == 0, 1.0, total)
    return bootstrap_parts(2 * yes.values * no.values / safe, yes, no)


def measure_balanced_accuracy(table: Table, weights: Numbers, part: QuestionFilter) -> BootstrapValues:
    """Average both recalls."""
    return bootstrap_mean(measure_yes_recall(table, weights, part), measure_no_recall(table, weights, part))


def measure_official_mean(table: Table, weights: Numbers, part: QuestionFilter) -> BootstrapValues:
    """Average the tasks' accuracies, unweighted; the mean exists where all tasks were asked."""
    return bootstrap_mean(
        *(measure_accuracy(table, weights, part._replace(tasks=(task,))) for task in part.tasks)
    )


def measure_stress_score(table: Table, weights: Numbers, part: QuestionFilter) -> BootstrapValues:
    """Add half the accuracy on supporting cues and half its mean on displaced and hallucinated ones."""
    positive = measure_accuracy(table, weights, part._replace(kind="supporting"))
    negative = bootstrap_mean(
        *(measure_accuracy(table, weights, part._replace(kind=kind)) for kind in NEGATIVES)
    )
    return bootstrap_mean(positive, negative)


def measure_stress_auroc(table: Table, weights: Numbers, part: QuestionFilter) -> BootstrapValues:
    """Compare lp(yes) - lp(no) of supporting cues with that of others: the area under the ROC curve.

    Displaced and hallucinated cues weigh the same, as in the stress score: the mean of two areas. A question
    without log-probabilities ties with every other; where all are without, the measure does not exist.
    """
    positive = part._replace(kind="supporting").rows(table)
    negatives = [part._replace(kind=kind).rows(table) for kind in NEGATIVES]
    if not np.isfinite(table.margin[np.logical_or.reduce([positive, *negatives])]).any():
        n = sum(int(np.count_nonzero(rows)) for rows in (positive, *negatives))
        return bootstrap_nothing(table, weights, n)
    areas = [compute_auroc(table.margin, table.clip, (positive, rows), weights) for rows in negatives]
    sides = (bootstrap_rows(table, areas[0], rows) for rows in (positive, *negatives))
    return bootstrap_parts(np.mean(areas, axis=0), *sides)


def measure_denied(table: Table, weights: Numbers, part: QuestionFilter) -> BootstrapValues:
    """Compute the share of hallucinated cues denied where `AFFIRMED` of the supporting ones are affirmed.

    By lp(yes) - lp(no), so that a model which only says no more often gains nothing.
    """
    positive, negative = QuestionFilter(part.tasks, "supporting").rows(table), part.rows(table)
    if not np.isfinite(table.margin[positive]).any():
        return bootstrap_nothing(table, weights, int(np.count_nonzero(negative)))
    found = compute_denied(table.margin, table.clip, (positive, negative), weights, AFFIRMED)
    sides = (bootstrap_rows(table, found, rows) for rows in (positive, negative))
    return bootstrap_parts(found, *sides)


def measure_beside(table: Table, weights: Numbers, part: QuestionFilter) -> BootstrapValues:
    """Average the accuracies on displaced cues and on plain facts: what is there and beside the point."""
    kinds = ("displaced", "plain")
    return bootstrap_mean(*(measure_accuracy(table, weights, part._replace(kind=kind)) for kind in kinds))


def closed(
    title: str, of: Callable[[Table, Numbers, QuestionFilter], BootstrapValues], part: QuestionFilter
) -> Measure:
    """Make a measure of closed questions, in percent."""
    return Measure(title, lambda table, weights: to_percent(of(table, weights, part)))


def _described(title: str, over: str, under: str, unit: str, part: QuestionFilter) -> Measure:
    """Make a measure of descriptions: one count over another one, or over the number of answers."""

    def of(table: Table, weights: Numbers) -> BootstrapValues:
        rows = part.rows(table)
        if "unmeasured" in table.counts:
            rows = rows & (table.counts["unmeasured"] == 0)
        bottom = rows.astype(np.float64) if under == "answers" else table.counts[under]
        draws = bootstrap_ratio(table, weights, table.counts[over] * rows, bottom * rows)
        return to_percent(draws) if unit == "%" else draws

    return Measure(title, of, unit)


def count_unscored(table: Table, weights: Numbers) -> BootstrapValues:
    """Compute the share of closed questions whose answer could not be had or read."""
    return to_percent(bootstrap_ratio(table, weights, table.closed & ~table.scored, table.closed))


def count_ties(table: Table, weights: Numbers) -> BootstrapValues:
    """Compute the share of closed questions between whose best options log-probabilities do not decide."""
    return to_percent(bootstrap_ratio(table, weights, table.tie, table.closed))


def _headlines() -> dict[str, Measure]:
    """Make the headline measures, whole, by wording and (under stress) by modality."""
    parts = {
        "": QuestionFilter(()),
        "/seen": QuestionFilter((), wording="seen"),
        "/unseen": QuestionFilter((), wording="unseen"),
    }
    rows = (
        ("stress_score", "Stress score", measure_stress_score, STRESS),
        ("stress_auroc", "Stress AUROC", measure_stress_auroc, STRESS),
        ("basic_accuracy", "Basic accuracy", measure_accuracy, BASIC),
        ("agreement_balanced_accuracy", "Agreement, balanced accuracy", measure_balanced_accuracy, AGREEMENT),
    )
    found = {}
    for name, title, of, tasks in rows:
        for suffix, part in parts.items():
            found[name + suffix] = closed(add_titles(title, suffix), of, part._replace(tasks=tasks))
        if tasks == STRESS:
            for task in STRESS:
                suffix = "/" + task.rpartition("_")[2]
                found[name + suffix] = closed(add_titles(title, suffix), of, QuestionFilter((task,)))
            for how in TYPICALITY:
                part = QuestionFilter(tasks, typicality=how)
                found[f"{name}/{how}"] = closed(add_titles(title, f"/{how}"), of, part)
    return found


def _official() -> dict[str, Measure]:
    """Make the published measures, named for what they are."""
    found = {
        "mean_accuracy": closed(
            "Mean of the five accuracies", measure_official_mean, QuestionFilter(OFFICIAL)
        )
    }
    for task in OFFICIAL:
        found[f"accuracy/{task}"] = closed(
            add_titles("Accuracy", "/" + task), measure_accuracy, QuestionFilter((task,))
        )
    rows = (
        ("yes_recall", "Recall of yes", measure_yes_recall),
        ("no_recall", "Recall of no", measure_no_recall),
        ("harmonic_mean", "Harmonic mean of both recalls", measure_harmonic_mean),
        ("yes_rate", "Yes-rate", measure_yes_rate),
    )
    for name, title, of in rows:
        for task in YES_NO:
            found[f"{name}/{task}"] = closed(add_titles(title, "/" + task), of, QuestionFilter((task,)))
    return found


def _stress() -> dict[str, Measure]:
    """Make accuracy and yes-rate by stress kind, whole, by wording and by modality."""
    found = {}
    for name, title, of in (
        ("stress_accuracy", "Accuracy", measure_accuracy),
        ("stress_yes_rate", "Yes-rate", measure_yes_rate),
    ):
        for kind in (*KINDS, "plain"):
            part = QuestionFilter(STRESS, kind)
            variants = {"": part, "/seen": part._replace(wording="seen")}
            variants["/unseen"] = part._replace(wording="unseen")
            variants |= {"/" + task.rpartition("_")[2]: part._replace(tasks=(task,)) for task in STRESS}
            variants |= {f"/{how}": part._replace(typicality=how) for how in TYPICALITY if kind != "plain"}
            for suffix, variant in variants.items():
                label = add_titles(title, f"/{kind}{suffix}")
                found[f"{name}/{kind}{suffix}"] = closed(label, of, variant)
    absent = QuestionFilter(STRESS, "hallucinated")
    parts = {"": absent} | {f"/{how}": absent._replace(typicality=how) for how in TYPICALITY}
    for suffix, part in parts.items():
        label = add_titles("Absent cues denied where 75 % of the supporting are affirmed", suffix)
        found[f"denied_at_75{suffix}"] = closed(label, measure_denied, part)
    title = "Accuracy on displaced cues and plain facts"
    found["stress_accuracy/beside"] = closed(title, measure_beside, QuestionFilter(STRESS))
    return found


def _emotions() -> dict[str, Measure]:
    """Make the measures of questions after the emotion: what the words of a clip do to its answer.

    ``emotion_lured/no_words`` says how often the same choice is taken where the words are not told.
    """
    found = {}
    for kind in WORDS:
        part = QuestionFilter(EMOTION, kind)
        label = add_titles("Accuracy of the emotion", f"/{kind}")
        found[f"emotion_accuracy/{kind}"] = closed(label, measure_accuracy, part)
        if kind != "words_fit":
            label = add_titles("Emotion that lying words suggest", f"/{kind}")
            found[f"emotion_lured/{kind}"] = closed(label, measure_lured, part)
    return found


def _descriptions() -> dict[str, Measure]:
    """Make the measures of descriptions: whole, by wording, and by whether the request names the emotion."""
    rows = (
        ("supporting", "Named cues that are supporting", "supporting", "named", "%"),
        ("displaced", "Named cues that are displaced", "displaced", "named", "%"),
        ("spurious", "Named cues that are spurious", "spurious", "named", "%"),
        ("hallucinated", "Named cues that are hallucinated", "hallucinated", "named", "%"),
        ("wrong_modality", "Named cues of the wrong modality", "wrong_modality", "named", "%"),
        ("recall", "Recall of supporting cues", "recalled", "recallable", "%"),
        ("cues", "Mean number of named cues", "named", "answers", "cues"),
        ("unparsed", "Descriptions not parsed", "unparsed", "answers", "%"),
    )
    whole = QuestionFilter(DESCRIPTIONS)
    parts = {"": whole} | {f"/{how}": whole._replace(wording=how) for how in ("seen", "unseen")}
    parts |= {f"/{kind}": whole._replace(kind=kind) for kind in ("named", "open")}
    return {
        f"description/{name}{suffix}": _described(add_titles(title, suffix), over, under, unit, part)
        for suffix, part in parts.items()
        for name, title, over, under, unit in rows
    }


def add_titles(title: str, suffix: str) -> str:
    """Write a title for people, its parts after a comma."""
    return ", ".join([title, *(part.replace("_", " ") for part in suffix.split("/") if part)])


MEASURES: dict[str, Measure] = {
    **_headlines(),
    **_official(),
    **_stress(),
    **_emotions(),
    **_descriptions(),
    "calibration/ece": Measure("Expected calibration error", calibration.ece),
    "calibration/rms": Measure("Calibration error, root mean square, debiased", calibration.rms_error),
    "calibration/brier": Measure("Brier score, times 100", calibration.brier, "of 200"),
    "calibration/auroc": Measure("AUROC of confidence, right over wrong", calibration.confidence_auroc),
    "calibration/aurc": Measure("Area under risk and coverage", calibration.aurc),
    "unscored": Measure("Closed questions without a readable answer", count_unscored),
    "ties": Measure("Closed questions whose best options tie", count_ties),
}
"""All measures by name; the first ones are the headlines."""
