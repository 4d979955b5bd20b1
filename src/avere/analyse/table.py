"""One row a question: the plain arrays from which every measure is computed."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from avere import catalogue
from avere.analyse.runs import Run
from avere.errors import AvereError
from avere.interfaces import BenchmarkModule, OpenBenchmark
from avere.records import Question, Score

COUNTS = (
    "supporting",
    "displaced",
    "spurious",
    "hallucinated",
    "wrong_modality",
    "named",
    "recalled",
    "recallable",
    "unparsed",
)
"""The tally of a description, as its score's parts hold it."""

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Table(NamedTuple):
    """All questions of a run under one condition; arrays have one entry a row."""

    benchmark: str
    clips: tuple[str, ...]
    questions: tuple[str, ...]
    clip: NDArray[np.intp]
    """Index into ``clips``."""
    task: NDArray[np.str_]
    kind: NDArray[np.str_]
    wording: NDArray[np.str_]
    typicality: NDArray[np.str_]
    """How texts name the cue asked about: ``stereotyped``, ``rare``, or empty where that is not known."""
    closed: Flags
    right: Flags
    """False also where nothing could be scored: such rows stay in every denominator."""
    scored: Flags
    is_yes: Flags
    """The right answer is "yes"."""
    is_no: Flags
    says_yes: Flags
    lurable: Flags
    """The words of the clip suggest a wrong choice."""
    lured: Flags
    """That choice was taken."""
    margin: Numbers
    """log p(yes) - log p(no); not a number where the model gave none."""
    tie: Flags
    """The best options' log-probabilities do not decide between them."""
    confidence: Numbers
    """The chosen option's share of all options' probability; not a number where the model gave none."""
    brier: Numbers
    """Squared distance of the options' shares from the truth."""
    counts: dict[str, Numbers]
    """Tally of open answers, zero in other rows; an answer that could not be had counts as unparsed."""
    labels: tuple[str, ...]
    """All options there are, in order; a set of labels where every question has the same."""
    truth: NDArray[np.str_]
    """The right option; empty where none is known."""
    said: NDArray[np.str_]
    """The chosen option; empty where none was read."""
    votes: tuple[Mapping[str, float], ...]
    """How people voted on the clip, by label; empty where nobody did."""


def read_table(run: Run, condition: str = "av") -> Table:
    """Return a run's questions under one condition; what has no prediction is a row without an answer.

    Raises:
        AvereError: the run has no question, or no such condition.
    """
    if not run.questions:
        raise AvereError(f"'{run.folder}' holds no question; bring back its questions.jsonl")
    if condition not in run.predictions:
        raise AvereError(
            f"'{run.folder}' has no condition '{condition}'; it has {', '.join(sorted(run.predictions))}"
        )
    questions = sorted(run.questions.values(), key=lambda question: (question.clip, question.id))
    scores = _whole(run, questions, [run.score(condition, question.id) for question in questions])
    votes = [run.clips[one.clip].votes if one.clip in run.clips else {} for one in questions]
    return build_table(questions, scores, run.benchmark, votes)


def build_table(
    questions: Sequence[Question],
    scores: Sequence[Score | None],
    benchmark: str = "emorealm",
    votes: Sequence[Mapping[str, float]] | None = None,
) -> Table:
    """Return the table of questions and their scores, in the same order."""
    clips = tuple(sorted({question.clip for question in questions}))
    place = {name: index for index, name in enumerate(clips)}
    parts = [dict(score.parts) if score is not None else {} for score in scores]
    chosen = [int(part.get("chosen", -1)) for part in parts]
    yes = [_index(question, "yes") for question in questions]
    no = [_index(question, "no") for question in questions]
    closed = np.array([bool(question.choices) for question in questions])
    answers = [question.answer for question in questions]
    return Table(
        benchmark=benchmark,
        clips=clips,
        questions=tuple(question.id for question in questions),
        clip=np.array([place[question.clip] for question in questions], dtype=np.intp),
        task=np.array([question.task for question in questions], dtype=np.str_),
        kind=np.array([question.kind or "" for question in questions], dtype=np.str_),
        wording=np.array([question.wording or "" for question in questions], dtype=np.str_),
        typicality=np.array([question.typicality or "" for question in questions], dtype=np.str_),
        closed=closed,
        right=np.array([score is not None and score.value == 1.0 for score in scores]) & closed,
        scored=np.array([score is not None and score.value is not None for score in scores]),
        is_yes=_same(answers, yes),
        is_no=_same(answers, no),
        says_yes=_same(chosen, yes),
        lurable=np.array([question.lure is not None for question in questions], dtype=np.bool_),
        lured=_same(chosen, [question.lure for question in questions]),
        margin=_part(parts, "yes_minus_no"),
        tie=np.array(["tie" in part for part in parts], dtype=np.bool_),
        confidence=_part(parts, "confidence"),
        brier=_part(parts, "brier"),
        counts=_counts(closed, parts),
        labels=tuple(dict.fromkeys(choice for question in questions for choice in question.choices)),
        truth=_texts(questions, answers),
        said=_texts(questions, chosen),
        votes=tuple(votes) if votes is not None else tuple({} for _ in questions),
    )


def _whole(run: Run, questions: Sequence[Question], scores: Sequence[Score | None]) -> list[Score | None]:
    """Return scores in which an open question without an answer still counts what it would have counted."""
    pairs = list(zip(questions, scores, strict=True))
    lacking = {one.id for one, score in pairs if not one.choices and (score is None or not score.parts)}
    module = catalogue.find("avere.benchmark", run.benchmark, BenchmarkModule)
    if not lacking or not isinstance(module, OpenBenchmark):
        return list(scores)
    tallies, blank = module.tallies(run.folder), Score(key="", value=None, reason="not asked")
    return [
        (score or blank).model_copy(update={"parts": dict(tallies(one, None).parts)})
        if one.id in lacking
        else score
        for one, score in pairs
    ]


def _texts(questions: Sequence[Question], places: Sequence[int | None]) -> NDArray[np.str_]:
    """Return the option at a place of each question, empty where there is none."""
    pairs = zip(questions, places, strict=True)
    texts = [one.choices[at] if at is not None and 0 <= at < len(one.choices) else "" for one, at in pairs]
    return np.array(texts, dtype=np.str_)


def _part(parts: Sequence[dict[str, float]], name: str) -> Numbers:
    """Return one number of every score, not a number where a score lacks it."""
    return np.array([part.get(name, np.nan) for part in parts], dtype=np.float64)


def _index(question: Question, word: str) -> int | None:
    """Return the place of "yes" or "no" among the choices."""
    words = [choice.casefold().strip(" .") for choice in question.choices]
    return words.index(word) if word in words else None


def _same(left: Sequence[Any], right: Sequence[int | None]) -> Flags:
    """Mark the rows where both sides hold the same index."""
    return np.array([b is not None and a == b for a, b in zip(left, right, strict=True)], dtype=np.bool_)


def _counts(closed: Flags, parts: Sequence[dict[str, float]]) -> dict[str, Numbers]:
    """Return the tallies, one array a count."""
    names = dict.fromkeys([*COUNTS, *(name for part in parts for name in part)])
    counts = {name: np.array([part.get(name, 0.0) for part in parts]) for name in names}
    no_answer = np.array(["named" not in part for part in parts], dtype=np.bool_) & ~closed
    counts["unparsed"] = np.where(no_answer, 1.0, counts["unparsed"])
    return counts
