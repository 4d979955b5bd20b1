"""Memory and operations of a training run, from counted sizes: formulas that can be worked by hand."""

from typing import NamedTuple

from avere.interfaces import ModelSize, TokenCounts
from avere.preference.recipe import TrainingRecipe
from avere.preference.views import Views
from avere.recipes import Sharding

CONTEXT = 1 << 30
"""Bytes that libraries take on a device before anything is computed."""
FOUR_BITS = 0.5 + 1 / 64 + 4 / (64 * 256)
"""Bytes of a quantised weight with its scales: one byte for 64 of them, and four for 256 such bytes."""
MARGIN = 1.1
"""For what memory loses between allocations."""
STATE = 12
"""Bytes of a trained weight besides the weight: gradient and two moments in float32."""


class Step(NamedTuple):
    """Tokens of the forwards of some records, and of the largest forward with gradient."""

    policy: TokenCounts
    detached: TokenCounts
    reference: TokenCounts
    records: int
    """That the three are sums over."""
    largest: TokenCounts

    @property
    def packed(self) -> float:
        """Tokens that a record takes, all forwards together."""
        return sum(work.packed for work in (self.policy, self.detached, self.reference)) / self.records


class Devices(NamedTuple):
    """What shares a step."""

    number: int = 1
    sharding: Sharding = "ddp"


ONE_DEVICE = Devices()


def estimate_memory(
    outline: ModelSize, largest: TokenCounts, recipe: TrainingRecipe, views: Views, devices: Devices
) -> float:
    """Estimate the peak bytes of a device.

    Weights, those of the layers in four bits where the recipe says so; a second copy as reference under full
    training; `STATE` bytes a trained weight; activations of the largest packed forward, kept for every layer
    or, with checkpointing, for one layer and the layers' inputs; 12 bytes a logit of the scored tokens. The
    last layer keeps three widths a token, the rest for scored tokens only. What is dealt out counts by its
    part, but the weights of two layers at a time are whole, and under ZeRO-3 the encoders always.
    """
    full = recipe.adapter.kind == "full"
    copies = 2 if full and views.reference and not recipe.cache_reference else 1
    wide = 4 if recipe.model.dtype == "float32" else 2
    dealt = devices.number if devices.sharding in ("zero3", "fsdp2") else 1
    kept_whole = outline.encoders if devices.sharding == "zero3" else 0
    weights: float = outline.total * wide
    if recipe.model.quantise is not None:
        weights -= outline.body * (wide - FOUR_BITS)
    if dealt > 1:
        at_work = kept_whole * wide + 2 * outline.body / outline.layers * wide
        weights = at_work + (weights - kept_whole * wide) / dealt
    state = STATE * outline.trained / (1 if devices.sharding == "ddp" else devices.number)
    return MARGIN * (weights * copies + state + estimate_kept(outline, largest, recipe)) + CONTEXT


def estimate_operations(outline: ModelSize, step: Step, recipe: TrainingRecipe, records: int) -> float:
    """Estimate the floating-point operations of a run.

    A forward takes 2 operations a weight and token, in encoders and head too; most of the last layer sees
    scored tokens only. Backward takes one more forward through frozen weights and two through trained ones;
    checkpointing repeats the forward. Encoders run once for policy and reference, unless that was read
    before, or once in all where their features are kept.
    """
    backward = 2 if recipe.adapter.kind == "full" else 1
    repeated = 1 if recipe.gradient_checkpointing else 0
    read = records * recipe.optimiser.epochs / step.records
    once = records / step.records if recipe.cache_reference else read
    total = read * (1 + backward + repeated) * _forward(outline, step.policy)
    total += read * _forward(outline, step.detached) + once * _forward(outline, step.reference)
    seen = _perceive(outline, step.policy) + _perceive(outline, step.detached)
    if recipe.run.cache_features:
        return total + seen * records / step.records
    again = _perceive(outline, step.reference) * once if recipe.cache_reference else 0.0
    return total + seen * read + again


def estimate_kept(outline: ModelSize, largest: TokenCounts, recipe: TrainingRecipe) -> float:
    """Estimate the bytes that a forward keeps for the backward, and those of the logits.

    A token of a layer keeps ten widths and four feed-forward widths; each of its two norms a float32 copy of
    its input; adapters in a wider type a float32 copy of the input of every adapted layer, instead of the
    three inputs that they would share. A logit takes 12 bytes: itself, its probability and its gradient.
    """
    computed = 2 if recipe.autocast or recipe.model.dtype == "bfloat16" else 4
    width, inner = outline.width, outline.feed_forward
    token = computed * (10 * width + 4 * inner) + 2 * (4 - computed) * width
    if outline.wide_adapters:
        token += 4 * outline.adapted - computed * (2 * width + inner)
    logits = 12.0 * largest.scored * outline.vocabulary
    if recipe.gradient_checkpointing:
        return logits + largest.padded * (token + outline.layers * width * computed)
    last = largest.padded * 3 * width * computed + largest.scored * token
    return logits + largest.padded * token * (outline.layers - 1) + last


def _forward(outline: ModelSize, work: TokenCounts) -> float:
    at_scored = outline.last + outline.width * outline.vocabulary
    return 2.0 * ((outline.body - outline.last) * work.packed + at_scored * work.scored)


def _perceive(outline: ModelSize, work: TokenCounts) -> float:
    return 2.0 * (outline.video * work.video + outline.audio * work.audio)
