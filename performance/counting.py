"""Multiplications of a training step, counted from shapes: what sharing can save before anything is run."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np


class Work(NamedTuple):
    """What some forwards have to do."""

    tokens: int = 0
    """Positions that go through the language model."""
    pairs: int = 0
    """Queries times the keys that each attends to."""
    last: int = 0
    """Positions whose state the last layer returns; it needs keys and values of all."""
    last_pairs: int = 0
    """Queries of the last layer times their keys."""
    scored: int = 0
    """States that meet the vocabulary."""
    patches: int = 0
    """Patches that go through the vision encoder."""
    frames: int = 0
    """Mel frames that go through the audio encoder."""


class Passes(NamedTuple):
    """How often a step does the products of one forward."""

    layers: float
    """Linear layers of the body."""
    head: float
    attention: float


FORWARD = Passes(1, 1, 1)
ADAPTERS = Passes(2, 2, 3.5)
"""Forward and backward. A frozen layer only passes the gradient on: its product once more. Attention has two
products forward and five backward, because the scores are computed again."""
RECOMPUTED = Passes(3, 2, 4.5)
"""The same with gradient checkpointing: the body runs forward twice."""


def total(works: Iterable[Work]) -> Work:
    """Return several forwards as one."""
    return Work(*(sum(values) for values in zip(*works, strict=True)))


def apart(lengths: Sequence[int], scored: int) -> Work:
    """Return the work of sequences on their own, every layer at every position."""
    tokens, pairs = sum(lengths), sum(length * (length + 1) // 2 for length in lengths)
    return Work(tokens, pairs, tokens, pairs, scored)


def merged(ends: np.ndarray, predictors: np.ndarray) -> Work:
    """Return the work of one packed row: a key is read by itself and its descendants.

    The last layer returns the states that predict a response token, each once though many tokens follow it.
    """
    nodes, places = np.arange(len(ends)), np.unique(predictors)
    # A node's keys are the nodes up to it, less those whose descendants ended before it.
    keys = places + 1 - np.searchsorted(np.sort(ends), places, side="right")
    return Work(len(ends), int((ends - nodes).sum()), len(places), int(keys.sum()), len(predictors))


def products(config: Any, work: Work, passes: Passes) -> float:
    """Return the multiplications of a thinker of this configuration."""
    text = config.text_config
    width, heads = text.hidden_size, text.num_attention_heads
    per_head = width // heads
    keys_and_values = 2 * width * per_head * text.num_key_value_heads
    others = 2 * width * per_head * heads + 3 * width * text.intermediate_size
    before = text.num_hidden_layers - 1
    linear = work.tokens * (before * (keys_and_values + others) + keys_and_values) + work.last * others
    attention = (before * work.pairs + work.last_pairs) * 2 * heads * per_head
    body = passes.layers * linear + passes.head * work.scored * width * text.vocab_size
    return float(body + passes.attention * attention) + _encoders(config, work)


def _encoders(config: Any, work: Work) -> float:
    """Return the multiplications of the encoders, which are frozen: forward only.

    Attention inside their windows is left out: about a twentieth.
    """
    eye, ear = config.vision_config, config.audio_config
    merge = eye.spatial_merge_size**2
    block = 4 * eye.hidden_size**2 + 3 * eye.hidden_size * eye.intermediate_size
    edges = eye.in_channels * eye.temporal_patch_size * eye.patch_size**2 * eye.hidden_size
    merger = merge * eye.hidden_size**2 + eye.hidden_size * eye.out_hidden_size
    per_patch = edges + eye.depth * block + merger
    layer = 4 * ear.d_model**2 + 2 * ear.d_model * ear.encoder_ffn_dim
    convolutions = 3 * ear.num_mel_bins * ear.d_model + 3 * ear.d_model**2 / 2
    per_frame = convolutions + ear.encoder_layers * layer / 2 + ear.d_model * ear.output_dim / 4
    return float(work.patches * per_patch + work.frames * per_frame)
