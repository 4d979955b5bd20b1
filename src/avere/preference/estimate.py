"""What a run would do and need, told before it starts; sizes are counted, memory and hours are estimates."""

import math
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, get_args

import torch

from avere.errors import AvereError
from avere.interfaces import Countable, ModelSize, TokenCounts, Tunable
from avere.preference.batches import PairSource, make_part
from avere.preference.costs import ONE_DEVICE, Devices, Step, estimate_memory, estimate_operations
from avere.preference.data import Records, check_records, count_records, keep_readable, read_records
from avere.preference.forwards import plan_forwards
from avere.preference.recipe import Group, Optimiser, TrainingRecipe, parse_loss
from avere.preference.sampling import Forward, Shape, StepSampler
from avere.preference.train import add_adapter, load_policy
from avere.preference.views import View, candidate_of
from avere.records import PreferencePair

SAMPLE = 64
"""Records whose forwards are laid out to count their tokens."""
REACHED = 0.4
"""Share of a device's matrix product rate that training reaches."""


class TrainingEstimate(NamedTuple):
    """What a run would do and need."""

    counts: Mapping[str, int]
    reasons: Mapping[str, int]
    """Why records are left out, and how many."""
    steps: int
    media: tuple[float, int]
    """Media tokens of a record's own clip: mean and maximum."""
    step: Step
    grouped: Mapping[Group, float]
    """Tokens that a record takes, all forwards together, under each order of records."""
    outline: ModelSize
    memory: float
    """Bytes of one device at its peak."""
    operations: float
    """Floating-point operations of the whole run."""
    rate: float
    """Operations a second of all devices."""

    @property
    def hours(self) -> float:
        """Duration of the run."""
        return self.operations / self.rate / 3600


def estimate_training(
    recipe: TrainingRecipe,
    *,
    devices: Devices = ONE_DEVICE,
    rate: float | None = None,
    model: object = None,
) -> TrainingEstimate:
    """Predict the work, memory and time of a run; nothing is trained or written, no weights are loaded.

    Args:
        recipe: of the run.
        devices: what shares a step, and how.
        rate: floating-point operations a second that one device reaches; measured here where None.
        model: loaded already; by default the shapes of the recipe's.

    Raises:
        AvereError: the run would be refused, or the model cannot be outlined.
    """
    views = parse_loss(recipe.loss).views
    records = read_records(recipe.data)
    check_records(records, views, recipe.run)
    found: object = load_policy(_without_weights(recipe)) if model is None else model
    if not isinstance(found, Countable):
        raise AvereError(f"{type(found).__name__} cannot tell its sizes; train without --dry-run")
    records, left_out = keep_readable(found, records, views, recipe.run)
    tunable: Tunable = found  # type: ignore[assignment]  # what loads for training can be adapted
    add_adapter(tunable, recipe, views._replace(reference=frozenset()))
    source = PairSource(views, records.clips, recipe.seed)
    outline = found.measure_size()
    laid_out = {group: _step(found, records, source, recipe.optimiser, group) for group in get_args(Group)}
    step = laid_out[recipe.optimiser.group]
    own = [
        found.count_tokens([candidate_of(pair, View("real", "chosen"), records.clips)]).media
        for pair in records.pairs
    ]
    number = steps(len(records.pairs), recipe)
    return TrainingEstimate(
        counts=count_records(records, views, left_out),
        reasons=Counter(left_out.values()),
        steps=number,
        media=(sum(own) / len(own), max(own)),
        step=step,
        grouped={group: each.packed for group, each in laid_out.items()},
        outline=outline,
        memory=estimate_memory(outline, step.largest, recipe, views, devices),
        operations=estimate_operations(outline, step, recipe, len(records.pairs)),
        rate=devices.number * (measure(recipe) * REACHED if rate is None else rate),
    )


def steps(records: int, recipe: TrainingRecipe) -> int:
    """Count the optimiser steps of a run, as the trainer does; processes share each of them."""
    an_epoch = math.ceil(records / recipe.optimiser.records_per_step)
    return math.ceil(recipe.optimiser.epochs * an_epoch)


def measure(recipe: TrainingRecipe) -> float:
    """Return the operations a second of matrix products on this machine, in the type of the recipe."""
    device = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
    kind = torch.bfloat16 if recipe.autocast or recipe.model.dtype == "bfloat16" else torch.float32
    size = 1024 if device is None else 8192
    square = torch.ones(size, size, dtype=kind, device=device)
    fastest = math.inf
    for _ in range(5):
        started = time.perf_counter()
        # Reading one value waits for the device.
        (square @ square)[0, 0].item()
        fastest = min(fastest, time.perf_counter() - started)
    return 2 * size**3 / fastest


def _step(model: Countable, records: Records, source: PairSource, chosen: Optimiser, group: Group) -> Step:
    """Lay out the forwards of the first records, in the order that training would take them."""
    chosen = chosen.model_copy(update={"group": group})
    budget = plan_forwards(model, records, source, chosen, processes=1)
    shape = Shape(chosen.records_per_step, chosen.records_per_forward)
    batches = _first_forwards(StepSampler(records.pairs, shape, source.seed, group, budget), records.pairs)

    def works(views: frozenset[View]) -> Iterator[TokenCounts]:
        for batch in batches:
            candidates = make_part(batch, views, source).candidates
            yield model.count_tokens(candidates) if candidates else TokenCounts(0, 0, 0, 0, 0, 0)

    policy = list(works(source.views.policy))
    return Step(
        policy=_sum(policy),
        detached=_sum(works(source.views.detached)),
        reference=_sum(works(source.views.reference)),
        records=sum(map(len, batches)),
        largest=max(policy, key=lambda work: work.padded),
    )


def _first_forwards(
    forwards: Iterable[Forward], pairs: Sequence[PreferencePair]
) -> list[list[PreferencePair]]:
    """List the records of the first forwards, about `SAMPLE` of them."""
    found: list[list[PreferencePair]] = []
    for forward in forwards:
        if sum(map(len, found)) >= SAMPLE:
            break
        if counted := [pairs[slot.place] for slot in forward if slot.counts]:
            found.append(counted)
    return found


def _sum(works: Iterator[TokenCounts] | Sequence[TokenCounts]) -> TokenCounts:
    return TokenCounts(*(sum(column) for column in zip(*works, strict=True)))


def _without_weights(recipe: TrainingRecipe) -> TrainingRecipe:
    options = {**recipe.model.options, "device": "meta"}
    return recipe.model_copy(update={"model": recipe.model.model_copy(update={"options": options})})
