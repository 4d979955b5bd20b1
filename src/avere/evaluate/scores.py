"""Turning predictions into scores; needs no model, so it can be done again at any time."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType

from avere import catalogue
from avere.answers import descriptions
from avere.errors import AvereError
from avere.evaluate import journal
from avere.records import Cue, Prediction, Question, Score, jsonl


def rescore(out: Path) -> Path:
    """Read a run's journal again, write ``scores.jsonl`` anew and return its path.

    Raises:
        AvereError: the folder holds no run.
    """
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
    jsonl.write(
        out / "scores.jsonl",
        (score(questions[one.question], one, cues.get(questions[one.question].clip, ())) for one in ordered),
    )
    return out / "scores.jsonl"


def score(question: Question, prediction: Prediction, cues: Sequence[Cue]) -> Score:
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
        index, reason = _benchmark(prediction).read(question, prediction.reply)
        read_as = "strict"
    else:
        index, reason = _likeliest(prediction.choice_log_probs)
        read_as = "log-prob"
    if index is None:
        return Score(key=key, value=None, read_as=read_as, parts=parts, reason=reason)
    value = float(index == question.answer)
    return Score(key=key, value=value, read_as=read_as, parts={"chosen": float(index), **parts})


def _benchmark(prediction: Prediction) -> ModuleType:
    """Return the module that reads a prediction's reply."""
    name = (prediction.made_by.recipe or "emorealm").partition(" ")[0]
    return catalogue.find("avere.benchmark", name)


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
