"""The folder of a training run: what it holds, whether it may be used, and what is written at the end."""

import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from transformers.trainer_utils import get_last_checkpoint

from avere import __version__
from avere.errors import AvereError
from avere.preference import _model_card
from avere.preference.recipe import Recipe

logger = logging.getLogger("avere.preference")

RECIPE, LOG, METRICS, CARD, CHECKPOINTS = (
    "recipe.json",
    "log.jsonl",
    "metrics.json",
    "README.md",
    "checkpoints",
)


class State(NamedTuple):
    """How far an earlier run in the folder got."""

    checkpoint: str | None
    complete: bool


class Story(NamedTuple):
    """What happened in a run."""

    base: str
    """Fingerprint of the model before training."""
    counts: Mapping[str, int]
    """Of records, by what they could serve for."""
    history: Sequence[Mapping[str, float]]
    """What was logged, in order."""


def text_of(recipe: Recipe) -> str:
    """Return what decides the result of a run; the base is filled in, and ``run`` changes nothing."""
    return recipe.model_dump_json(indent=2, exclude={"base", "run"}) + "\n"


def look(recipe: Recipe, out: Path, *, resume: bool) -> State:
    """Find out what the folder holds, before anything slow.

    Raises:
        AvereError: it holds a run, which ``resume`` does not allow or which followed another recipe.
    """
    file = out / RECIPE
    if not file.is_file():
        return State(checkpoint=None, complete=False)
    if not resume:
        raise AvereError(f"'{out}' holds a training run; add --resume, or give another --out")
    if file.read_text(encoding="utf-8") != text_of(recipe):
        raise AvereError(
            f"the run in '{out}' follows another recipe; resume with that one, or give another --out"
        )
    folder = out / CHECKPOINTS
    found = get_last_checkpoint(str(folder)) if folder.is_dir() else None  # type: ignore[no-untyped-call] # transformers has no types
    complete = (out / METRICS).is_file()
    if found is None and not complete:
        logger.warning("'%s' holds no checkpoint; training starts at the beginning", out)
    return State(checkpoint=found, complete=complete)


def begin(recipe: Recipe, out: Path) -> None:
    """Claim the folder for this recipe."""
    out.mkdir(parents=True, exist_ok=True)
    (out / RECIPE).write_text(text_of(recipe), encoding="utf-8")


def finish(recipe: Recipe, out: Path, story: Story) -> None:
    """Write log, model card and metrics; the metrics come last and mark the run as complete."""
    lines = [json.dumps(entry, sort_keys=True) for entry in story.history]
    (out / LOG).write_text("\n".join(lines) + "\n", encoding="utf-8")
    metrics = {key: value for entry in (story.counts, *story.history) for key, value in entry.items()}
    files = (recipe.data.pairs, recipe.data.clips)
    digests = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    facts = _model_card.Facts(story.base, digests, metrics, __version__)
    (out / CARD).write_text(_model_card.render(recipe, facts), encoding="utf-8")
    (out / METRICS).write_text(json.dumps(metrics, indent=2, sort_keys=True) + "\n", encoding="utf-8")
