"""A recipe in the words of transformers' trainer."""

import os
from math import ceil
from pathlib import Path

import torch
from transformers import TrainingArguments

from avere.preference import _run_folder as run_folder
from avere.preference.recipe import TrainingRecipe


def trainer_arguments(recipe: TrainingRecipe, out: Path, *, fresh: bool = True) -> TrainingArguments:
    """Return the recipe as transformers' arguments; a fresh run reads held-out pairs at its start."""
    optimiser, run = recipe.optimiser, recipe.run
    return TrainingArguments(
        output_dir=str(out / run_folder.CHECKPOINTS),
        per_device_train_batch_size=optimiser.records_per_forward,
        gradient_accumulation_steps=accumulation_steps(recipe, int(os.environ.get("WORLD_SIZE", "1"))),
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
        disable_tqdm=True,
        save_strategy="no" if run.checkpoint_every is None else "steps",
        save_steps=run.checkpoint_every or 1,
        save_total_limit=run.keep_checkpoints,
        per_device_eval_batch_size=optimiser.records_per_forward,
        eval_strategy="no" if run.evaluate_every is None else "steps",
        eval_steps=run.evaluate_every,
        eval_on_start=run.evaluate_every is not None and fresh,
        remove_unused_columns=False,
        ddp_find_unused_parameters=False,
    )


def accumulation_steps(recipe: TrainingRecipe, processes: int) -> int:
    """Count the forwards of one process in one optimiser step; the last of them need not be full."""
    at_once = recipe.optimiser.records_per_forward * processes
    return ceil(recipe.optimiser.records_per_step / at_once)
