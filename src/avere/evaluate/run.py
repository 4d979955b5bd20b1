"""One evaluation from first question to scores, shown as it goes and resumed where it stopped."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from avere import settings
from avere.errors import AvereError
from avere.evaluate import journal
from avere.evaluate._answering import predict
from avere.evaluate.plan import Item, Material, items, material
from avere.evaluate.recipe import Recipe
from avere.evaluate.scores import rescore
from avere.interfaces import Responder
from avere.records import jsonl


def evaluate(
    model: Responder,
    folder: Path,
    out: Path,
    *,
    conditions: Sequence[str] | None = None,
    limit: int | None = None,
    recipe: Recipe | None = None,
) -> Path:
    """Ask a model a benchmark and write a run folder: questions, clips, cues, journal and scores.

    What the journal already holds under the same key is not asked again. Models with a ``score`` method
    answer closed questions by option log-probabilities, as the recipe says.

    Args:
        model: answers asks; may score responses.
        folder: holds ``questions.jsonl``, ``clips.jsonl`` and, where they are known, ``cues.jsonl``.
        out: the run folder; made where missing.
        conditions: which media the model gets, in place of the recipe's.
        limit: only the first so many clips.
        recipe: how to ask.

    Returns:
        The path of ``scores.jsonl``.

    Raises:
        AvereError: the benchmark cannot be asked whole, or a condition is unknown.
    """
    recipe = recipe or Recipe()
    if conditions is not None:
        recipe = settings.check(recipe.model_dump() | {"conditions": tuple(conditions)}, Recipe, "conditions")
    given = material(folder, recipe, limit)
    _keep(given, out)
    done = _done(out)
    with _progress() as progress:
        total = len(given.clips) * len(recipe.conditions)
        task = progress.add_task(f"evaluate {model.name}", total=total)
        for group in _groups(items(given, recipe, model.fingerprint), recipe.clips_at_once):
            pending = [item for item in chain(*group) if not _answered(item, done, out)]
            if pending:
                journal.append(out / "journal.jsonl", predict(model, pending, recipe))
            progress.advance(task, len(group))
    return rescore(out)


def _done(out: Path) -> dict[tuple[str, str], str]:
    """Return the key of each question and condition that the journal holds."""
    predictions = journal.read(out / "journal.jsonl").values()
    return {(one.question, one.condition): one.key for one in predictions}


def _answered(item: Item, done: Mapping[tuple[str, str], str], out: Path) -> bool:
    """Tell whether the journal holds an item.

    Raises:
        AvereError: it holds the question, but asked of another model, in other words or of other media.
    """
    key = done.get((item.question.id, item.condition))
    if key not in (None, item.key):
        raise AvereError(
            f"'{out}' holds a run in which question '{item.question.id}' was put to another model, with "
            "other settings or other media; give another --out, or delete that folder"
        )
    return key is not None


def _groups(clips: Iterator[tuple[Item, ...]], size: int) -> Iterator[Sequence[tuple[Item, ...]]]:
    """Yield the items of a few clips at a time."""
    group: list[tuple[Item, ...]] = []
    for clip in clips:
        group.append(clip)
        if len(group) == size:
            yield group
            group = []
    if group:
        yield group


def _keep(given: Material, out: Path) -> None:
    """Write beside the journal what scoring and reports need, so that they need nothing else."""
    jsonl.write(out / "questions.jsonl", given.questions)
    jsonl.write(out / "clips.jsonl", given.clips.values())
    jsonl.write(out / "cues.jsonl", given.cues)


def _progress() -> Progress:
    """Return a progress bar that counts clips."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("clips"),
        TimeRemainingColumn(),
        transient=True,
    )
