"""Block masks allow what the dense mask allows; on a GPU they give the values and gradients of the tree."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.attention.flex_attention import create_mask

from avere.errors import AvereError
from avere.interfaces import Candidate, Prompt
from avere.models import qwen_omni
from avere.models.packing import flex_attention
from avere.models.packing.flex_attention import block_mask
from avere.models.packing.forest import Path, ancestor_mask, grow_forest
from avere.models.packing.options import settle_kernels
from avere.records import Medium

keys = st.lists(st.integers(0, 2), min_size=1, max_size=12)


@given(st.lists(st.tuples(keys, st.sampled_from("ab")), min_size=1, max_size=8), st.sampled_from([None, 9]))
def test_block_masks_are_the_dense_mask(drawn, limit):
    paths = [Path(np.array(k), np.broadcast_to(np.arange(len(k)), (3, len(k))), root) for k, root in drawn]
    ends = grow_forest(paths, limit).ends
    rows, length = ends.shape
    dense = create_mask(block_mask(ends).mask_mod, rows, 1, length, length, device="cpu")
    assert torch.equal(dense, ancestor_mask(ends))


def test_flex_without_a_gpu_is_refused(base):
    with pytest.raises(AvereError, match="tree"):
        qwen_omni.load(base, device="cpu", attention="flex")


def test_the_kernel_for_short_queries_is_never_asked_for(monkeypatch):
    # It fails to compile for rows of fewer than 128 tokens whose heads share keys.
    asked = {}
    states = [torch.zeros(1, heads, 40, 8) for heads in (2, 1, 1)]

    def attend(*_, **options):
        asked.update(options)
        return states[0], None

    monkeypatch.setattr(flex_attention, "flex_attention_forward", attend)
    mask = block_mask(torch.full((1, 40), 40))
    query, key, value = states
    flex_attention.attend(torch.nn.Module(), query, key, value, mask, scaling=0.5)
    assert asked == {"kernel_options": {"FORCE_USE_FLEX_ATTENTION": True}, "scaling": 0.5}


@pytest.mark.parametrize(("device", "told"), [("cuda:1", [False]), ("cpu", []), ("meta", [])])
def test_kernels_that_plan_anew_for_every_length_are_off_on_a_gpu(monkeypatch, device, told):
    said = []
    monkeypatch.setattr(torch.backends.cuda, "enable_cudnn_sdp", lambda *, enabled: said.append(enabled))
    settle_kernels(torch.device(device))
    assert said == told


@pytest.mark.gpu
@pytest.mark.skipif(
    not torch.cuda.is_available(), reason="no CUDA device: flex_attention is compiled for one"
)
def test_flex_equals_the_tree_on_a_gpu(base, clips):
    texts = [
        Candidate(
            prompt=Prompt(text="what do you see", video=Medium(path=clips[0]), audio=Medium(path=sound)),
            response=said,
        )
        for sound in clips[:2]
        for said in ("the person smiles", "the rain")
    ]
    results = []
    for attention in ("flex", "tree"):
        model = qwen_omni.load(base, device="cuda", dtype="float32", attention=attention)
        values = model.module(model.encode(texts).to(model.device))
        weights = torch.linspace(-1, 2, len(texts), device=model.device)
        (values * weights).sum().backward()
        gradients = [p.grad.flatten() for p in model.module.parameters() if p.grad is not None]
        results.append((values.detach(), torch.cat(gradients)))
    (flex, flex_gradients), (tree, tree_gradients) = results
    torch.testing.assert_close(flex, tree, atol=1e-3, rtol=1e-4)
    assert (flex_gradients - tree_gradients).norm() / tree_gradients.norm() < 1e-3
