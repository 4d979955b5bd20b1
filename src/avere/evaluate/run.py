"""One evaluation from first question to scores, shown as it goes and resumed where it stopped."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from avere.benchmark import read_data
from avere.errors import AvereError
from avere.evaluate import _run_folder as run_folder
from avere.evaluate._predicting import predict_items
from avere.evaluate._run_folder import Asked
from avere.evaluate.plan import Item, Shard, list_items, without_idle
from avere.evaluate.recipe import EvaluationRecipe
from avere.evaluate.scores import rescore_run
from avere.interfaces import CostEstimate, PricedResponder, Responder
from avere.records import PASSING, Prediction, journal

log = logging.getLogger(__name__)


def evaluate_model(
    model: Responder,
    folder: Path,
    out: Path,
    *,
    limit: int | None = None,
    recipe: EvaluationRecipe | None = None,
    shard: Shard | None = None,
) -> Path:
    """Ask a model a benchmark and write a run folder: ``run.json``, questions, clips, cues, journal, scores.

    What the journals already hold is not asked again. A folder holds one run: another model, recipe, other
    data or media are refused, and nothing is changed. A run may grow, by conditions and by a larger limit; a
    smaller one asks less and keeps all that is there. Models with a ``score`` method answer closed questions
    by option log-probabilities, as the recipe says.

    Args:
        model: answers prompts; may score responses.
        folder: the benchmark's data as they are on disk; for EmoReAlM ``questions.jsonl``, ``clips.jsonl``
            and, where they are known, ``cues.jsonl``.
        out: the run folder; made where missing.
        limit: only the first so many clips.
        recipe: how to ask.
        shard: the part of this process, which writes a journal of its own and no scores.

    Returns:
        The path of ``scores.jsonl``, or of the part's journal.

    Raises:
        AvereError: the benchmark cannot be asked whole, no condition changes anything, ``out`` holds another
            run, another process is writing the same journal, or no answer came to some questions (all others
            are kept).
    """
    part = shard or Shard()
    asked = _asked(folder, recipe or EvaluationRecipe(), limit)
    for reason, count in asked.whole.left_out.items():
        log.warning("clips that are not asked about: %s (%s)", count, reason)
    given, recipe = asked.given, without_idle(asked.given, asked.recipe)
    lacking: list[Prediction] = []
    with run_folder.opened(asked, model, out, part) as (append, done), _progress() as progress:
        task = progress.add_task(f"evaluate {model.name}", total=len(given.clips) * len(recipe.conditions))
        clips = _mine(list_items(given, recipe, model.fingerprint), part, lambda: progress.advance(task))
        for group in _groups(clips, recipe.clips_at_once):
            pending = [item for item in chain(*group) if (item.question.id, item.condition) not in done]
            if pending:
                predictions = predict_items(model, pending, recipe)
                append(one for one in predictions if one.status not in PASSING)
                lacking.extend(one for one in predictions if one.status in PASSING)
            progress.advance(task, len(group))
        _check_whole(lacking, out)
        scores = None if part.of > 1 else rescore_run(out)
        run_folder.finish(out)
    return scores or out / journal.name(*part)


def _asked(folder: Path, recipe: EvaluationRecipe, limit: int | None) -> Asked:
    """Read what is to be asked.

    Raises:
        AvereError: the benchmark cannot be asked whole, or no condition changes anything.
    """
    asked = Asked(read_data(recipe.benchmark, recipe.config(), folder), recipe, limit)
    without_idle(asked.given, recipe)
    return asked


def _check_whole(lacking: Sequence[Prediction], out: Path) -> None:
    """Refuse to call a run finished while answers are still to come: those are not in the journal.

    Raises:
        AvereError: there are such; the text counts them, says why the first one, and what to do.
    """
    if lacking:
        counts = Counter(one.status for one in lacking)
        told = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
        raise AvereError(
            f"{len(lacking)} questions got no answer ({told}), the first because: {lacking[0].reason}; all "
            f"others are kept in '{out}': run the same command again to ask the rest, or do without: "
            f"`avere score {out}`"
        )


def estimate_cost(
    model: PricedResponder,
    folder: Path,
    out: Path,
    *,
    limit: int | None = None,
    recipe: EvaluationRecipe | None = None,
) -> tuple[CostEstimate, ...]:
    """Estimate what the questions that ``out`` does not hold yet would take, closed ones and open ones.

    Raises:
        AvereError: the benchmark cannot be asked whole, or ``out`` holds another run.
    """
    asked = _asked(folder, recipe or EvaluationRecipe(), limit)
    given, recipe = asked.given, without_idle(asked.given, asked.recipe)
    run_folder.find_run(asked, model, out)
    done = run_folder.read_done(out)
    listed = list_items(given, recipe, model.fingerprint)
    pending = [item for item in chain.from_iterable(listed) if (item.question.id, item.condition) not in done]
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


def _progress() -> Progress:
    """Make a progress bar that counts clips."""
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("clips"),
        TimeRemainingColumn(),
        transient=True,
    )
