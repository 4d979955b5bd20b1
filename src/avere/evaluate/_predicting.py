"""Getting predictions for items from a model; a failure of one item never costs another one's answer."""

import logging
from collections.abc import Callable, Iterable, Sequence
from time import perf_counter
from typing import NamedTuple, TypeVar

from avere.errors import AvereError, MediaError
from avere.evaluate.plan import Item
from avere.evaluate.recipe import EvaluationRecipe
from avere.evaluate.scores import likeliest_options
from avere.interfaces import Candidate, CountsMedia, Reply, Responder, Scorer
from avere.records import Prediction, Status

log = logging.getLogger(__name__)
T = TypeVar("T", tuple[float, ...], Reply)


class Failure(NamedTuple):
    """Why one item has no answer."""

    status: Status
    reason: str


FAILURES: tuple[tuple[type[Exception], Status], ...] = (
    (MediaError, "media error"),
    (MemoryError, "out-of-memory"),
    (TimeoutError, "timeout"),
    (AvereError, "refused"),
)
"""What may go wrong with one question; anything else is a defect and stops the run."""


def predict_items(model: Responder, items: Sequence[Item], recipe: EvaluationRecipe) -> list[Prediction]:
    """Return one prediction for each item, in order; options of all items are scored in one call.

    Where the likeliest options tie, log-probabilities decide nothing, and the model is asked to speak: what
    it says counts if it can be read.
    """
    start = perf_counter()
    closed = [item for item in items if item.options]
    scorer = model if isinstance(model, Scorer) else None
    scored: dict[str, tuple[float, ...] | Failure] = {}
    if scorer is not None and recipe.closed != "reply":
        scored = _each(lambda some: _scored(scorer, some), closed)
    speaks = scorer is None or recipe.closed != "log-prob"
    aloud = [item for item in closed if speaks or _ties(scored[item.key])]
    said = _each(lambda some: _said(model, some, recipe.closed_tokens, recipe.seed), aloud)
    free = [item for item in items if not item.options]
    said |= _each(lambda some: _said(model, some, recipe.open_tokens, recipe.seed), free)
    share = (perf_counter() - start) / max(1, len(items))
    return [_prediction(model, item, (scored.get(item.key), said.get(item.key)), share) for item in items]


def _each(work: Callable[[Sequence[Item]], Iterable[T]], items: Sequence[Item]) -> dict[str, T | Failure]:
    """Do the work for all items together; where that fails, for each alone: only the ill one fails."""
    if not items:
        return {}
    try:
        return dict(zip((item.key for item in items), work(items), strict=True))
    except Exception as error:
        failure = Failure(_status(error), " ".join(str(error).split()) or type(error).__name__)
        if len(items) == 1:
            log.warning("%s (%s): %s: %s", items[0].question.id, items[0].condition, *failure)
            return {items[0].key: failure}
    found: dict[str, T | Failure] = {}
    for item in items:
        found |= _each(work, [item])
    return found


def _ties(scored: tuple[float, ...] | Failure) -> bool:
    """True where several options are the likeliest."""
    return not isinstance(scored, Failure) and len(likeliest_options(scored)) > 1


def _status(error: Exception) -> Status:
    """Turn an exception into the status of one question, or raise it again where it is a defect."""
    for kind, status in FAILURES:
        if isinstance(error, kind):
            return status
    if type(error).__name__ == "OutOfMemoryError":  # of torch, which this module need not import
        return "out-of-memory"
    raise error


def _scored(model: Scorer, items: Sequence[Item]) -> list[tuple[float, ...]]:
    """Return the log-probabilities of each item's options."""
    candidates = [Candidate(prompt=item.prompt, response=option) for item in items for option in item.options]
    values = iter([float(value) for value in model.score(candidates)])
    return [tuple(next(values) for _ in item.options) for item in items]


def _said(model: Responder, items: Sequence[Item], tokens: int, seed: int) -> list[Reply]:
    """Return the reply to each item."""
    replies = {
        reply.index: reply
        for reply in model.respond([item.prompt for item in items], max_tokens=tokens, seed=seed)
    }
    missing = Reply(index=0, text="", status="refused", reason="the model gave no reply")
    return [replies.get(index, missing) for index in range(len(items))]


def _prediction(
    model: Responder,
    item: Item,
    outcome: tuple[tuple[float, ...] | Failure | None, Reply | Failure | None],
    seconds: float,
) -> Prediction:
    """Return the record of what came of an item."""
    scored, said = outcome
    failed = [part for part in outcome if isinstance(part, Failure)]
    reply = said if isinstance(said, Reply) else None
    told = Failure(reply.status, reply.reason or "") if reply else Failure("ok", "")
    status, reason = failed[0] if failed else told
    prediction = Prediction(
        key=item.key,
        question=item.question.id,
        condition=item.condition,
        model=model.name,
        reply=reply.text if reply else "",
        choice_log_probs=None if isinstance(scored, Failure) else scored,
        status=status,
        reason=reason or None,
        seconds=round(seconds, 4),
        made_by=item.made_by,
    )
    if reply is not None:
        return prediction.model_copy(update={"media_tokens": reply.media_tokens})
    if isinstance(model, CountsMedia) and not failed:
        return prediction.model_copy(update={"media_tokens": model.media_tokens(item.prompt)})
    return prediction
