"""The folder of a training run: what it holds, whether it may be used, and what is written at the end."""

import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from transformers.trainer_utils import get_last_checkpoint

from avere import __version__, files
from avere.errors import AvereError
from avere.preference import _model_card
from avere.preference.recipe import Data, TrainingRecipe

logger = logging.getLogger("avere.preference")

RECIPE, INPUTS, LOG, METRICS, CARD, LEFT_OUT, CHECKPOINTS, REFERENCE, FEATURES = (
    "recipe.json",
    "inputs.json",
    "log.jsonl",
    "metrics.json",
    "README.md",
    "left_out.jsonl",
    "checkpoints",
    "reference",
    "features",
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


def text_of(recipe: TrainingRecipe) -> str:
    """Return what decides the result of a run; the base is filled in, and most of ``run`` changes nothing."""
    told = recipe.model_dump(mode="json", exclude={"base", "run"})
    told["run"] = recipe.run.model_dump(mode="json", include=set(recipe.run.DECIDING))
    return json.dumps(told, indent=2) + "\n"


def digests(data: Data) -> dict[str, str]:
    """Return the sha256 of each file that is learnt from, by name."""
    paths = {path.name: path for path in (data.pairs, data.clips)}
    if data.held_out is not None:
        paths[f"held-out {data.held_out.name}"] = data.held_out
    return {name: files.digest(path) for name, path in paths.items()}


def look(recipe: TrainingRecipe, out: Path, *, resume: bool) -> State:
    """Find out what the folder holds, before anything slow; an unfinished run of this recipe goes on.

    Raises:
        AvereError: it holds a finished run, which only ``resume`` passes over, or one of another recipe.
    """
    if not (out / RECIPE).is_file():
        return State(checkpoint=None, complete=False)
    if (out / RECIPE).read_text(encoding="utf-8") != text_of(recipe):
        raise AvereError(
            f"the run in '{out}' follows another recipe; go on with that one, or give another --out"
        )
    if (out / METRICS).is_file():
        if resume:
            return State(checkpoint=None, complete=True)
        raise AvereError(f"'{out}' holds a finished training run; add --resume, or give another --out")
    if (out / INPUTS).is_file() and json.loads((out / INPUTS).read_text("utf-8")) != digests(recipe.data):
        raise AvereError(
            f"the run in '{out}' began with other records; bring its files back, or give another --out"
        )
    folder = out / CHECKPOINTS
    found = get_last_checkpoint(str(folder)) if folder.is_dir() else None  # type: ignore[no-untyped-call] # transformers has no types
    if found is None:
        logger.warning("'%s' holds no checkpoint; training starts at the beginning", out)
    return State(checkpoint=found, complete=False)


def begin(recipe: TrainingRecipe, out: Path, left_out: Mapping[str, str]) -> None:
    """Claim the folder for this recipe and its data; name the records that are left out, and why."""
    out.mkdir(parents=True, exist_ok=True)
    if left_out:
        lines = [json.dumps({"id": name, "reason": why}) + "\n" for name, why in left_out.items()]
        files.write_text(out / LEFT_OUT, "".join(lines))
    files.write_text(out / INPUTS, json.dumps(digests(recipe.data), indent=2) + "\n")
    files.write_text(out / RECIPE, text_of(recipe))


def finish(recipe: TrainingRecipe, out: Path, story: Story) -> None:
    """Write log, model card and metrics; the metrics come last and mark the run as complete."""
    lines = [json.dumps(entry, sort_keys=True) for entry in story.history]
    files.write_text(out / LOG, "\n".join(lines) + "\n")
    metrics = {key: value for entry in (story.counts, *story.history) for key, value in entry.items()}
    facts = _model_card.CardFacts(story.base, digests(recipe.data), metrics, __version__)
    files.write_text(out / CARD, _model_card.render(recipe, facts))
    files.write_text(out / METRICS, json.dumps(metrics, indent=2, sort_keys=True) + "\n", sync=True)
