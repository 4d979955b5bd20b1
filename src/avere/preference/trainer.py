"""The training loop: transformers' Trainer, with a step that computes a preference loss record by record."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor, nn
from transformers import Trainer, TrainingArguments

from avere.errors import AvereError
from avere.interfaces import Reading, Trainable
from avere.preference._record_metrics import RecordMetrics
from avere.preference.batches import Collator, Parts, Source
from avere.preference.views import LogProbs, LossTerms, Views
from avere.settings import Settings


class LossModule(Protocol):
    """What a module of ``avere.preference.losses`` offers."""

    def views(self, config: Any) -> Views:
        """Return what the loss reads."""

    def loss(self, logps: LogProbs, config: Any) -> LossTerms:
        """Return the loss of each record."""


class Objective(NamedTuple):
    """A loss with its settings, what it reads, and whether the reference's values are kept."""

    module: LossModule
    config: Settings
    source: Source
    keep_reference: bool = False


class PreferenceTrainer(Trainer):
    """A Trainer whose loss is a mean over the records of the whole optimiser step.

    A step makes at most three forwards, each distinct reading once: reference and detached policy
    without gradient, then the policy.
    """

    loss_is_scaled_for_ga = True
    """compute_loss divides by the records of the step; the Trainer must not divide by accumulation again."""
    trainable: Trainable[Any]
    objective: Objective
    reference_values: dict[Reading, float]

    def __init__(
        self, trainable: Trainable[Any], objective: Objective, args: TrainingArguments, records: Any
    ) -> None:
        """Set up the loop over ``records``, a sized collection of preference pairs."""
        if args.n_gpu > 1:
            raise AvereError(
                f"{args.n_gpu} GPUs are visible to one process; start with 'accelerate launch -m "
                "avere.cli.main train ...' or show it one with CUDA_VISIBLE_DEVICES=0"
            )
        self.trainable = trainable
        self.objective = objective
        self.reference_values = {}
        self.record_metrics = RecordMetrics()
        super().__init__(
            model=trainable.module,
            args=args,
            data_collator=Collator(trainable, objective.source, self.reference_values),
            train_dataset=records,
        )

    def get_batch_samples(
        self, epoch_iterator: Iterator[Any], num_batches: int, device: torch.device
    ) -> tuple[list[Any], Tensor]:
        """Return the batches of one optimiser step and the number of records in it, over all processes."""
        batches, _ = super().get_batch_samples(epoch_iterator, num_batches, device)
        records = torch.tensor(sum(len(batch["pairs"]) for batch in batches), device=device)
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
        terms = self.objective.module.loss(logps, self.objective.config)
        _refuse_non_finite(terms, inputs["pairs"])
        self.record_metrics.add(logps, terms)
        records = len(inputs["pairs"]) if num_items_in_batch is None else num_items_in_batch
        total = terms.each.sum() * self.accelerator.num_processes / records
        return (total, terms) if return_outputs else total

    def log_probs(self, model: nn.Module, inputs: Mapping[str, Any]) -> LogProbs:
        """Compute what the loss reads; the forward with gradient comes last and alone."""
        parts: Parts = inputs["parts"]
        with torch.no_grad(), _steady(model):
            reference = self._reference(model, inputs["reference"], parts)
            detached = _forward(model, inputs["detached"])
        policy = _forward(model, inputs["policy"])
        return LogProbs(
            policy=parts.policy.gather(policy),
            detached=parts.detached.gather(detached),
            reference=parts.reference.gather(reference.to(policy.device)),
            lengths={which: count.to(policy.device) for which, count in inputs["lengths"].items()},
        )

    def _reference(self, model: nn.Module, encoded: object | None, parts: Parts) -> Tensor:
        """Return the reference's value of every reading, from memory where it is known."""
        known = self.reference_values if self.objective.keep_reference else {}
        if encoded is not None:
            with self.trainable.as_reference():
                fresh = _forward(model, encoded).tolist()
            known |= dict(zip(parts.unknown, fresh, strict=True))
        return torch.tensor([known[each] for each in parts.reference.readings], dtype=torch.float32)

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Add the record metrics since the last report."""
        super().log(logs | self.record_metrics.report(), start_time)

    def _prepare_inputs(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """Leave the batch as it is: the loader moved it, and the parent would rebuild a model's own types."""
        return inputs

    def _save(self, output_dir: str | None = None, state_dict: dict[str, Tensor] | None = None) -> None:
        """Write the trained weights only: a checkpoint is to be resumed over the model it started from."""
        trained = {name: value.detach().contiguous() for name, value in self._trained().items()}
        super()._save(output_dir, trained if state_dict is None else state_dict)

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


def _forward(model: nn.Module, encoded: object | None) -> Tensor:
    """Return the log-probabilities of encoded readings in float32; none for nothing to read."""
    if encoded is None:
        return torch.empty(0)
    values: Tensor = model(encoded)
    return values.float()


@contextmanager
def _steady(model: nn.Module) -> Iterator[None]:
    """Switch dropout off inside, and back on after."""
    model.eval()
    try:
        yield
    finally:
        model.train()


def _refuse_non_finite(terms: LossTerms, names: tuple[str, ...]) -> None:
    wrong = [name for name, fine in zip(names, terms.each.isfinite().tolist(), strict=True) if not fine]
    if wrong:
        raise AvereError(
            f"the loss of {len(wrong)} record(s) is not finite, first '{wrong[0]}'; lower "
            "optimiser.learning_rate, or look at that record's answers and media"
        )
