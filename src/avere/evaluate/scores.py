"""Turning predictions into scores; needs no model, so it can be done again at any time."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from avere.answers import descriptions
from avere.benchmark import check_reader, file_name, mark
from avere.errors import AvereError
from avere.evaluate import journal
from avere.records import Cue, Prediction, Question, Score, jsonl


def rescore(out: Path, reader: str = "strict") -> Path:
    """Read a run's journal again, write its scores anew and return their path.

    ``scores.jsonl`` holds what strict reading gives; another reader's scores lie beside it, in
    ``scores.READER.jsonl``.

    Raises:
        AvereError: the folder holds no run, or there is no such reader.
    """
    check_reader(reader)
    if not (out / "journal.jsonl").exists():
        raise AvereError(f"'{out}' holds no journal.jsonl; give the folder that `avere evaluate` wrote")
    questions = {question.id: question for question in jsonl.read(out / "questions.jsonl", Question)}
    cues: dict[str, list[Cue]] = {}
    for cue in jsonl.read(out / "cues.jsonl", Cue):
        cues.setdefault(cue.clip, []).append(cue)
    predictions = journal.read(out / "journal.jsonl").values()
    place = {name: number for number, name in enumerate(questions)}
    known = [prediction for prediction in predictions if prediction.question in questions]
    ordered = sorted(known, key=lambda prediction: (prediction.condition, place[prediction.question]))
    known_of = {name: cues.get(question.clip, ()) for name, question in questions.items()}
    path = out / file_name("scores.jsonl", reader)
    jsonl.write(
        path, (score(questions[one.question], one, known_of[one.question], reader) for one in ordered)
    )
    return path


def score(question: Question, prediction: Prediction, cues: Sequence[Cue], reader: str = "strict") -> Score:
    """Return the score of one prediction: 1 or 0 of a closed question, the tally of a description.

    A closed question with a reply is read by its words; without one, by its likeliest option. A tie between
    options is no answer: a model that knows nothing earns nothing by the order of the letters.
    """
    key = prediction.key
    if prediction.status != "ok":
        return Score(key=key, value=None, reason=prediction.status)
    if not question.choices:
        return _described(question, prediction, cues)
    parts = _margin(question, prediction.choice_log_probs)
    if prediction.reply or prediction.choice_log_probs is None:
        right, index, reason = mark(question, prediction, reader)
        read_as = reader
    else:
        index, reason = _likeliest(prediction.choice_log_probs)
        right = None if index is None else index == question.answer
        read_as = "log-prob"
    if index is not None:
        parts = {"chosen": float(index), **parts}
    value = None if right is None else float(right)
    return Score(key=key, value=value, read_as=read_as, parts=parts, reason=reason)


def _likeliest(values: Sequence[float]) -> tuple[int | None, str | None]:
    """Return the index of the largest value."""
    best = [index for index, value in enumerate(values) if value == max(values)]
    return (best[0], None) if len(best) == 1 else (None, "options tie")


def _margin(question: Question, values: Sequence[float] | None) -> Mapping[str, float]:
    """Return log p(yes) - log p(no) of a yes/no question."""
    words = [choice.casefold() for choice in question.choices]
    if values is None or sorted(words) != ["no", "yes"]:
        return {}
    return {"yes_minus_no": values[words.index("yes")] - values[words.index("no")]}


def _described(question: Question, prediction: Prediction, cues: Sequence[Cue]) -> Score:
    """Return the tally of a description, its value being the share of named cues that are supporting."""
    if not cues or question.target == "audiovisual":
        return Score(key=prediction.key, value=None, read_as="description", reason="cues are not known")
    counts = descriptions.tally(prediction.reply, cues, question.target)
    value = counts["supporting"] / counts["named"] if counts["named"] else None
    return Score(
        key=prediction.key,
        value=value,
        read_as="description",
        parts=counts,
        reason=None if value is not None else "names no cue",
    )
