"""What a run would do and need, told before it starts; sizes are counted, memory and hours are estimates."""

import math
import random
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import torch

from avere.errors import AvereError
from avere.interfaces import Countable, ModelSize, TokenCounts, Tunable
from avere.preference.batches import PairSource, make_part
from avere.preference.data import check_records, count_records, keep_readable, read_records
from avere.preference.recipe import TrainingRecipe, parse_loss
from avere.preference.train import add_adapter, load_policy
from avere.preference.views import View, Views, candidate_of
from avere.records import PreferencePair

SAMPLE = 64
"""Records whose forwards are laid out to count their tokens."""
REACHED = 0.4
"""Share of a device's matrix product rate that training reaches."""
PATCHES = 4
"""Encoder tokens behind one token of the language model."""
CONTEXT = 1 << 30
"""Bytes that libraries take on a device before anything is computed."""
FOUR_BITS = 0.5 + 1 / 64 + 4 / (64 * 256)
"""Bytes of a quantised weight with its scales: one byte for 64 of them, and four for 256 such bytes."""
MARGIN = 1.1
"""For what memory loses between allocations."""


class Step(NamedTuple):
    """Tokens of the forwards of one record, on average, and of the largest forward with gradient."""

    policy: TokenCounts
    detached: TokenCounts
    reference: TokenCounts
    records: int
    """That the three are sums over."""
    largest: TokenCounts


class TrainingEstimate(NamedTuple):
    """What a run would do and need."""

    counts: Mapping[str, int]
    reasons: Mapping[str, int]
    """Why records are left out, and how many."""
    steps: int
    media: tuple[float, int]
    """Media tokens of a record's own clip: mean and maximum."""
    step: Step
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
    recipe: TrainingRecipe, *, processes: int = 1, rate: float | None = None, model: object = None
) -> TrainingEstimate:
    """Predict the work, memory and time of a run; nothing is trained or written, no weights are loaded.

    Args:
        recipe: of the run.
        processes: devices that share a step.
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
    step, outline = _step(found, records.pairs, source, recipe), found.measure_size()
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
        outline=outline,
        memory=memory(outline, step.largest, recipe, views),
        operations=operations(outline, step, recipe, len(records.pairs)),
        rate=processes * (measure(recipe) * REACHED if rate is None else rate),
    )


def steps(records: int, recipe: TrainingRecipe) -> int:
    """Count the optimiser steps of a run, as the trainer does; processes share each of them."""
    an_epoch = math.ceil(records / recipe.optimiser.records_per_step)
    return math.ceil(recipe.optimiser.epochs * an_epoch)


def memory(outline: ModelSize, largest: TokenCounts, recipe: TrainingRecipe, views: Views) -> float:
    """Estimate the peak bytes of a device.

    Weights, those of the layers in four bits where the recipe says so; a second copy as reference under full
    training; 12 bytes a trained weight (gradient and two moments in float32); activations of the largest
    packed forward, kept for every layer or, with checkpointing, one layer and the layers' inputs; 12 bytes a
    logit of the scored tokens. The last layer keeps three widths a token, the rest for scored tokens only.
    """
    wide = 4 if recipe.model.dtype == "float32" else 2
    full = recipe.adapter.kind == "full"
    copies = 2 if full and views.reference and not recipe.cache_reference else 1
    computed = 2 if recipe.autocast or recipe.model.dtype == "bfloat16" else 4
    token = computed * (10 * outline.width + 4 * outline.feed_forward)
    if recipe.gradient_checkpointing:
        kept = largest.padded * (token + outline.layers * outline.width * computed)
    else:
        last = largest.padded * 3 * outline.width * computed + largest.scored * token
        kept = largest.padded * token * (outline.layers - 1) + last
    logits = 12 * largest.scored * outline.vocabulary
    weights: float = outline.total * wide * copies
    if recipe.model.quantise is not None:
        weights -= outline.body * (wide - FOUR_BITS)
    return MARGIN * (weights + 12 * outline.trained + kept + logits) + CONTEXT


def operations(outline: ModelSize, step: Step, recipe: TrainingRecipe, records: int) -> float:
    """Estimate the floating-point operations of a run.

    A forward takes 2 operations a weight and token, in encoders and head too; most of the last layer sees
    scored tokens only. Backward takes one more forward
    through frozen weights and two through trained ones; checkpointing repeats the forward. Encoders run once
    for policy and reference, unless that was read before, or once in all where their features are kept.
    """
    backward = 2 if recipe.adapter.kind == "full" else 1
    repeated = 1 if recipe.gradient_checkpointing else 0
    read = records * recipe.optimiser.epochs / step.records
    total = read * (1 + backward + repeated) * _forward(outline, step.policy)
    total += read * _forward(outline, step.detached)
    once = records / step.records if recipe.cache_reference else read
    encoders = 2 * outline.encoders * PATCHES
    seen = (step.policy.media + step.detached.media) * read
    if recipe.run.cache_features:
        seen = (step.policy.media + step.detached.media) * records / step.records
    elif recipe.cache_reference:
        seen += step.reference.media * once
    return total + once * _forward(outline, step.reference) + encoders * seen


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


def _forward(outline: ModelSize, work: TokenCounts) -> float:
    at_scored = outline.last + outline.width * outline.vocabulary
    return 2.0 * ((outline.body - outline.last) * work.packed + at_scored * work.scored)


def _step(
    model: Countable, pairs: Sequence[PreferencePair], source: PairSource, recipe: TrainingRecipe
) -> Step:
    """Lay out the forwards of a sample of records, drawn by the seed."""
    drawn = random.Random(recipe.seed).sample(list(pairs), min(SAMPLE, len(pairs)))
    size = recipe.optimiser.records_per_forward
    batches = [drawn[start : start + size] for start in range(0, len(drawn), size)]

    def works(views: frozenset[View]) -> Iterator[TokenCounts]:
        for batch in batches:
            candidates = make_part(batch, views, source).candidates
            yield model.count_tokens(candidates) if candidates else TokenCounts(0, 0, 0, 0, 0)

    policy = list(works(source.views.policy))
    return Step(
        policy=_sum(policy),
        detached=_sum(works(source.views.detached)),
        reference=_sum(works(source.views.reference)),
        records=len(drawn),
        largest=max(policy, key=lambda work: work.padded),
    )


def _sum(works: Iterator[TokenCounts] | Sequence[TokenCounts]) -> TokenCounts:
    return TokenCounts(*(sum(column) for column in zip(*works, strict=True)))


def _without_weights(recipe: TrainingRecipe) -> TrainingRecipe:
    options = {**recipe.model.options, "device": "meta"}
    return recipe.model_copy(update={"model": recipe.model.model_copy(update={"options": options})})
