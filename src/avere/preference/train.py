"""One training run from a recipe to a folder: checks first, then the trainer, then what it leaves behind."""

import logging
from contextlib import closing
from pathlib import Path

import torch
from torch import nn
from transformers import TrainingArguments, set_seed
from transformers.integrations.deepspeed import unset_hf_deepspeed_config

from avere.errors import AvereError, StoppedError
from avere.interfaces import CountsTokens, EncodesTokens, KeepsEncodersWhole, KeepsFeatures, Tunable
from avere.preference import _reference, _stopping
from avere.preference import _run_folder as run_folder
from avere.preference.arguments import trainer_arguments
from avere.preference.batches import PairSource
from avere.preference.data import Records, check_records, count_records, keep_readable, read_records
from avere.preference.forwards import plan_forwards
from avere.preference.recipe import Lora, ParsedLoss, TrainingRecipe, parse_loss
from avere.preference.trainer import Objective, PreferenceTrainer, StepOrder
from avere.preference.views import Views, prompt_of
from avere.records import runs

logger = logging.getLogger("avere.preference")


def train_policy(
    recipe: TrainingRecipe, out: Path, *, resume: bool = False, model: Tunable | None = None
) -> Path:
    """Train as the recipe says and return the folder with weights, log, metrics and model card.

    A run that was stopped or killed goes on after its last whole checkpoint. ``model`` stands in for the
    recipe's ``model`` section, for models that are made in Python.

    Args:
        recipe: what to do.
        out: folder of the run.
        resume: take a finished run of the same recipe as it is instead of refusing it.
        model: loaded already.

    Raises:
        AvereError: the records cannot serve the loss, the folder is in use, holds another run or one whose
            inputs changed since it began, or there is no room on the disk.
        StoppedError: SIGTERM came; a checkpoint was written.
    """
    with run_folder.claimed(out):
        return _train(recipe, out, resume=resume, model=model)


def _train(recipe: TrainingRecipe, out: Path, *, resume: bool, model: Tunable | None) -> Path:
    """Train in a folder that no other process writes to."""
    state = run_folder.look(recipe, out, resume=resume)
    if state.complete:
        return out
    loss = parse_loss(recipe.loss)
    views = loss.views
    records = read_records(recipe.data)
    check_records(records, views, recipe.run)
    settings = trainer_arguments(recipe, out, fresh=state.checkpoint is None)
    logger.info("this process computes on %s", settings.device)  # asking chooses it, before weights go there
    set_seed(recipe.seed)
    model = load_policy(recipe) if model is None else model
    base = runs.describe_model(model, "base", recipe.model.source)
    run_folder.refuse_other_base(out, base)
    _refuse_lengths(model, recipe, views)
    if recipe.run.cache_features:
        keep_features(model, recipe, out)
    records, left_out = keep_readable(model, records, views, recipe.run)
    counts = count_records(records, views, left_out)
    add_adapter(model, recipe, views)
    trainer = build(model, recipe, loss, records, settings)
    trainer.accelerator.wait_for_everyone()
    with _stopping.room(out), closing(trainer.steps):
        if trainer.is_world_process_zero():
            run_folder.begin(recipe, out, base, left_out)
        if recipe.cache_reference and views.reference:
            keep_reference(trainer, base.fingerprint, recipe.run.cache or out / run_folder.REFERENCE, records)
        run(trainer, state)
        whole = trainer.gathered()
        if trainer.is_world_process_zero():
            model.save(out, whole)
            story = run_folder.Story(base.fingerprint, counts, trainer.state.log_history)
            run_folder.finish(recipe, out, story)
    leave(trainer)
    return out


def run(trainer: PreferenceTrainer, state: run_folder.State) -> None:
    """Go through the steps that are left.

    Raises:
        StoppedError: a signal asked for it; a checkpoint was written.
    """

    def stop() -> None:
        trainer.stop_asked = True

    with _stopping.listening(stop):
        trainer.train(resume_from_checkpoint=state.checkpoint)
    done, steps = trainer.state.global_step, trainer.state.max_steps
    if trainer.stop_asked and done < steps:
        leave(trainer)
        raise StoppedError(
            f"stopped by SIGTERM after step {done} of {steps}, with a checkpoint; run the same command again "
            "to go on"
        )
    if trainer.keeps_best:
        trainer.log(trainer.load_best())


def leave(trainer: PreferenceTrainer) -> None:
    """Wait for the other processes: all weights are then written.

    Threads of a CPU's process group let go of the tensors that they gathered meanwhile; one that did so in
    a process that is already ending would abort it.
    """
    trainer.accelerator.wait_for_everyone()


def close_group() -> None:
    """End this process's part in the group of processes, where there is one; to be called before it exits.

    A group that lives on while Python ends may abort the process: its threads are then still at work.
    """
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()


def keep_reference(trainer: PreferenceTrainer, base: str, folder: Path, records: Records) -> None:
    """Read the reference for all records, from disk where an earlier run left its values."""
    count = _reference.fill(trainer, base, folder, [*records.pairs, *records.held_out])
    logger.info("%d values of the reference were computed here, the others are from '%s'", count, folder)


def keep_features(model: object, recipe: TrainingRecipe, out: Path) -> None:
    """Let the encoders of a model that is not adapted yet see each medium once.

    Raises:
        AvereError: it cannot keep features, or they would not last.
    """
    if not isinstance(model, KeepsFeatures):
        raise AvereError(f"{type(model).__name__} keeps no features of media; set run.cache_features=false")
    folder = (recipe.run.cache or out) / run_folder.FEATURES
    model.keep_features(folder, int(recipe.run.feature_cache_gb * 1e9), recipe.autocast)


def load_policy(recipe: TrainingRecipe) -> Tunable:
    """Load the model that the recipe starts from, whole in every process.

    ZeRO-3 would deal the weights out already here, where a reference must still be read or copied; it does
    so when training begins.

    Raises:
        AvereError: the model cannot be loaded, or not be trained.
    """
    import avere

    unset_hf_deepspeed_config()  # type: ignore[no-untyped-call]  # the library has no types here
    given = {"dtype": recipe.model.dtype, **recipe.model.options}
    if recipe.model.quantise is not None:
        given["quantise"] = recipe.model.quantise
    model = avere.load(recipe.model.source, **given)
    if not isinstance(model, Tunable):
        raise AvereError(
            f"'{recipe.model.source}' cannot be trained; give a model whose weights are here, such as "
            "tiny or a Qwen2.5-Omni folder"
        )
    return model


def add_adapter(model: Tunable, recipe: TrainingRecipe, views: Views) -> None:
    """Make trainable what the recipe trains; keep a reference where the loss reads one."""
    if isinstance(recipe.adapter, Lora):
        chosen = recipe.adapter
        model.add_lora(
            rank=chosen.rank,
            alpha=chosen.alpha,
            dropout=chosen.dropout,
            seed=recipe.seed,
            dora=chosen.dora,
            experts=chosen.experts,
        )
    elif views.reference and not recipe.cache_reference:
        model.freeze_reference()
    if recipe.gradient_checkpointing:
        checkpoint_gradients(model.module)


def _refuse_lengths(model: Tunable, recipe: TrainingRecipe, views: Views) -> None:
    if views.token_by_token and not isinstance(model, EncodesTokens):
        raise AvereError(
            f"{type(model).__name__} tells no log-probabilities of single tokens, which loss "
            f"'{recipe.loss['name']}' reads; choose a loss of pairs instead"
        )
    if views.token_by_token and recipe.cache_reference:
        raise AvereError(
            f"loss '{recipe.loss['name']}' reads the reference token by token, which is not kept; set "
            "cache_reference=false"
        )
    if views.lengths and not isinstance(model, CountsTokens):
        raise AvereError(
            f"{type(model).__name__} cannot count the tokens of an answer, over which loss "
            f"'{recipe.loss['name']}' with these settings averages; choose the sum instead"
        )


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


def build(
    model: Tunable, recipe: TrainingRecipe, loss: ParsedLoss, records: Records, settings: TrainingArguments
) -> PreferenceTrainer:
    """Make the trainer of a recipe and its parsed loss, ready to run."""
    source = PairSource(loss.views, records.clips, recipe.seed)
    engine = settings.deepspeed_plugin
    if engine is not None and engine.zero_stage == 3 and isinstance(model, KeepsEncodersWhole):
        model.keep_encoders_whole()
    objective = Objective(loss.module, loss.config, source)
    chosen = recipe.optimiser
    budget = plan_forwards(model, records, source, chosen, settings.world_size)
    if budget is not None:
        settings.gradient_accumulation_steps = budget.parts // settings.world_size
    order = StepOrder(chosen.records_per_step, chosen.group, recipe.seed, budget)
    trainer = PreferenceTrainer(model, objective, settings, records, order)
    trainer.keeps_best = recipe.run.keep_best
    watched = records.held_out[: recipe.run.watch_answers]
    trainer.watched = [(prompt_of(pair, "real", records.clips), pair.chosen) for pair in watched]
    return trainer
