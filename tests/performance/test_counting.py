"""Multiplications counted by hand for a thinker of a few units."""

from types import SimpleNamespace

import numpy as np
import pytest

from counting import ADAPTERS, FORWARD, RECOMPUTED, Work, apart, merged, products, total

TEXT = SimpleNamespace(
    hidden_size=4,
    num_attention_heads=2,
    num_key_value_heads=1,
    intermediate_size=5,
    num_hidden_layers=3,
    vocab_size=7,
)
VISION = SimpleNamespace(
    hidden_size=2, intermediate_size=3, depth=2, spatial_merge_size=2, in_channels=3, temporal_patch_size=2,
    patch_size=1, out_hidden_size=4,
)  # fmt: skip
AUDIO = SimpleNamespace(d_model=2, encoder_ffn_dim=3, encoder_layers=2, num_mel_bins=4, output_dim=4)
CONFIG = SimpleNamespace(text_config=TEXT, vision_config=VISION, audio_config=AUDIO)


def test_sequences_apart_and_merged():
    # A prefix of 2 and answers of 1 and 2 tokens: apart 3 + 4 tokens, 6 + 10 pairs.
    # Merged: the prefix has 1 + 2 pairs, the answers 3 and 3 + 4.
    assert apart([3, 4], scored=3) == Work(tokens=7, pairs=16, last=7, last_pairs=16, scored=3)
    # The second node predicts the first token of both answers, the fourth one more: 2 states with 2 + 3 keys.
    assert merged(np.array([5, 5, 3, 5, 5]), np.array([1, 1, 3])) == Work(
        tokens=5, pairs=13, last=2, last_pairs=5, scored=3
    )


def test_several_forwards_are_summed():
    works = [Work(1, 2, 3, 4, 5, 6, 7), Work(10, 20, 30, 40, 50, 60, 70)]
    assert total(works) == Work(11, 22, 33, 44, 55, 66, 77)


@pytest.mark.parametrize(
    ("work", "expected"),
    [
        # A layer: q 4x4, k and v 4x2 each, o 4x4 are 48; gate, up, down 3 * 4x5 are 60. Two layers: 216, and
        # 16 for k and v of the last.
        (Work(tokens=1), 216 + 16),
        (Work(last=1), 92),
        # Scores and their sum over values: 2 heads of 2, twice, in two layers and in the last.
        (Work(pairs=1), 16),
        (Work(last_pairs=1), 8),
        (Work(scored=1), 28),
        # Edges 3*2*1*2 = 12; two blocks of 4*4 + 3*2*3 = 34; a quarter of the merger's 8x8 + 8x4 is 24.
        (Work(patches=1), 12 + 68 + 24),
        # Convolutions 3*4*2 and half of 3*2*2; half of two layers of 4*4 + 2*2*3 = 28; a quarter of 2x4.
        (Work(frames=1), 24 + 6 + 28 + 2),
    ],
)
def test_products_of_one_unit_of_work(work, expected):
    assert products(CONFIG, work, FORWARD) == expected


def test_a_backward_pass_through_frozen_layers():
    # Linear layers twice, attention 3.5 times, encoders once; recomputing adds the body, not the head.
    every = Work(1, 1, 1, 1, 1, 1, 1)
    assert products(CONFIG, every, ADAPTERS) == 2 * (324 + 28) + 3.5 * 24 + 104 + 60
    assert products(CONFIG, every, RECOMPUTED) == products(CONFIG, every, ADAPTERS) + 324 + 24
