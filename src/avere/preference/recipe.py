"""What a training recipe may say, checked as a whole before anything is loaded."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, Self

from pydantic import Field, ValidationError, field_validator, model_validator

from avere import catalogue
from avere.errors import AvereError
from avere.interfaces import LossModule
from avere.preference.views import Views
from avere.settings import Settings, parse, word_faults

LOSSES = "avere.preference.losses"

Group = Literal["none", "clip", "replacements"]
"""``none``: any order; ``clip``: the records of a clip one after the other; ``replacements``: these too, and
after a clip those whose media replace its own or are replaced by them."""


class StartModel(Settings):
    """The model that training starts from."""

    source: str
    """A name that ``avere.load`` knows, a folder, or an id on a model hub."""
    dtype: Literal["float32", "bfloat16"]
    """Of the weights in memory."""
    quantise: Literal["nf4"] | None = None
    """Keep the language model's linear layers in four bits below an adapter (QLoRA); needs an NVIDIA card."""
    options: dict[str, Any] = Field(default_factory=dict)
    """What ``avere.load`` takes besides, such as ``frames``."""


class Lora(Settings):
    """Train low-rank adapters; the model without them is the reference."""

    kind: Literal["lora"]
    rank: int = Field(ge=1)
    alpha: int = Field(ge=1)
    dropout: float = Field(default=0.0, ge=0, lt=1)
    dora: bool = False
    """Learn a magnitude beside each direction (Liu et al., 2024)."""
    experts: bool = False
    """Adapt the experts of a mixture as well; routers stay as they are."""


class Full(Settings):
    """Train the model whole, encoders and projectors excepted; a frozen copy is the reference."""

    kind: Literal["full"]


class Data(Settings):
    """The files to learn from; relative paths start where the program runs."""

    pairs: Path
    clips: Path
    held_out: Path | None = None
    """Pairs that are never learnt from, but read every ``run.evaluate_every`` steps."""


class Optimiser(Settings):
    """AdamW and how far it goes."""

    learning_rate: float = Field(gt=0)
    scheduler: Literal["linear", "cosine", "constant", "constant_with_warmup"]
    """After a warm-up that begins above zero, see `avere.preference.schedule`."""
    warmup_ratio: float = Field(ge=0, lt=1)
    weight_decay: float = Field(ge=0)
    max_grad_norm: float = Field(gt=0)
    epochs: float = Field(gt=0)
    records_per_step: int = Field(ge=1)
    """Of one optimiser step, over all devices and accumulation."""
    records_per_forward: int = Field(default=1, ge=1)
    """Of one device at a time; changes memory and speed, not the result."""
    tokens_per_forward: int | None = Field(default=None, ge=1)
    """Distinct tokens of one device at a time, instead of a number of records; steps are cut where the least
    is computed twice. Held-out records and a kept reference are read ``records_per_forward`` at a time."""
    group: Group = "none"
    """What stands together in a step and a forward, so that media are computed once for several records."""


class RunOptions(Settings):
    """What is written and reported on the way; only what DECIDING names can change the result."""

    DECIDING: ClassVar = ("on_bad_media", "evaluate_every", "keep_best")

    log_every: int = Field(default=1, ge=1)
    """Optimiser steps."""
    checkpoint_every: int | None = Field(default=None, ge=1)
    """Optimiser steps; None keeps no checkpoint, so that nothing can be resumed."""
    keep_checkpoints: int = Field(default=1, ge=1)
    report_to: tuple[str, ...] = ()
    """Trackers that transformers knows, such as ``tensorboard`` or ``wandb``."""
    workers: int = Field(default=0, ge=0)
    """Processes that decode media."""
    on_bad_media: Literal["refuse", "skip"] = "refuse"
    """Where media cannot be read: name them and stop before training, or leave their records out."""
    cache: Path | None = None
    """Folder of reference values and features, which runs may share; None: folders inside the run's own."""
    cache_features: bool = False
    """Keep on disk what the frozen encoders make of each medium, so that they see it once."""
    feature_cache_gb: float = Field(default=20.0, gt=0)
    """Where no more features are written (1 GB is 10^9 bytes)."""
    evaluate_every: int | None = Field(default=None, ge=1)
    """Optimiser steps between readings of the held-out pairs."""
    watch_answers: int = Field(default=16, ge=0)
    """Held-out prompts that are answered freely at each reading, to see whether answers break."""
    keep_best: bool = False
    """End with the weights that had the largest held-out margin, instead of the last ones."""


class TrainingRecipe(Settings):
    """One training run."""

    base: str | None = None
    """A shipped training recipe that gives what this one leaves out."""
    model: StartModel
    adapter: Annotated[Lora | Full, Field(discriminator="kind")]
    loss: dict[str, Any]
    """``name`` of a loss, and what its ``Config`` may say."""
    data: Data
    optimiser: Optimiser
    autocast: Literal["bfloat16"] | None = None
    """Compute in this type where it is safe; None computes in the weights' own."""
    gradient_checkpointing: bool = False
    cache_reference: bool = False
    """Read the reference once, before the first step, and keep its numbers on disk (``run.cache``)."""
    seed: int = Field(ge=0)
    run: RunOptions = RunOptions()

    @model_validator(mode="before")
    @classmethod
    def _fill_from_base(cls, data: object) -> object:
        if not isinstance(data, Mapping) or not isinstance(data.get("base"), str):
            return data
        return merge(shipped(data["base"]), data)

    @field_validator("loss")
    @classmethod
    def _loss_is_known(cls, loss: dict[str, Any]) -> dict[str, Any]:
        parse_loss(loss)
        return loss

    @model_validator(mode="after")
    def _steps_can_be_seen(self) -> Self:
        if self.adapter.kind == "full" and self.model.dtype == "bfloat16":
            raise ValueError(
                "full training of bfloat16 weights loses small steps to rounding (3 significant digits); "
                "set model.dtype=float32 with autocast=bfloat16"
            )
        return self

    @model_validator(mode="after")
    def _four_bits_do_not_train(self) -> Self:
        if self.adapter.kind == "full" and self.model.quantise is not None:
            raise ValueError(
                f"model.quantise={self.model.quantise} freezes the weights, so they cannot be trained in "
                "full; set adapter.kind=lora, or leave model.quantise out"
            )
        return self

    @model_validator(mode="after")
    def _kept_features_last(self) -> Self:
        if self.run.cache_features and self.model.options.get("train_encoders"):
            raise ValueError(
                "run.cache_features keeps what frozen encoders make of media, and model.options."
                "train_encoders trains them; give one of the two"
            )
        return self

    @model_validator(mode="after")
    def _held_out_pairs_are_read(self) -> Self:
        if (self.data.held_out is None) != (self.run.evaluate_every is None):
            raise ValueError("data.held_out and run.evaluate_every go together; give both or neither")
        if self.run.keep_best and self.run.evaluate_every is None:
            raise ValueError("run.keep_best chooses by held-out pairs; give data.held_out as well")
        return self


class ParsedLoss(NamedTuple):
    """A loss section as what a run computes with."""

    module: LossModule
    config: Settings

    @property
    def views(self) -> Views:
        """What the loss reads of each record."""
        return self.module.views(self.config)


def parse_loss(loss: Mapping[str, Any]) -> ParsedLoss:
    """Parse a loss section: find the module that it names, and make the rest that module's ``Config``.

    Raises:
        ValueError: there is no such loss, or it takes no such settings; every fault is named.
    """
    try:
        module = catalogue.find(LOSSES, str(loss.get("name")), LossModule)
    except AvereError as error:
        raise ValueError(f"name: {error}") from error
    try:
        given = {key: value for key, value in loss.items() if key != "name"}
        return ParsedLoss(module, module.Config.model_validate(given))
    except ValidationError as error:
        raise ValueError(word_faults(error, module.Config)) from error


def shipped(name: str) -> Mapping[str, Any]:
    """Return a shipped training recipe as plain data, its own base filled in."""
    file = files("avere.recipes").joinpath("train", f"{name}.yaml")
    if not file.is_file():
        raise ValueError(f"base: no shipped training recipe is called '{name}'; see avere recipes ls")
    data: Any = parse(file.read_text(encoding="utf-8"), name)
    return merge(shipped(data["base"]), data) if "base" in data else data


def merge(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return two recipes as one: sections key by key, except where they choose another kind of thing.

    >>> merge({"loss": {"name": "dpo", "beta": 0.1}}, {"loss": {"name": "sft"}})
    {'loss': {'name': 'sft'}}
    >>> merge({"loss": {"name": "dpo", "beta": 0.1}}, {"loss": {"beta": 0.2}})
    {'loss': {'name': 'dpo', 'beta': 0.2}}
    """
    result = dict(below)
    for key, value in above.items():
        old = result.get(key)
        if isinstance(old, Mapping) and isinstance(value, Mapping) and not _other_kind(old, value):
            result[key] = {**old, **value}
        else:
            result[key] = value
    return result


def _other_kind(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return any(choice in new and new[choice] != old.get(choice) for choice in ("name", "kind"))
