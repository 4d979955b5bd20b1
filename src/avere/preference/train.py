"""One training run from a recipe to a folder: checks first, then the trainer, then what it leaves behind."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import torch
from torch import nn
from transformers import TrainingArguments, set_seed

from avere.errors import AvereError
from avere.interfaces import Trainable
from avere.preference import _run_folder as run_folder
from avere.preference.batches import CountsTokens, Source
from avere.preference.recipe import Data, Lora, Recipe, loss_config, loss_module
from avere.preference.trainer import Objective, PreferenceTrainer
from avere.preference.views import Views, missing, unopposed
from avere.records import Clip, PreferencePair, jsonl

logger = logging.getLogger("avere.preference")

RECIPE, LOG, METRICS, CARD, CHECKPOINTS = (
    "recipe.json",
    "log.jsonl",
    "metrics.json",
    "README.md",
    "checkpoints",
)


class Tunable(Trainable[Any], Protocol):
    """A model that can be trained and written."""

    def add_lora(self, *, rank: int, alpha: int, dropout: float, seed: int) -> None:
        """Add low-rank adapters to the language model and freeze the rest."""

    def freeze_reference(self) -> None:
        """Keep a frozen copy of the weights as the reference."""

    def save(self, folder: Path) -> None:
        """Write adapters or weights in the form that transformers and peft load."""


class Records(NamedTuple):
    """What is learnt from."""

    pairs: list[PreferencePair]
    clips: dict[str, Clip]


def train(recipe: Recipe, out: Path, *, resume: bool = False, model: Tunable | None = None) -> Path:
    """Train as the recipe says and return the folder with weights, log, metrics and model card.

    ``model`` stands in for the recipe's ``model`` section, for models that are made in Python.

    Raises:
        AvereError: the records cannot serve the loss, the folder is in use, or nothing can be resumed.
    """
    state = run_folder.look(recipe, out, resume=resume)
    if state.complete:
        return out
    views = loss_module(recipe.loss).views(loss_config(recipe.loss))
    records = read_records(recipe.data)
    counts = check(records, views)
    set_seed(recipe.seed)
    model = load(recipe) if model is None else model
    base = model.fingerprint
    if views.lengths and not isinstance(model, CountsTokens):
        raise AvereError(
            f"{type(model).__name__} cannot count the tokens of an answer, over which loss "
            f"'{recipe.loss['name']}' with these settings averages; choose the sum instead"
        )
    adapt(model, recipe, views)
    trainer = build(model, recipe, records, out)
    trainer.accelerator.wait_for_everyone()
    if trainer.is_world_process_zero():
        run_folder.begin(recipe, out)
    trainer.train(resume_from_checkpoint=state.checkpoint)
    if trainer.is_world_process_zero():
        model.save(out)
        story = run_folder.Story(base, counts, trainer.state.log_history)
        run_folder.finish(recipe, out, story)
    return out


def load(recipe: Recipe) -> Tunable:
    """Load the model that the recipe starts from."""
    import avere

    model: Tunable = avere.load(recipe.model.source, dtype=recipe.model.dtype, **recipe.model.options)
    return model


def adapt(model: Tunable, recipe: Recipe, views: Views) -> None:
    """Make trainable what the recipe trains; keep a reference where the loss reads one."""
    if isinstance(recipe.adapter, Lora):
        chosen = recipe.adapter
        model.add_lora(rank=chosen.rank, alpha=chosen.alpha, dropout=chosen.dropout, seed=recipe.seed)
    elif views.reference:
        model.freeze_reference()
    if recipe.gradient_checkpointing:
        checkpoint_gradients(model.module)


def checkpoint_gradients(module: nn.Module) -> None:
    """Recompute activations in the backward pass, in the transformers model at or below ``module``.

    Raises:
        AvereError: there is none.
    """
    switch = "activation_checkpointing_enable"
    able = [part for part in (module, *module.children()) if hasattr(part, switch)]
    if not able:
        raise AvereError(
            f"{type(module).__name__} cannot recompute activations; set gradient_checkpointing=false"
        )
    getattr(able[0], switch)(activation_checkpointing_kwargs={"use_reentrant": False})


def read_records(data: Data) -> Records:
    """Read pairs and clips whole."""
    pairs = list(jsonl.read(data.pairs, PreferencePair))
    if not pairs:
        raise AvereError(f"'{data.pairs}' holds no pairs; make some with avere construct")
    return Records(pairs, {clip.id: clip for clip in jsonl.read(data.clips, Clip)})


def check(records: Records, views: Views) -> dict[str, int]:
    """Refuse records that the loss cannot read, all faults counted; return the numbers of records.

    Raises:
        AvereError: a clip, a file or an answer is missing.
    """
    faults = [*_faults_of_clips(records), *_faults_of_pairs(records, views)]
    if faults:
        raise AvereError(f"{'; '.join(faults)}; mend the files or choose another loss")
    same = unopposed(records.pairs, views, records.clips)
    none = same.pop("all")
    if none:
        logger.warning(
            "%d of %d records have no valid corruption; they carry no modality preference",
            none,
            len(records.pairs),
        )
    each = {f"records_left_real/{media}": count for media, count in same.items() if len(same) > 1}
    return {"records": len(records.pairs), "records_without_modality_preference": none, **each}


def _faults_of_clips(records: Records) -> Iterator[str]:
    """Yield what is wrong with the clips that the pairs name."""
    named = {pair.clip for pair in records.pairs}
    for pair in records.pairs:
        changes = (pair.corruption.audio, pair.corruption.video)
        named |= {change.clip for change in changes if change is not None and change.clip is not None}
    unknown = sorted(named - records.clips.keys())
    if unknown:
        yield f"{len(unknown)} clips that the pairs name are not in the clips file, first '{unknown[0]}'"
    known = [records.clips[name] for name in sorted(named & records.clips.keys())]
    paths = [path for clip in known for path in (clip.video, clip.audio) if path is not None]
    absent = [path for path in paths if not path.is_file()]
    if absent:
        yield f"{len(absent)} media files do not exist, first '{absent[0]}'"


def _faults_of_pairs(records: Records, views: Views) -> Iterator[str]:
    """Yield what the loss misses in the pairs."""
    for which, count in missing(records.pairs, views).items():
        yield f"{count} of {len(records.pairs)} records have no {which} answer, which this loss reads"
    known = (pair for pair in records.pairs if pair.clip in records.clips)
    silent = [pair.id for pair in known if _lacks_target(pair, records.clips[pair.clip])]
    if silent:
        yield f"{len(silent)} records ask about a medium that their clip lacks, first '{silent[0]}'"


def _lacks_target(pair: PreferencePair, clip: Clip) -> bool:
    wanted = ("audio", "video") if pair.target == "audiovisual" else (pair.target,)
    return any(getattr(clip, modality) is None for modality in wanted)


def build(model: Tunable, recipe: Recipe, records: Records, out: Path) -> PreferenceTrainer:
    """Return the trainer of a recipe, ready to run."""
    config = loss_config(recipe.loss)
    module: Any = loss_module(recipe.loss)
    source = Source(module.views(config), records.clips, recipe.seed)
    objective = Objective(module, config, source, keep_reference=recipe.cache_reference)
    return PreferenceTrainer(model, objective, arguments(recipe, out), records.pairs)


def arguments(recipe: Recipe, out: Path) -> TrainingArguments:
    """Return the recipe as transformers' arguments."""
    optimiser, run = recipe.optimiser, recipe.run
    return TrainingArguments(
        output_dir=str(out / run_folder.CHECKPOINTS),
        per_device_train_batch_size=optimiser.records_per_forward,
        gradient_accumulation_steps=accumulation(recipe, int(os.environ.get("WORLD_SIZE", "1"))),
        learning_rate=optimiser.learning_rate,
        lr_scheduler_type=optimiser.scheduler,
        warmup_steps=optimiser.warmup_ratio,
        weight_decay=optimiser.weight_decay,
        max_grad_norm=optimiser.max_grad_norm,
        num_train_epochs=optimiser.epochs,
        bf16=recipe.autocast == "bfloat16",
        use_cpu=not torch.accelerator.is_available(),
        seed=recipe.seed,
        data_seed=recipe.seed,
        dataloader_num_workers=run.workers,
        logging_steps=run.log_every,
        logging_first_step=True,
        logging_nan_inf_filter=False,
        report_to=list(run.report_to),
        save_strategy="no" if run.checkpoint_every is None else "steps",
        save_steps=run.checkpoint_every or 1,
        save_total_limit=run.keep_checkpoints,
        remove_unused_columns=False,
        ddp_find_unused_parameters=False,
    )


def accumulation(recipe: Recipe, processes: int) -> int:
    """Return the forwards of one process in one optimiser step.

    Raises:
        AvereError: the records of a step cannot be dealt out evenly.
    """
    wanted, at_once = recipe.optimiser.records_per_step, recipe.optimiser.records_per_forward * processes
    if wanted % at_once:
        raise AvereError(
            f"{wanted} records a step cannot be dealt out to {processes} process(es) with "
            f"{recipe.optimiser.records_per_forward} at once; make optimiser.records_per_step a multiple "
            f"of {at_once}"
        )
    return wanted // at_once
