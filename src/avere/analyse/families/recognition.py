"""Recognising one emotion of a fixed set: UAR, WAR and F1 as `avere.analyse.classification` defines them.

Every number is made anew in each resampling of clips, so a macro mean has the interval of the mean and not
of its parts. What was not read is wrong and stays in every denominator. 0/0 decided as there: a mean exists
where each of its parts does, and weighted F1 passes over labels that are never right.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

import numpy as np

from avere.analyse._bootstrap import (
    BootstrapValues,
    bootstrap_mean,
    bootstrap_ratio,
    bootstrap_rows,
    find_clips,
    to_percent,
)
from avere.analyse.intervals import Numbers
from avere.analyse.measures import Measure, MeasureFamily, add_titles, count_ties, count_unscored
from avere.analyse.table import Flags, Table

HEADLINE = ("uar", "war", "f1_macro", "f1_weighted")


class Counts(NamedTuple):
    """How often each label is right, said, and both; shape [1 + draws, labels]."""

    right: Numbers
    said: Numbers
    hits: Numbers
    rows: BootstrapValues
    """The questions that these rest on; the thinnest part is the label that is right on the fewest clips."""


Part = Callable[[Table], Flags]
"""Which questions a measure reads."""


def family(table: Table) -> MeasureFamily:
    """Make the measures: whole and by label, by fold and by votes where there are any."""
    measures = _whole("", _closed) | _by_label(table.labels)
    headline = list(HEADLINE)
    folds = sorted({str(kind) for kind in table.kind if str(kind).startswith("fold ")})
    if len(folds) > 1:
        measures |= _folds(folds)
        headline += ["uar_folds", "war_folds"]
    met = sorted({name.rpartition(":")[0] for votes in table.votes for name in votes})
    if met:
        measures |= _by_votes("audiovisual" if "audiovisual" in met else met[0]) | _people(met)
        headline += ["vote_share", *(name for name in measures if name.startswith("people"))]
    measures["unscored"] = Measure("Answers that could not be had or read", count_unscored)
    measures["ties"] = Measure("Questions whose best options tie", count_ties)
    return MeasureFamily(measures, (*headline, "unscored"))


def counts(table: Table, weights: Numbers, rows: Flags) -> Counts:
    """Count how often every label is right, said, and both, in every resampling."""
    size, columns = len(table.clips), []
    for label in table.labels:
        right, said = rows & (table.truth == label), rows & (table.said == label)
        columns += [
            np.bincount(table.clip, weights=one, minlength=size) for one in (right, said, right & said)
        ]
    every = weights @ np.stack(columns, axis=1) if columns else np.zeros((len(weights), 0))
    of_labels = (int(find_clips(table, rows & (table.truth == label)).sum()) for label in table.labels)
    whole = bootstrap_rows(table, np.zeros(len(weights)), rows)
    whole = whole._replace(thinnest=min((clips for clips in of_labels if clips), default=whole.thinnest))
    return Counts(every[:, 0::3], every[:, 1::3], every[:, 2::3], whole)


def uar(table: Table, weights: Numbers, part: Part) -> BootstrapValues:
    """Average the recalls of all labels."""
    found = counts(table, weights, part(table))
    return found.rows._replace(values=np.mean(_over(found.hits, found.right), axis=1))


def war(table: Table, weights: Numbers, part: Part) -> BootstrapValues:
    """Compute the share of right answers: recalls weighted by how often each label is right."""
    rows = part(table)
    return bootstrap_ratio(table, weights, table.right & rows, rows)


def f1_macro(table: Table, weights: Numbers, part: Part) -> BootstrapValues:
    """Average the F1 of all labels."""
    found = counts(table, weights, part(table))
    return found.rows._replace(values=np.mean(_f1(found), axis=1))


def f1_weighted(table: Table, weights: Numbers, part: Part) -> BootstrapValues:
    """Average the labels' F1, weighted by how often each is right: WAF of the MER challenges."""
    rows = part(table)
    found = counts(table, weights, rows)
    earned = np.where(found.right > 0, found.right * np.nan_to_num(_f1(found)), 0.0)
    return bootstrap_rows(table, _over(earned.sum(axis=1), found.right.sum(axis=1)), rows)


def _by_label(labels: tuple[str, ...]) -> dict[str, Measure]:
    """Make recall, precision and F1 of each label."""
    of_what = {"recall": "right", "precision": "said"}

    def of(place: int, what: str, table: Table, weights: Numbers) -> BootstrapValues:
        found = counts(table, weights, _closed(table))
        made = _f1(found) if what == "f1" else _over(found.hits, getattr(found, of_what[what]))
        label = table.labels[place]
        rows = {"recall": table.truth == label, "precision": table.said == label}.get(what, _closed(table))
        return to_percent(bootstrap_rows(table, made[:, place], rows))

    names = {"recall": "Recall", "precision": "Precision", "f1": "F1"}
    return {
        f"{what}/{label}": Measure(f"{title}, {label}", partial(of, place, what))
        for what, title in names.items()
        for place, label in enumerate(labels)
    }


def _whole(suffix: str, part: Part) -> dict[str, Measure]:
    """Make the measures over all labels of some questions."""
    rows = (
        ("uar", "UAR, mean recall", uar),
        ("war", "WAR, accuracy", war),
        ("f1_macro", "F1, macro", f1_macro),
        ("f1_weighted", "F1, weighted", f1_weighted),
    )

    def of(
        measure: Callable[[Table, Numbers, Part], BootstrapValues], table: Table, weights: Numbers
    ) -> BootstrapValues:
        return to_percent(measure(table, weights, part))

    return {name + suffix: Measure(add_titles(title, suffix), partial(of, one)) for name, title, one in rows}


def _folds(folds: list[str]) -> dict[str, Measure]:
    """Make the measures of each fold, and UAR and WAR as published: their mean over the folds."""
    measures: dict[str, Measure] = {}
    for fold in folds:
        measures |= _whole("/" + fold.replace(" ", "_"), partial(_of_kind, fold))

    def of(
        measure: Callable[[Table, Numbers, Part], BootstrapValues], table: Table, weights: Numbers
    ) -> BootstrapValues:
        return to_percent(
            bootstrap_mean(*(measure(table, weights, partial(_of_kind, fold)) for fold in folds))
        )

    count = len(folds)
    return measures | {
        "uar_folds": Measure(f"UAR, mean of {count} folds", partial(of, uar)),
        "war_folds": Measure(f"WAR, mean of {count} folds", partial(of, war)),
    }


def _closed(table: Table) -> Flags:
    return table.closed


def _of_kind(kind: str, table: Table) -> Flags:
    return np.asarray(table.closed & (table.kind == kind))


Share = Callable[[Mapping[str, float], str, str], float]
"""Of the shares of votes by label, the right label and the model's: a number from 0 to 1."""


def _by_votes(met: str) -> dict[str, Measure]:
    """Compare answers with all votes instead of one label: what the model reaches, and what any could."""
    rows: tuple[tuple[str, str, Share], ...] = (
        ("vote_share", "Annotators who chose the model's label", lambda votes, _, said: votes.get(said, 0.0)),
        ("vote_ceiling", "Annotators who chose the most voted label", lambda votes, *_: max(votes.values())),
        ("vote_top", "The model's label is a most voted one", _is_top),
    )
    return {name: Measure(title, partial(_voted, share, met)) for name, title, share in rows}


def _people(met: list[str]) -> dict[str, Measure]:
    """Measure the share of people who chose the right label, by how they met the clips where known."""

    def share(votes: Mapping[str, float], right: str, said: str) -> float:
        del said
        return votes.get(right, 0.0)

    title = "People who chose the right label"
    return {
        "people" + (f"/{one}" if one else ""): Measure(
            add_titles(title, f"/{one}"), partial(_voted, share, one)
        )
        for one in met
    }


def _is_top(votes: Mapping[str, float], right: str, said: str) -> float:
    del right
    return float(votes.get(said, 0.0) == max(votes.values()))


def _voted(share: Share, met: str, table: Table, weights: Numbers) -> BootstrapValues:
    """Average a number of votes and answer over the questions on clips with such votes."""
    heading = f"{met}:" if met else ""
    own = [
        {name.removeprefix(heading): count for name, count in votes.items() if name.startswith(heading)}
        for votes in table.votes
    ]
    totals = [sum(votes.values()) for votes in own]
    voted = np.array([total > 0 for total in totals], dtype=np.bool_) & table.closed
    shares = [
        share({name: count / total for name, count in votes.items()}, str(right), str(said)) if total else 0.0
        for votes, total, right, said in zip(own, totals, table.truth, table.said, strict=True)
    ]
    return to_percent(bootstrap_ratio(table, weights, np.array(shares) * voted, voted))


def _over(top: Numbers, bottom: Numbers) -> Numbers:
    """Divide top by bottom, not a number where that is 0/0."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(top / bottom)


def _f1(found: Counts) -> Numbers:
    """Compute each label's F1: 2 hits / (times right + times said)."""
    return _over(2 * found.hits, found.right + found.said)
