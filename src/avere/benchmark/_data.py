"""A benchmark as it lies in a folder: its questions, clips and cues, checked before anything is asked."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from avere import catalogue
from avere.errors import AvereError
from avere.interfaces import BenchmarkModule
from avere.records import Clip, Cue, Question, jsonl
from avere.records.clips import by_id

PACKAGE = "avere.benchmark"


class BenchmarkData(NamedTuple):
    """A benchmark as it lies in a folder."""

    questions: tuple[Question, ...]
    clips: dict[str, Clip]
    cues: tuple[Cue, ...]
    donors: tuple[Clip, ...]
    """All clips of the folder, also where only the first few are asked about."""
    left_out: Mapping[str, int]
    """How many clips nothing can be asked about, by reason."""


def read_data(name: str, config: Any, folder: Path, limit: int | None = None) -> BenchmarkData:
    """Read the questions, clips and (where known) cues of a benchmark; ``limit`` keeps the first clips.

    ``config`` is what the benchmark's ``Config`` makes of the recipe's ``data`` section.

    Raises:
        AvereError: no questions, an id twice, or a question about an unknown clip.
    """
    home = folder if folder.is_dir() else folder.parent
    benchmark = catalogue.find(PACKAGE, name, BenchmarkModule)
    try:
        questions = tuple(benchmark.questions(folder, config))
    except ValidationError as error:
        raise AvereError(f"'{folder}' holds what is no question: {jsonl.list_faults(error)}") from error
    clips = by_id(benchmark.clips(folder, config), str(folder))
    _check(questions, clips, folder)
    asked = dict.fromkeys(question.clip for question in questions)
    cues = jsonl.read(home / "cues.jsonl", Cue) if (home / "cues.jsonl").exists() else ()
    whole = BenchmarkData(
        questions=questions,
        clips={name: clips[name] for name in asked},
        cues=tuple(cue for cue in cues if cue.clip in asked),
        donors=tuple(clips.values()),
        left_out=_left_out(questions, clips.values()),
    )
    return keep_first(whole, limit)


def keep_first(whole: BenchmarkData, limit: int | None) -> BenchmarkData:
    """Keep the first so many clips and what is asked about them; all clips stay as donors."""
    kept = dict(tuple(whole.clips.items())[:limit])
    return whole._replace(
        questions=tuple(question for question in whole.questions if question.clip in kept),
        clips=kept,
        cues=tuple(cue for cue in whole.cues if cue.clip in kept),
    )


def _left_out(questions: Iterable[Question], clips: Iterable[Clip]) -> dict[str, int]:
    """Count the clips that no question is about, by reason."""
    from avere.benchmark._recognition import TASK  # which reads the names of this package itself

    asked = {question.clip for question in questions}
    silent = [clip for clip in clips if clip.id not in asked]
    if not any(question.task == TASK for question in questions):
        return {"no question is about them": len(silent)} if silent else {}
    otherwise = "emotion '{}' is not among the labels that are asked"
    reasons = (
        clip.attributes.get("unlabelled", otherwise.format(clip.emotion) if clip.emotion else "no label")
        for clip in silent
    )
    return dict(sorted(Counter(reasons).items()))


def _check(questions: Sequence[Question], clips: Iterable[str], folder: Path) -> None:
    """Refuse a benchmark that cannot be asked whole."""
    ids = [question.id for question in questions]
    if not ids:
        raise AvereError(f"'{folder}' holds no questions; give the folder of the recipe's benchmark")
    twice, times = Counter(ids).most_common(1)[0]
    if times > 1:
        raise AvereError(f"'{folder}': question id '{twice}' stands there twice; ids must be unique")
    strangers = sorted({question.clip for question in questions} - set(clips))
    if strangers:
        raise AvereError(
            f"'{folder}': {len(strangers)} clips are asked about but not among the clips, "
            f"the first is '{strangers[0]}'; add them"
        )
