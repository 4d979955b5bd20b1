"""The same words under each parser: how much of a number is the model's, and how much the scorer's."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from avere.analyse.runs import Run
from avere.answers.published import published_row
from avere.benchmark import PARSERS, PUBLISHED, find_benchmark, mark_reply
from avere.benchmark.compat import emorealm_metrics
from avere.errors import AvereError
from avere.interfaces import BenchmarkModule, PublishedBenchmark
from avere.records import Prediction, Question


class ByParser(NamedTuple):
    """What one parser makes of a run's replies to closed questions; shares in percent."""

    parser: str
    accuracies: Mapping[str, float | None]
    """By task."""
    mean: float | None
    """Unweighted mean over the tasks."""
    unread: float | None
    """Share of questions without a readable answer; None for the published script, which reads everything."""
    questions: int
    note: str
    """What the published script leaves out, or where it stops."""


def by_parser(run: Run, condition: str) -> tuple[ByParser, ...]:
    """Return a line for each parser, or none where no closed question was answered in words.

    Strict and lenient reading count what they cannot read, what failed and what was not asked as wrong. The
    published script leaves failed and unasked questions out.
    """
    asked = _in_words(run, condition)
    if not any(prediction and prediction.reply for _, prediction in asked):
        return ()
    benchmark = find_benchmark(run.benchmark)
    found = [_ours(asked, benchmark, parser) for parser in PARSERS if parser != PUBLISHED]
    if benchmark.FAMILY == "stress":
        found.append(_published(asked))
    elif isinstance(benchmark, PublishedBenchmark):
        found.append(_published_labels(asked, benchmark))
    return tuple(found)


Asked = Sequence[tuple[Question, Prediction | None]]


def _in_words(run: Run, condition: str) -> Asked:
    """Return the closed questions that are not answered by log-probabilities, with their predictions."""
    predictions = run.predictions.get(condition, {})
    pairs = [(one, predictions.get(name)) for name, one in run.questions.items() if one.choices]
    return [(one, said) for one, said in pairs if said is None or said.reply or said.choice_log_probs is None]


def _ours(asked: Asked, benchmark: BenchmarkModule, parser: str) -> ByParser:
    """Return the line of a parser of ours."""
    right: dict[str, list[bool | None]] = {}
    for question, prediction in asked:
        answered = prediction is not None and prediction.status == "ok"
        marked = mark_reply(benchmark, question, prediction, parser) if prediction and answered else None
        right.setdefault(question.task, []).append(marked.right if marked else None)
    accuracies = {task: 100 * marks.count(True) / len(marks) for task, marks in sorted(right.items())}
    unread = sum(marks.count(None) for marks in right.values())
    return ByParser(
        parser=parser,
        accuracies=accuracies,
        mean=sum(accuracies.values()) / len(accuracies),
        unread=100 * unread / len(asked),
        questions=len(asked),
        note="",
    )


def _published(asked: Asked) -> ByParser:
    """Return the line of the published script, task by task, since one task can stop it."""
    said = {question.id: one.reply for question, one in asked if one is not None and one.status == "ok"}
    accuracies: dict[str, float | None] = {}
    notes = []
    for task in sorted({question.task for question, _ in asked}):
        try:
            rows = [published_row(question) for question, _ in asked if question.task == task]
            accuracies[task] = emorealm_metrics(rows, said, parse=False)[f"{task}_overall_accuracy"]
        except ZeroDivisionError:
            # Only where no answer of the task is right, so its accuracy is known all the same.
            accuracies[task] = 0.0
            notes.append(f"stops with a division by zero in {task}")
        except AvereError as error:
            accuracies[task] = None
            notes.append(str(error))
    if left_out := len(asked) - len(said):
        notes.insert(0, f"leaves out {left_out} without a reply")
    known = [value for value in accuracies.values() if value is not None]
    return ByParser(
        parser=PUBLISHED,
        accuracies=accuracies,
        mean=sum(known) / len(known) if len(known) == len(accuracies) else None,
        unread=None,
        questions=len(said),
        note="; ".join(notes),
    )


def _published_labels(asked: Asked, benchmark: BenchmarkModule) -> ByParser:
    """Return the line of the published script of emotion labels, which leaves out what it cannot read."""
    right: dict[str, list[bool]] = {}
    note = ""
    try:
        for question, prediction in asked:
            if prediction is None or not prediction.reply:
                continue
            found = mark_reply(benchmark, question, prediction, PUBLISHED).right
            if found is not None:
                right.setdefault(question.task, []).append(found)
    except AvereError as error:
        right, note = {}, str(error)
    counted = sum(map(len, right.values()))
    if left_out := len(asked) - counted:
        note = note or f"leaves out {left_out} without a reply that it reads"
    accuracies: dict[str, float | None] = {
        task: 100 * sum(right[task]) / len(right[task]) if task in right else None
        for task in sorted({question.task for question, _ in asked})
    }
    known = [value for value in accuracies.values() if value is not None]
    mean = sum(known) / len(known) if known and len(known) == len(accuracies) else None
    return ByParser(PUBLISHED, accuracies, mean, None, counted, note)
