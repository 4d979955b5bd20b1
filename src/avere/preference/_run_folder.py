"""The folder of a training run: what it holds, whether it may be used, and what is written at the end."""

import json
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from transformers.trainer_utils import get_last_checkpoint

from avere import __version__, files
from avere.errors import AvereError
from avere.preference import _model_card, inputs
from avere.preference._progress import LOG, write_log
from avere.preference.recipe import Data, TrainingRecipe
from avere.records import ModelInfo, RunInfo, locks, runs

logger = logging.getLogger("avere.preference")

RECIPE, INPUTS, METRICS, CARD, LEFT_OUT, CHECKPOINTS, REFERENCE, FEATURES = (
    "recipe.json",
    "inputs.json",
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
    """Write out what decides the result of a run; the base is filled in, most of ``run`` changes nothing."""
    told = recipe.model_dump(mode="json", exclude={"base", "run"})
    told["run"] = recipe.run.model_dump(mode="json", include=set(recipe.run.DECIDING))
    return json.dumps(told, indent=2) + "\n"


def digests(data: Data) -> dict[str, str]:
    """Compute the sha256 of each file that is learnt from, by name."""
    paths = {path.name: path for path in (data.pairs, data.clips)}
    if data.held_out is not None:
        paths[f"held-out {data.held_out.name}"] = data.held_out
    return {name: files.digest(path) for name, path in paths.items()}


@contextmanager
def claimed(out: Path) -> Iterator[None]:
    """Keep the folder of a run to this training; of several processes of one training the first one does.

    Raises:
        AvereError: another training writes there.
    """
    if os.environ.get("RANK", "0") != "0":
        yield
        return
    with locks.hold(out, f"another process trains in '{out}'; wait for it, or give another --out"):
        yield


def look(recipe: TrainingRecipe, out: Path, *, resume: bool) -> State:
    """Find out what the folder holds, before anything slow; an unfinished run of this recipe goes on.

    Raises:
        AvereError: it holds a finished run, which only ``resume`` passes over, one of another recipe, or one
            that began with other weights, records or media.
    """
    if not (out / RECIPE).is_file():
        return State(checkpoint=None, complete=False)
    if (out / RECIPE).read_text(encoding="utf-8") != text_of(recipe):
        raise AvereError(
            f"the run in '{out}' follows another recipe; go on with that one, or give another --out"
        )
    complete = (out / METRICS).is_file()
    if complete and not resume:
        raise AvereError(f"'{out}' holds a finished training run; add --resume, or give another --out")
    _refuse_changed(recipe, out)
    if complete:
        return State(checkpoint=None, complete=True)
    folder = out / CHECKPOINTS
    found = get_last_checkpoint(str(folder)) if folder.is_dir() else None  # type: ignore[no-untyped-call] # transformers has no types
    if found is None:
        logger.warning("'%s' holds no checkpoint; training starts at the beginning", out)
    return State(checkpoint=found, complete=False)


def refuse_other_base(out: Path, base: ModelInfo) -> None:
    """Refuse to go on from another model than the run began with.

    Raises:
        AvereError: its weights, its tokenizer or its inputs are other ones.
    """
    info = runs.read_info(out)
    if info is not None and [one.fingerprint for one in info.models] != [base.fingerprint]:
        raise _began_with_other("base weights or inputs", out)


def begin(recipe: TrainingRecipe, out: Path, base: ModelInfo, left_out: Mapping[str, str]) -> None:
    """Claim the folder for this recipe and its data; name the records that are left out, and why."""
    out.mkdir(parents=True, exist_ok=True)
    if left_out:
        lines = [json.dumps({"id": name, "reason": why}) + "\n" for name, why in left_out.items()]
        files.write_text(out / LEFT_OUT, "".join(lines))
    info = RunInfo(
        verb="train",
        recipe=recipe.model_dump(mode="json"),
        models=(base,),
        data=inputs.digest_inputs(recipe),
        seed=recipe.seed,
    )
    old = runs.read_info(out)
    changes = {} if old is None else {"begun": old.begun, "version": old.version}
    runs.write_info(out, info.model_copy(update=changes))
    files.write_text(out / RECIPE, text_of(recipe))


def _refuse_changed(recipe: TrainingRecipe, out: Path) -> None:
    """Refuse to go on with inputs that changed since the run began; only the first process looks.

    Raises:
        AvereError: some did; the text names them.
    """
    if os.environ.get("RANK", "0") != "0":
        return
    info = runs.read_info(out)
    if info is not None:
        now = inputs.digest_inputs(recipe)
        changed = [name for name in now if now[name] != info.data.get(name, now[name])]
        if changed:
            raise _began_with_other(" and ".join(changed), out)
    elif (out / INPUTS).is_file() and files.read_json(out / INPUTS) != digests(recipe.data):
        raise _began_with_other("records", out)


def _began_with_other(what: str, out: Path) -> AvereError:
    return AvereError(
        f"the run in '{out}' began with other {what}; bring back what it began with, or give another --out"
    )


def finish(recipe: TrainingRecipe, out: Path, story: Story) -> None:
    """Write log, model card and metrics; the metrics come last and mark the run as complete."""
    write_log(out / LOG, story.history)
    metrics = {key: value for entry in (story.counts, *story.history) for key, value in entry.items()}
    facts = _model_card.CardFacts(story.base, digests(recipe.data), metrics, __version__)
    files.write_text(out / CARD, _model_card.render(recipe, facts))
    if (info := runs.read_info(out)) is not None:
        runs.write_info(out, info.model_copy(update={"ended": runs.now()}))
    files.write_text(out / METRICS, json.dumps(metrics, indent=2, sort_keys=True) + "\n", sync=True)
