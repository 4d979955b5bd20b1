"""Shares of attention against the weights that the library itself hands back."""

import numpy as np
import torch

from avere.interfaces import Candidate, Prompt
from avere.records import Medium


def test_shares_are_sums_of_the_library_s_weights(model, clips):
    prompt = Prompt(text="what do you see?", video=Medium(path=clips[0]), audio=Medium(path=clips[1]))
    candidate = Candidate(prompt=prompt, response="a red shirt")
    found = model.share_attention(candidate)
    encoded, module = model.encode([candidate]), model.log_probs
    module.language.config._attn_implementation = "eager"
    with torch.no_grad():
        # No mask and no packing: the library makes the causal mask of one plain sequence.
        weights = module.language(
            inputs_embeds=module.embed(encoded.packed),
            position_ids=encoded.packed.positions,
            output_attentions=True,
        ).attentions
    length, answer = encoded.packed.tokens.shape[1], found.tokens["response"]
    media = encoded.packed.media_places.tolist()
    video = media[: found.tokens["video"]]  # the picture stands first
    own = list(range(length - answer, length))
    groups = [media[len(video) :], video, sorted({*range(length)} - {*media, *own}), own]
    # The end token is the last of the response; its predictor is the token before, and is left out.
    asking = list(range(length - answer - 1, length - 2))
    expected = np.array(
        [
            [[head[asking][:, keys].sum(-1).mean() for keys in groups] for head in layer[0]]
            for layer in weights
        ]
    )
    assert np.allclose(np.array(found.shares), expected, atol=1e-5)


def test_the_fast_attention_is_back_afterwards(model, clips):
    before = model.log_probs.language.config._attn_implementation
    candidate = Candidate(prompt=Prompt(text="why?", video=Medium(path=clips[0])), response="no")
    score = model.score([candidate])
    model.share_attention(candidate)
    assert model.log_probs.language.config._attn_implementation == before
    assert not any(layer.self_attn._forward_hooks for layer in model.log_probs.language.layers)
    assert model.score([candidate]) == score
