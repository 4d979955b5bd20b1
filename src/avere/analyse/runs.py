"""Reading a run folder: what was asked, what was answered, how it was scored."""

from pathlib import Path
from typing import NamedTuple

from avere.benchmark import file_name, name_benchmark
from avere.errors import AvereError
from avere.records import Clip, Cue, Prediction, Question, Score, Skipped, journal, jsonl


class Run(NamedTuple):
    """A run as its folder holds it."""

    folder: Path
    model: str
    fingerprint: str
    questions: dict[str, Question]
    clips: dict[str, Clip]
    cues: dict[str, tuple[Cue, ...]]
    """The known cues by clip."""
    predictions: dict[str, dict[str, Prediction]]
    """By condition, then by question."""
    scores: dict[str, Score]
    """By key."""
    skipped: dict[str, str]
    """Conditions that were left out because they would have changed nothing, with the reason."""
    benchmark: str = "emorealm"

    def score(self, condition: str, question: str) -> Score | None:
        """Find the score of one question; None where it was not asked."""
        prediction = self.predictions.get(condition, {}).get(question)
        return None if prediction is None else self.scores.get(prediction.key)


def read_run(folder: Path, parser: str = "strict") -> Run:
    """Read a run folder, its scores as one parser gave them.

    Raises:
        AvereError: it is none, or holds no prediction.
        RecordError: a line of a file is wrong.
    """
    scores = folder / file_name("scores.jsonl", parser)
    if not scores.exists():
        raise AvereError(f"'{folder}' holds no {scores.name}; give a folder that `avere evaluate` wrote")
    predictions: dict[str, dict[str, Prediction]] = {}
    for one in journal.read(folder).values():
        predictions.setdefault(one.condition, {})[one.question] = one
    if not predictions:
        raise AvereError(f"'{folder}' holds no prediction; run `avere evaluate` again, it resumes")
    cues: dict[str, list[Cue]] = {}
    for cue in jsonl.read(folder / "cues.jsonl", Cue):
        cues.setdefault(cue.clip, []).append(cue)
    any_one = next(iter(next(iter(predictions.values())).values()))
    return Run(
        folder=folder,
        benchmark=name_benchmark(folder),
        model=any_one.model,
        fingerprint=any_one.made_by.model or "",
        questions=jsonl.read_by_id(folder / "questions.jsonl", Question),
        clips=jsonl.read_by_id(folder / "clips.jsonl", Clip),
        cues={name: tuple(known) for name, known in cues.items()},
        predictions=predictions,
        scores={one.key: one for one in jsonl.read(scores, Score)},
        skipped=_skipped(folder / "skipped.jsonl"),
    )


def _skipped(path: Path) -> dict[str, str]:
    """Read what a run left out, which is mostly nothing."""
    return {one.condition: one.reason for one in jsonl.read(path, Skipped)} if path.exists() else {}
