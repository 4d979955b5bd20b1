"""Two models, or two arms of several seeds, set against each other with all that says how sure it is."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import numpy as np

from avere.analyse import families
from avere.analyse._bootstrap import BootstrapValues, to_percent
from avere.analyse.compare import Comparison, adjust_holm, compare_runs, difference_of_draws
from avere.analyse.effects import cohen_h, label_bound, mcnemar_test, odds_ratio
from avere.analyse.intervals import DRAWS, SEED, Numbers
from avere.analyse.measures import KINDS, QuestionFilter, measure_accuracy
from avere.analyse.runs import Run
from avere.analyse.table import Table, read_table
from avere.errors import AvereError
from avere.records import Question, Record

BY_KIND = tuple(
    f"{name}/{kind}" for kind in (*KINDS, "plain") for name in ("stress_accuracy", "stress_yes_rate")
)
"""Compared beside the headlines, where they are measures: accuracy and yes-rate by kind of cue."""


class TaskContrast(Record):
    """The questions of one task, pair by pair."""

    task: str
    questions: int
    accuracy: Comparison
    first_only: int
    """Questions that the first runs answer rightly more often; with one seed: that only the first does."""
    second_only: int
    p: float
    """Exact McNemar; over several seeds the sign test on questions, which is the same with one."""
    p_holm: float
    """Corrected over the tasks."""
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
    return Contrast(
        first=tuple(str(run.folder) for run in arms[0]),
        second=tuple(str(run.folder) for run in arms[1]),
        condition=condition,
        draws=draws,
        seed=seed,
        label_error=label_error,
        measures=measured,
        titles=titles,
        tasks=tasks,
        warnings=(
            *_unanswered(arms, condition),
            *_doubts([*measured, *(t.accuracy for t in tasks)], label_error, titles),
        ),
    )


def contrast_title(measure: str, titles: Mapping[str, str]) -> str:
    """Return a measure's name for people; the accuracy of a task that no measure names bears the task's."""
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
    """Return what makes two questions the same."""
    return question.clip, question.task, question.text, question.choices, question.answer


def _tasks(
    first: Sequence[Table], second: Sequence[Table], draws: int, seed: int
) -> tuple[TaskContrast, ...]:
    """Return the contrasts of all tasks of closed questions, corrected for their number."""
    names = sorted({task for one in first for task in one.task[one.closed].tolist()})
    found = [_task(name, first, second, (draws, seed)) for name in names]
    corrected = adjust_holm([one.p for one in found])
    return tuple(
        one.model_copy(update={"p_holm": round(p, 6)}) for one, p in zip(found, corrected, strict=True)
    )


def _task(
    name: str, first: Sequence[Table], second: Sequence[Table], resampling: tuple[int, int]
) -> TaskContrast:
    """Return the contrast of one task, not corrected yet; plain questions stay out, as in every accuracy."""
    part = QuestionFilter((name,))
    sets = list(dict.fromkeys(one.clips for one in first))
    gains: Counter[tuple[int, str]] = Counter()
    for one, other in zip(first, second, strict=True):
        rows, own = part.rows(one), sets.index(one.clips)
        gain = other.right[rows].astype(np.intp) - one.right[rows]
        names = np.array(one.questions)[rows].tolist()
        gains.update({(own, question): each for question, each in zip(names, gain.tolist(), strict=True)})
    worse, better = (sum(sign * gain > 0 for gain in gains.values()) for sign in (-1, 1))
    found = difference_of_draws(first, second, (f"accuracy/{name}", partial(_accuracy, part)), *resampling)
    before, after = ((value or 0.0) / 100 for value in (found.first, found.second))
    p = mcnemar_test(worse, better)
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
    """Return the share of right answers to a part of the questions, in percent."""
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


def _doubts(found: Sequence[Comparison], label_error: float, titles: Mapping[str, str]) -> Iterator[str]:
    """Say which differences are inside the noise, and which wrong labels alone could explain."""
    unsure = [
        one for one in found if one.detectable is not None and (one.low or 0.0) <= 0 <= (one.high or 0.0)
    ]
    if unsure:
        listed = ", ".join(
            f"{contrast_title(one.measure, titles)} ({one.difference:+.1f}; "
            f"found 8 times out of 10: {one.detectable:.1f})"
            for one in unsure
        )
        yield f"inside the noise, no difference is shown: {listed}"
    bound = label_bound(label_error)
    small = [
        one
        for one in found
        if _is_accuracy(one.measure) and one not in unsure and abs(one.difference or 0.0) <= bound
    ]
    if small:
        listed = ", ".join(f"{contrast_title(one.measure, titles)} ({one.difference:+.1f})" for one in small)
        yield (
            f"with {label_error:.1%} of the labels wrong, labels alone could make up to {bound:.1f} points, "
            f"which is enough for: {listed}"
        )


def _is_accuracy(measure: str) -> bool:
    """Tell whether a measure is a mean of accuracies, which a share of wrong labels moves by a known most."""
    return "accuracy" in measure or measure in ("stress_score", "war")
