"""The training loop: transformers' Trainer, with a step that computes a preference loss record by record."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader
from transformers import PrinterCallback, Trainer, TrainingArguments
from transformers.trainer_utils import rotate_checkpoints

from avere.errors import AvereError
from avere.interfaces import Candidate, LossModule, Trainable
from avere.preference import _watch, _weights
from avere.preference._progress import Steps
from avere.preference._record_metrics import HeldOut, RecordMetrics, Start, measure_drift, refuse_non_finite
from avere.preference.batches import Collator, PairSource, Parts, Rows, gather_log_probs, make_loader
from avere.preference.budget import Budget
from avere.preference.data import Records
from avere.preference.recipe import Group
from avere.preference.sampling import HeldOutSampler, Shape, StepSampler
from avere.preference.schedule import make_schedule
from avere.preference.views import LogProbs, LossTerms
from avere.settings import Settings


class Objective(NamedTuple):
    """A loss with its settings and what it reads."""

    module: LossModule
    config: Settings
    source: PairSource


class StepOrder(NamedTuple):
    """How records are put into steps."""

    records_per_step: int
    group: Group
    seed: int
    budget: Budget | None = None
    """What cuts steps into forwards; None: a number of records."""


class PreferenceTrainer(Trainer):
    """A Trainer whose loss is a mean over the records of the whole optimiser step.

    A step makes at most three forwards, each distinct candidate once: reference and detached policy
    without gradient, then the policy. A checkpoint appears whole or not at all.
    """

    loss_is_scaled_for_ga = True
    """compute_loss divides by the records of the step; the Trainer must not divide by accumulation again."""
    trainable: Trainable[Any]
    objective: Objective
    reference_values: dict[Candidate, float]
    """What the reference gives to candidates that need no forward any more."""
    stop_asked: bool
    """Whether this process was asked to stop after the step in progress."""
    keeps_best: bool
    """Whether the weights with the largest held-out margin are kept apart."""
    watched: _watch.Watched
    """Held-out prompts that the policy answers itself at each reading, with their chosen answers."""

    def __init__(
        self,
        trainable: Trainable[Any],
        objective: Objective,
        args: TrainingArguments,
        records: Records,
        order: StepOrder,
    ) -> None:
        """Set up the loop over the pairs and the held-out pairs of ``records``."""
        if args.n_gpu > 1:
            raise AvereError(
                f"{args.n_gpu} GPUs are visible to one process; start with 'accelerate launch -m "
                "avere train ...' or show it one with CUDA_VISIBLE_DEVICES=0"
            )
        self.trainable = trainable
        self.objective = objective
        self.order = order
        self.reference_values = {}
        self.record_metrics = RecordMetrics()
        exact = all(weight.dtype == torch.float32 for weight in trainable.module.parameters())
        self.start = Start(exact=exact and not args.bf16)
        self.stop_asked = self.keeps_best = False
        self.watched = ()
        super().__init__(
            model=trainable.module,
            args=args,
            data_collator=Collator(trainable, objective.source, self.reference_values),
            train_dataset=Rows(records.pairs),
            eval_dataset=Rows(records.held_out) if records.held_out else None,
        )
        self.remove_callback(PrinterCallback)  # prints whole reports
        self.steps = Steps(str(args.output_dir))

    def get_train_dataloader(self) -> DataLoader[Any]:
        """Load this process's forwards of each step, every record of an epoch once over all processes."""
        rows: Any = self.train_dataset
        sampler = StepSampler(rows.pairs, self._shape(), self.order.seed, self.order.group, self.order.budget)
        return make_loader(rows, sampler, self.data_collator, self.args)

    def get_eval_dataloader(self, eval_dataset: Any = None) -> DataLoader[Any]:
        """Load this process's part of the held-out records, each once over all processes."""
        rows: Any = eval_dataset or self.eval_dataset
        return make_loader(rows, HeldOutSampler(len(rows), self._shape()), self.data_collator, self.args)

    def create_scheduler(self, num_training_steps: int, optimizer: Any = None) -> Any:
        """Begin the warm-up above zero, and otherwise follow the library's schedule of the recipe."""
        if self.lr_scheduler is None:
            warmup = self.args.get_warmup_steps(num_training_steps)
            kind: Any = self.args.lr_scheduler_type
            self.lr_scheduler = make_schedule(
                optimizer or self.optimizer, warmup, num_training_steps, kind.value
            )
            self._created_lr_scheduler = True
        return self.lr_scheduler

    def _shape(self) -> Shape:
        at_once, whole = self.args.per_device_train_batch_size, self.accelerator
        return Shape(self.order.records_per_step, at_once, whole.num_processes, whole.process_index)

    def get_batch_samples(
        self, epoch_iterator: Iterator[Any], num_batches: int, device: torch.device
    ) -> tuple[list[Any], Tensor]:
        """Return the batches of one optimiser step and the number of records in it, over all processes."""
        if self.is_world_process_zero():
            self.steps.move(self.state)
        batches, _ = super().get_batch_samples(epoch_iterator, num_batches, device)
        records = torch.tensor(sum(int(batch["counts"].sum()) for batch in batches), device=device)
        return batches, self.accelerator.gather(records).sum()

    def compute_loss(
        self,
        model: nn.Module,
        inputs: dict[str, Any],
        return_outputs: bool = False,  # noqa: FBT001, FBT002 - the signature of Trainer
        num_items_in_batch: Tensor | int | None = None,
    ) -> Any:
        """Return the summed loss over the number of records of the step; gradients average over processes."""
        logps = self.log_probs(model, inputs)
        terms = self.terms(logps, inputs)
        counts = inputs["counts"]
        self.record_metrics.add(logps, terms, counts)
        if self.state.global_step == 0:
            self.start.add(logps)
        records = counts.sum() if num_items_in_batch is None else num_items_in_batch
        # A record that counts nothing must give a gradient of zero, not none: all processes wait for it.
        total = (terms.each * counts).sum() * self.accelerator.num_processes / records
        return (total, terms) if return_outputs else total

    def terms(self, logps: LogProbs, inputs: Mapping[str, Any]) -> LossTerms:
        """Return the loss of each record of a batch.

        Raises:
            AvereError: one of them is not finite.
        """
        terms = self.objective.module.loss(logps, self.objective.config)
        refuse_non_finite(terms, inputs["pairs"])
        return terms

    def log_probs(self, model: nn.Module, inputs: Mapping[str, Any]) -> LogProbs:
        """Compute what the loss reads; the forward with gradient comes last and alone."""
        parts: Parts = inputs["parts"]
        with torch.no_grad(), steady_module(model):
            reference = self._reference(model, inputs["reference"], parts)
            detached = run_forward(model, inputs["detached"])
        policy = run_forward(model, inputs["policy"])
        return gather_log_probs(inputs, policy, detached, reference)

    def evaluate(
        self, eval_dataset: Any = None, ignore_keys: Any = None, metric_key_prefix: str = "eval"
    ) -> dict[str, float]:
        """Read the held-out pairs as a step would, log what it would log, and keep the best weights.

        Raises:
            AvereError: the best weights are to be kept, but the loss has no margins.
        """
        del ignore_keys
        seen = HeldOut()
        # Nothing here may change what training draws afterwards.
        with torch.random.fork_rng(devices=[]), torch.no_grad(), steady_module(self.model_wrapped):
            for batch in self.get_eval_dataloader(eval_dataset):
                logps = self.log_probs(self.model_wrapped, batch)
                seen.add(logps, self.terms(logps, batch), batch["counts"])
            broken = _watch.count_broken(self.trainable, () if self._held_by_engine() else self.watched)
        found = {f"{metric_key_prefix}_{name}": value for name, value in seen.report().items()}
        found |= measure_drift(found, self.state.log_history, metric_key_prefix)
        found |= {f"{metric_key_prefix}_answers/{name}": share for name, share in broken.items()}
        _watch.tell_collapse(found, self.state.log_history, metric_key_prefix)
        self._report(found)
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, found)
        if self.keeps_best:
            self._keep_best(found)
        return found

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Add the record metrics since the last report, and once how far apart policy and reference began."""
        self._report(logs | self.start.report() | self.record_metrics.report(), start_time)

    def _report(self, logs: Mapping[str, float], start_time: float | None = None) -> None:
        """Log all numbers and show a few of them."""
        super().log(dict(logs), start_time)
        if self.is_world_process_zero():
            self.steps.tell(self.state, logs)

    def load_best(self) -> dict[str, float]:
        """Take the best weights instead of the last, and return which they are."""
        place = Path(str(self.args.output_dir))
        found = _weights.best(place)
        if found is None:
            return {}
        if not self._held_by_engine():
            self._load_from_checkpoint(str(place / found.name))
        return {"best_step": found.step, "best_margin": found.margin}

    def gathered(self) -> dict[str, Tensor] | None:
        """Return all weights, the best where these are kept, if FSDP or DeepSpeed holds them, else None.

        Every process must ask; what it gets is for the one that writes.
        """
        if not self._held_by_engine():
            return None
        whole: dict[str, Tensor] = self.accelerator.get_state_dict(self.model_wrapped)
        place = Path(str(self.args.output_dir))
        found = _weights.best(place) if self.keeps_best and self.args.should_save else None
        return whole if found is None else whole | _weights.read(place / found.name)

    def _held_by_engine(self) -> bool:
        return bool(self.is_fsdp_enabled or self.is_deepspeed_enabled)

    def _keep_best(self, metrics: Mapping[str, float]) -> None:
        """Keep the trained weights where no earlier ones had this margin, apart from the checkpoints."""
        if "eval_rewards/margins" not in metrics:
            raise AvereError("this loss compares no answers, so no weights are best; set run.keep_best=false")
        place = Path(str(self.args.output_dir))
        before = _weights.best(place)
        now = _weights.Best(self.state.global_step, metrics["eval_rewards/margins"])
        if before is not None and now.margin <= before.margin:
            return
        with self._written_whole(now.name) as folder:
            self.save_model(str(folder), _internal_call=True)
            if self.args.should_save:
                now.write(folder)
        if self.args.should_save and before is not None and before.name != now.name:
            _weights.remove(place / before.name)

    def _reference(self, model: nn.Module, encoded: object | None, parts: Parts) -> Tensor:
        """Return the reference's value of every candidate, without a forward where all are known."""
        fresh: dict[Candidate, float] = {}
        if encoded is not None:
            with self.trainable.as_reference():
                found = run_forward(model, encoded)
            if found.dim() > 1:
                return found  # of tokens, which are not kept
            fresh = dict(zip(parts.unknown, found.tolist(), strict=True))
        known = self.reference_values
        values = [fresh[each] if each in fresh else known[each] for each in parts.reference.candidates]
        return torch.tensor(values, dtype=torch.float32)

    def _maybe_log_save_evaluate(self, *given: Any, **named: Any) -> None:
        """Let a signal to any process stop all of them after this step, with a checkpoint."""
        if self._stops():
            self.control.should_save = self.control.should_training_stop = True
        super()._maybe_log_save_evaluate(*given, **named)

    def _stops(self) -> bool:
        if self.accelerator.num_processes == 1:
            return self.stop_asked
        asked = torch.tensor(int(self.stop_asked), device=self.args.device)
        self.stop_asked = bool(self.accelerator.gather(asked).sum())
        return self.stop_asked

    def _save_checkpoint(self, model: nn.Module, trial: Any) -> None:
        """Write a checkpoint, unless this step has one, and drop the oldest."""
        name = f"{_weights.CHECKPOINT}-{self.state.global_step}"
        if (Path(str(self.args.output_dir)) / name).is_dir():
            return
        with self._written_whole(name):
            super()._save_checkpoint(model, trial)
        if self.args.should_save:
            rotate_checkpoints(str(self.args.output_dir), self.args.save_total_limit)

    @contextmanager
    def _written_whole(self, name: str) -> Iterator[Path]:
        """Let all processes write a folder of the run apart, and move it to its place when they are done."""
        place = Path(str(self.args.output_dir))
        apart = place / _weights.UNFINISHED
        if self.args.should_save:
            _weights.remove(apart)
        self.accelerator.wait_for_everyone()
        self.args.output_dir = str(apart)
        try:
            yield apart / name
        finally:
            self.args.output_dir = str(place)
        self.accelerator.wait_for_everyone()
        if self.args.should_save:
            _weights.remove(place / name)
            (apart / name).rename(place / name)
        self.accelerator.wait_for_everyone()

    def _prepare_inputs(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """Leave the batch as it is: the loader moved it, and the parent would rebuild a model's own types."""
        return inputs

    def _save(self, output_dir: str | None = None, state_dict: dict[str, Tensor] | None = None) -> None:
        """Write the trained weights only: a checkpoint is to be resumed over the model it started from."""
        trained: Mapping[str, Tensor] = self._trained()
        if state_dict is not None:
            trained = {name: state_dict[name] for name in trained if name in state_dict}
        super()._save(output_dir, {name: value.detach().contiguous() for name, value in trained.items()})

    def _issue_warnings_after_load(self, load_result: Any) -> None:
        """Refuse a checkpoint whose weights are not the ones in training; frozen ones may be absent."""
        lost = [name for name in load_result.missing_keys if name in self._trained()]
        if lost or load_result.unexpected_keys:
            raise AvereError(
                f"the checkpoint does not fit the model: {len(lost)} trained weights are missing and "
                f"{len(load_result.unexpected_keys)} are unknown; resume with the recipe that wrote it"
            )

    def _trained(self) -> dict[str, nn.Parameter]:
        module: nn.Module = self.trainable.module
        return {name: value for name, value in module.named_parameters() if value.requires_grad}


def run_forward(model: nn.Module, encoded: object | None) -> Tensor:
    """Compute log-probabilities of encoded candidates, or of their tokens, in float32; none for nothing."""
    if encoded is None:
        return torch.empty(0)
    values: Tensor = model(encoded)
    return values.float()


@contextmanager
def steady_module(model: nn.Module) -> Iterator[None]:
    """Switch dropout off inside, and afterwards back to what it was."""
    before = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(before)
