"""Turning predictions into scores; needs no model, so it can be done again at any time."""

from collections.abc import Sequence
from math import exp
from pathlib import Path
from typing import NamedTuple

from avere.benchmark import (
    PUBLISHED,
    Mark,
    Tallies,
    check_parser,
    check_published,
    file_name,
    find_benchmark,
    mark_reply,
    name_benchmark,
)
from avere.errors import AvereError
from avere.evaluate.conditions import rotate_options, rotation_of
from avere.interfaces import BenchmarkModule, OpenBenchmark
from avere.records import Prediction, Question, Score, journal, jsonl

TIE = 1e-4
"""Log-probabilities that lie closer than this are the same: batches of another size move them by less."""
DECIMALS = 3
"""Of log-probabilities, as scores are made from them."""


class Marking(NamedTuple):
    """What turns the replies of a run into scores."""

    benchmark: BenchmarkModule
    parser: str = "strict"
    tallies: Tallies | None = None
    """Scores open replies, where the benchmark asks for any."""


def rescore_run(out: Path, parser: str = "strict") -> Path:
    """Read the journals of all processes of a run again, write its scores anew and return their path.

    ``scores.jsonl`` holds what the strict parser gives; another parser's scores lie beside it, in
    ``scores.PARSER.jsonl``.

    Raises:
        AvereError: the folder holds no run, there is no such parser, or the benchmark has none that was
            published.
    """
    check_parser(parser)
    if not journal.files(out):
        raise AvereError(f"'{out}' holds no journal.jsonl; give the folder that `avere evaluate` wrote")
    questions = jsonl.read_by_id(out / "questions.jsonl", Question)
    predictions = journal.read(out).values()
    place = {name: number for number, name in enumerate(questions)}
    known = [prediction for prediction in predictions if prediction.question in questions]
    ordered = sorted(known, key=lambda prediction: (prediction.condition, place[prediction.question]))
    path = out / file_name("scores.jsonl", parser)
    marking = _marking(out, parser) if ordered else None
    jsonl.write(path, (score(questions[one.question], one, marking) for one in ordered if marking))
    return path


def _marking(out: Path, parser: str) -> Marking:
    """Find what marks the replies of a run.

    Raises:
        AvereError: the benchmark has no published reading, and it was asked for.
    """
    benchmark = find_benchmark(name_benchmark(out))
    if parser == PUBLISHED:
        check_published(benchmark)
    tallies = benchmark.tallies(out) if isinstance(benchmark, OpenBenchmark) else None
    return Marking(benchmark, parser, tallies)


def score(question: Question, prediction: Prediction, marking: Marking) -> Score:
    """Score one prediction: 1 or 0 of a closed question, the tally of an open one.

    ``chosen`` is the place of the option in the question as it stands, however its options were rotated.
    A closed question with a reply is read by its words; without one, by its likeliest option. The
    log-probabilities are rounded, so that the arithmetic of another batch gives the same score.
    """
    key = prediction.key
    if prediction.status != "ok":
        return Score(key=key, value=None, reason=prediction.status)
    if not question.choices:
        return _open(question, prediction, marking.tallies)
    rotation = rotation_of(prediction.condition)
    asked = rotate_options(question, rotation)
    marked, read_as = _chosen(asked, prediction, marking)
    parts = _odds(asked, prediction.choice_log_probs, marked.choice)
    if marked.choice is not None:
        parts = {"chosen": float((marked.choice + rotation) % len(question.choices)), **parts}
    value = None if marked.right is None else float(marked.right)
    return Score(key=key, value=value, read_as=read_as, parts=parts, reason=marked.reason)


def likeliest_options(values: Sequence[float]) -> list[int]:
    """List the options that are the likeliest up to what arithmetic can tell; several are a tie.

    >>> likeliest_options((-2.0, -1.0, -1.00005))
    [1, 2]
    """
    best = max(values)
    return [index for index, value in enumerate(values) if best - value <= TIE]


def _chosen(question: Question, prediction: Prediction, marking: Marking) -> tuple[Mark, str]:
    """Mark what was chosen, and name how that was read.

    A tie says nothing about the options, so it is marked, the model was asked to speak, and its words decide
    where they can be read. Else the first of the tied options counts. That gives no model a gift: one whose
    options always tie is the model that always answers A, and earns 25 or 50 as that one does, while counting
    ties as wrong would put it below chance.
    """
    values = prediction.choice_log_probs
    if prediction.reply or values is None:
        marked = mark_reply(marking.benchmark, question, prediction, marking.parser)
        if marked.choice is not None or values is None or len(likeliest_options(values)) == 1:
            return marked, marking.parser
    first = likeliest_options(values)[0]
    return Mark(first == question.answer, first, None), "log-prob"


def _odds(question: Question, values: Sequence[float] | None, chosen: int | None) -> dict[str, float]:
    """Compute what the log-probabilities of the options say beside the choice."""
    if values is None:
        return {}
    rounded = [round(value, DECIMALS) for value in values]
    weights = [exp(value - max(rounded)) for value in rounded]
    shares = [weight / sum(weights) for weight in weights]
    words = [choice.casefold() for choice in question.choices]
    found = {"tie": 1.0} if len(likeliest_options(values)) > 1 else {}
    if sorted(words) == ["no", "yes"]:
        yes, no = (rounded[words.index(word)] for word in ("yes", "no"))
        found["yes_minus_no"] = round(yes - no, DECIMALS)
    if chosen is not None:
        found["confidence"] = round(shares[chosen], 6)
    if question.answer is not None:
        gaps = (share - (place == question.answer) for place, share in enumerate(shares))
        found["brier"] = round(sum(gap**2 for gap in gaps), 6)
    return found


def _open(question: Question, prediction: Prediction, tallies: Tallies | None) -> Score:
    """Tally a reply to an open question."""
    if tallies is None:
        reason = "its benchmark scores no open questions"
        return Score(key=prediction.key, value=None, read_as="description", reason=reason)
    found = tallies(question, prediction)
    return Score(
        key=prediction.key,
        value=found.value,
        read_as="description",
        parts=found.parts,
        reason=found.reason,
    )
