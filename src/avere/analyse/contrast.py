"""Two models, or two arms of several seeds, set against each other, with every doubt beside."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import numpy as np

from avere.analyse import families
from avere.analyse._bootstrap import BootstrapValues, to_percent
from avere.analyse.compare import Comparison, adjust_holm, compare_runs, difference_of_draws
from avere.analyse.effects import cohen_h, flip_clips_test, odds_ratio
from avere.analyse.intervals import DRAWS, FEWEST_SEEDS, SEED, Numbers
from avere.analyse.label_bound import bound_by_labels
from avere.analyse.measures import KINDS, QuestionFilter, measure_accuracy
from avere.analyse.runs import Run
from avere.analyse.table import Table, read_table
from avere.errors import AvereError, printable_path
from avere.records import Question, Record

BY_KIND = tuple(
    f"{name}/{kind}" for kind in (*KINDS, "plain") for name in ("stress_accuracy", "stress_yes_rate")
)
"""Compared beside the headlines, where they are measures: accuracy and yes-rate by kind of cue."""

TEST = "sign flips of whole clips, exact"
"""What the p values of tasks are of; see :func:`avere.analyse.effects.flip_clips_test`."""


class TaskContrast(Record):
    """The questions of one task, pair by pair."""

    task: str
    questions: int
    accuracy: Comparison
    first_only: int
    """Questions that the first runs answer rightly more often; with one seed: that only the first does."""
    second_only: int
    p: float
    """Of the test named below; exact for any number of clips, so never below 2 / 2^(clips that differ)."""
    p_holm: float
    """Corrected over the tasks."""
    test: str = TEST
    odds_ratio: float | None
    """Mended for each one spoilt; None where none was spoilt."""
    cohen_h: float


class Contrast(Record):
    """How the second runs differ from the first."""

    first: tuple[str, ...]
    """Folders of the runs."""
    second: tuple[str, ...]
    condition: str
    draws: int
    seed: int
    label_error: float
    """Share of labels assumed to be wrong."""
    measures: tuple[Comparison, ...]
    titles: Mapping[str, str]
    """Of measures, for people."""
    tasks: tuple[TaskContrast, ...]
    warnings: tuple[str, ...]


def contrast_runs(
    arms: tuple[Sequence[Run], Sequence[Run]],
    condition: str = "av",
    label_error: float = 0.0,
    draws: int = DRAWS,
    seed: int = SEED,
) -> Contrast:
    """Compare two arms, one run a seed, on every headline and by kind of cue, and task by task.

    Raises:
        AvereError: the runs cannot be paired, or were asked different questions.
    """
    _same_questions(*arms)
    first, second = ([read_table(run, condition) for run in arm] for arm in arms)
    known = families.of(first[0])
    shown = (*known.headline, *(name for name in BY_KIND if name in known.measures))
    compared = (compare_runs(first, second, name, draws, seed) for name in dict.fromkeys(shown))
    measured = tuple(one for one in compared if one.difference is not None)
    titles = {name: one.title for name, one in known.measures.items()}
    tasks = _tasks(first, second, draws, seed)
    every = [*measured, *(task.accuracy for task in tasks if task.accuracy.difference is not None)]
    return Contrast(
        first=tuple(printable_path(run.folder) for run in arms[0]),
        second=tuple(printable_path(run.folder) for run in arms[1]),
        condition=condition,
        draws=draws,
        seed=seed,
        label_error=label_error,
        measures=measured,
        titles=titles,
        tasks=tasks,
        warnings=(
            *_unanswered(arms, condition),
            *_few_seeds(len(first)),
            *_doubts(every, titles),
            *_label_doubts(every, (first, second), label_error, titles),
        ),
    )


def contrast_title(measure: str, titles: Mapping[str, str]) -> str:
    """Name a measure for people; the accuracy of a task that no measure names bears the task's."""
    return titles.get(measure, measure.replace("/", ", ").replace("_", " "))


def _same_questions(first: Sequence[Run], second: Sequence[Run]) -> None:
    """Refuse runs whose questions bear the same names but are others."""
    for one, other in zip(first, second, strict=False):
        for name, question in one.questions.items():
            twin = other.questions.get(name, question)
            if _asked(twin) != _asked(question):
                raise AvereError(
                    f"question '{name}' is another one in '{other.folder}' than in '{one.folder}'; "
                    "evaluate both on the same --data"
                )


def _asked(question: Question) -> tuple[object, ...]:
    """List the fields that make two questions the same."""
    return question.clip, question.task, question.text, question.choices, question.answer


def _tasks(
    first: Sequence[Table], second: Sequence[Table], draws: int, seed: int
) -> tuple[TaskContrast, ...]:
    """Contrast all tasks of closed questions, corrected for their number."""
    names = sorted({task for one in first for task in one.task[one.closed].tolist()})
    found = [_task(name, first, second, (draws, seed)) for name in names]
    corrected = adjust_holm([one.p for one in found])
    return tuple(
        one.model_copy(update={"p_holm": round(p, 6)}) for one, p in zip(found, corrected, strict=True)
    )


def _task(
    name: str, first: Sequence[Table], second: Sequence[Table], resampling: tuple[int, int]
) -> TaskContrast:
    """Contrast one task, not corrected yet; plain questions stay out, as in every accuracy."""
    part = QuestionFilter((name,))
    sets = list(dict.fromkeys(one.clips for one in first))
    gains: Counter[tuple[int, str]] = Counter()
    by_clip: Counter[tuple[int, str]] = Counter()
    for one, other in zip(first, second, strict=True):
        rows, own = np.flatnonzero(part.rows(one)).tolist(), sets.index(one.clips)
        for row in rows:
            gain = int(other.right[row]) - int(one.right[row])
            gains[own, one.questions[row]] += gain
            by_clip[own, one.clips[int(one.clip[row])]] += gain
    worse, better = (sum(sign * gain > 0 for gain in gains.values()) for sign in (-1, 1))
    found = difference_of_draws(first, second, (f"accuracy/{name}", partial(_accuracy, part)), *resampling)
    before, after = ((value or 0.0) / 100 for value in (found.first, found.second))
    p = flip_clips_test(list(by_clip.values()))
    return TaskContrast(
        task=name,
        questions=len(gains),
        accuracy=found,
        first_only=worse,
        second_only=better,
        p=round(p, 6),
        p_holm=p,
        odds_ratio=odds_ratio(worse, better),
        cohen_h=round(cohen_h(before, after), 4),
    )


def _accuracy(part: QuestionFilter, rows: Table, weights: Numbers) -> BootstrapValues:
    """Compute the share of right answers to a part of the questions, in percent."""
    return to_percent(measure_accuracy(rows, weights, part))


def _unanswered(arms: Sequence[Sequence[Run]], condition: str) -> Iterator[str]:
    """Say which runs lack answers."""
    for run in (run for arm in arms for run in arm):
        answered = run.predictions[condition].values()
        missing = len(run.questions) - len(answered)
        failed = sum(one.status != "ok" for one in answered)
        if missing or failed:
            yield (
                f"'{run.folder}' lacks {missing} answers and failed at {failed}; they count as wrong, "
                "so finish the run before you trust a difference"
            )
    prints = [{run.fingerprint for run in arm} for arm in arms]
    if prints[0] == prints[1]:
        yield "both sides are the same model; a difference says how repeatable it is"


def _few_seeds(seeds: int) -> Iterator[str]:
    """Say that intervals over few seeds are too narrow."""
    if 1 < seeds < FEWEST_SEEDS:
        yield (
            f"{seeds} seeds say little about other seeds: the bootstrap over clips and seeds is too narrow "
            f"below {FEWEST_SEEDS} of them; the interval by t over seeds stands beside; trust the wider"
        )


def _doubts(found: Sequence[Comparison], titles: Mapping[str, str]) -> Iterator[str]:
    """Say which differences have no interval, and which are inside the noise."""
    without = {
        contrast_title(one.measure, titles): one.reason for one in found if one.reason and one.low is None
    }
    if without:
        listed = ", ".join(f"{title} ({reason})" for title, reason in without.items())
        yield f"no interval and no p value, resampling clips tells nothing of: {listed}"
    unsure = [one for one in found if _is_unsure(one)]
    if unsure:
        listed = ", ".join(
            f"{contrast_title(one.measure, titles)} ({one.difference:+.1f}; "
            f"found 8 times out of 10: {one.detectable:.1f})"
            for one in unsure
        )
        yield f"inside the noise, no difference is shown: {listed}"


def _is_unsure(one: Comparison) -> bool:
    """Check that the interval of a difference holds zero."""
    return one.low is not None and one.high is not None and one.low <= 0 <= one.high


def _label_doubts(
    found: Sequence[Comparison],
    arms: tuple[Sequence[Table], Sequence[Table]],
    error: float,
    titles: Mapping[str, str],
) -> Iterator[str]:
    """Say which differences outside the noise wrong labels alone could explain."""
    if error <= 0:
        return
    listed = []
    for one in found:
        bounds = [bound_by_labels(error, one.measure, *pair) for pair in zip(*arms, strict=True)]
        bound = float(np.mean([each for each in bounds if each is not None])) if None not in bounds else 0.0
        if bound and not _is_unsure(one) and one.difference and abs(one.difference) <= bound:
            listed.append(f"{contrast_title(one.measure, titles)} ({one.difference:+.1f}; up to {bound:.1f})")
    if listed:
        yield f"with {error:.1%} of the labels wrong, labels alone could make: {', '.join(listed)}"
