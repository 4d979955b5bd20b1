"""One evaluation from first question to scores, shown as it goes and resumed where it stopped."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from avere.benchmark import BenchmarkData, read_data
from avere.errors import AvereError
from avere.evaluate._predicting import predict_items
from avere.evaluate.plan import Item, Shard, benchmark_of, list_items, skipped_conditions
from avere.evaluate.recipe import EvaluationRecipe
from avere.evaluate.scores import rescore
from avere.interfaces import CostEstimate, KeepingBenchmark, PricedResponder, Responder
from avere.records import Prediction, Skipped, journal, jsonl

log = logging.getLogger(__name__)


def evaluate(
    model: Responder,
    folder: Path,
    out: Path,
    *,
    limit: int | None = None,
    recipe: EvaluationRecipe | None = None,
    shard: Shard | None = None,
) -> Path:
    """Ask a model a benchmark and write a run folder: questions, clips, cues, journal and scores.

    What the journals already hold under the same key is not asked again. Models with a ``score`` method
    answer closed questions by option log-probabilities, as the recipe says.

    Args:
        model: answers asks; may score responses.
        folder: the benchmark's data as they are on disk; for EmoReAlM ``questions.jsonl``, ``clips.jsonl``
            and, where they are known, ``cues.jsonl``.
        out: the run folder; made where missing.
        limit: only the first so many clips.
        recipe: how to ask.
        shard: the part of this process, which writes a journal of its own and no scores.

    Returns:
        The path of ``scores.jsonl``, or of the part's journal.

    Raises:
        AvereError: the benchmark cannot be asked whole, no condition changes anything, another process is
            writing the same journal, or a service gave no answer to some questions (all others are kept).
    """
    recipe, part = recipe or EvaluationRecipe(), shard or Shard()
    given = read_data(recipe.benchmark, recipe.config(), folder, limit)
    recipe = _applicable(given, recipe, out)
    for reason, count in given.left_out.items():
        log.warning("clips that are not asked about: %s (%s)", count, reason)
    keep_data(given, recipe, out)
    path = out / journal.name(*part)
    failed: list[Prediction] = []
    with journal.appending(path) as append, _progress() as progress:
        done = _done(out)
        task = progress.add_task(f"evaluate {model.name}", total=len(given.clips) * len(recipe.conditions))
        clips = _mine(list_items(given, recipe, model.fingerprint), part, lambda: progress.advance(task))
        for group in _groups(clips, recipe.clips_at_once):
            pending = [item for item in chain(*group) if not _answered(item, done, out)]
            if pending:
                predictions = predict_items(model, pending, recipe)
                append(one for one in predictions if one.status != "failed")
                failed.extend(one for one in predictions if one.status == "failed")
            progress.advance(task, len(group))
    _check_whole(failed, out)
    return path if part.of > 1 else rescore(out)


def _applicable(given: BenchmarkData, recipe: EvaluationRecipe, out: Path) -> EvaluationRecipe:
    """Return a recipe without the conditions that would change nothing; the reasons are kept in ``out``.

    Raises:
        AvereError: none is left.
    """
    reasons = skipped_conditions(given, recipe)
    left = tuple(condition for condition in recipe.conditions if condition not in reasons)
    if not left:
        told = "; ".join(f"{condition}: {reason}" for condition, reason in reasons.items())
        raise AvereError(f"nothing to ask: {told}; name a condition that changes something")
    if reasons:
        records = (Skipped(condition=condition, reason=reason) for condition, reason in reasons.items())
        jsonl.write(out / "skipped.jsonl", records)
    return recipe.model_copy(update={"conditions": left})


def _done(out: Path) -> dict[tuple[str, str], str]:
    """Return the key of each question and condition that the journal holds."""
    predictions = journal.read(out).values()
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


def _check_whole(failed: Sequence[Prediction], out: Path) -> None:
    """Refuse to call a run finished while answers are still to come: those are not in the journal.

    Raises:
        AvereError: there are such; the text says how many, why the first one, and what to do.
    """
    if failed:
        raise AvereError(
            f"{len(failed)} questions got no answer, the first because: {failed[0].reason}; all others are "
            f"kept in '{out}': run the same command again to ask the rest, or do without: `avere score {out}`"
        )


def estimate(
    model: PricedResponder,
    folder: Path,
    out: Path,
    *,
    limit: int | None = None,
    recipe: EvaluationRecipe | None = None,
) -> tuple[CostEstimate, ...]:
    """Return what the questions that ``out`` does not hold yet would take, closed ones and open ones.

    Raises:
        AvereError: the benchmark cannot be asked whole, or ``out`` holds another run.
    """
    recipe = recipe or EvaluationRecipe()
    given = read_data(recipe.benchmark, recipe.config(), folder, limit)
    reasons = skipped_conditions(given, recipe)
    left = tuple(condition for condition in recipe.conditions if condition not in reasons)
    done = _done(out)
    listed = list_items(given, recipe.model_copy(update={"conditions": left}), model.fingerprint)
    pending = [item for item in chain.from_iterable(listed) if not _answered(item, done, out)]
    kinds = ((True, recipe.closed_tokens), (False, recipe.open_tokens))
    return tuple(
        model.estimate(
            [item.prompt for item in pending if bool(item.options) is closed],
            max_tokens=tokens,
            seed=recipe.seed,
        )
        for closed, tokens in kinds
    )


def _mine(
    clips: Iterator[tuple[Item, ...]], part: Shard, pass_over: Callable[[], None]
) -> Iterator[tuple[Item, ...]]:
    """Yield the clips of this process's part."""
    for clip in clips:
        if part.holds(clip):
            yield clip
        else:
            pass_over()


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


def keep_data(given: BenchmarkData, recipe: EvaluationRecipe, out: Path) -> None:
    """Write beside the journal what scoring and reports need, so that they need nothing else."""
    jsonl.write(out / "questions.jsonl", given.questions)
    jsonl.write(out / "clips.jsonl", given.clips.values())
    jsonl.write(out / "cues.jsonl", given.cues)
    benchmark = benchmark_of(recipe)
    if isinstance(benchmark, KeepingBenchmark):
        benchmark.keep(recipe.config(), out)


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
