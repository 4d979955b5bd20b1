"""Every model of the folder answers in order, within bounds, alike alone and in a batch."""

import math
from functools import cache

import numpy as np
import pytest
import torch
from accelerate.utils import send_to_device
from tests.conformance import instances

from avere import catalogue, media
from avere.cli.models import list_models
from avere.interfaces import (
    Candidate,
    CountsMedia,
    DescribedModule,
    Model,
    ModelModule,
    Prompt,
    Scorer,
    ShowsAttention,
    Trainable,
)
from avere.models import PACKAGE
from avere.records import Medium
from avere.records.reasons import GROUPS

MODELS = catalogue.names(PACKAGE)


@pytest.fixture(scope="module")
def examples(tmp_path_factory):
    """Give the smallest instance of a module by its name."""

    @cache
    def make(name):
        return instances.make(name, tmp_path_factory.mktemp(name))

    return make


@pytest.fixture(scope="module")
def prompts(tmp_path_factory):
    path = tmp_path_factory.mktemp("media") / "clip.mp4"
    random = np.random.default_rng(0)
    frames = random.integers(0, 255, (6, 64, 64, 3), dtype=np.uint8)
    wave = 0.1 * random.standard_normal(8000).astype(np.float32)
    media.write_video(path, frames, fps=12.0, wave=wave)
    medium = Medium(path=path)
    return [
        Prompt(text="What do you hear?", audio=medium),
        Prompt(text="Yes or no?", video=medium, audio=medium),
        Prompt(text="And without anything?"),
        Prompt(text="What do you see there, and what does it show?", video=medium),
    ]


@pytest.mark.parametrize("name", MODELS)
def test_answers_come_in_order_and_as_alone(name, examples, prompts):
    model = examples(name)
    replies = list(model.respond(prompts, max_tokens=5, seed=0))
    assert [reply.index for reply in replies] == list(range(len(prompts)))
    assert {reply.status for reply in replies} == {"ok"}
    alone = [next(model.respond([prompt], max_tokens=5, seed=0)).text for prompt in prompts]
    assert [reply.text for reply in replies] == alone


@pytest.mark.parametrize("name", MODELS)
def test_requested_media_reach_the_model(name, examples, prompts):
    for prompt, reply in zip(prompts, examples(name).respond(prompts, max_tokens=1, seed=0), strict=True):
        assert (reply.media_tokens.video > 0) is (prompt.video is not None)
        assert (reply.media_tokens.audio > 0) is (prompt.audio is not None)


@pytest.mark.parametrize("name", MODELS)
def test_fewer_tokens_are_the_beginning_of_more(name, examples, prompts):
    model = examples(name)
    short = [reply.text for reply in model.respond(prompts, max_tokens=1, seed=0)]
    long = [reply.text for reply in model.respond(prompts, max_tokens=4, seed=0)]
    assert short != long
    # A byte-level token may hold half a character, which is shown as a replacement mark.
    assert all(b.startswith(a.rstrip("\ufffd")) for a, b in zip(short, long, strict=True))


@pytest.mark.parametrize("name", MODELS)
def test_names_and_fingerprints_are_told(name, examples):
    model = examples(name)
    assert isinstance(model, Model)
    assert model.name
    assert len(model.fingerprint) == 64


@pytest.mark.parametrize("name", MODELS)
def test_scores_are_finite_and_as_alone(name, examples, prompts):
    model = examples(name)
    if not isinstance(model, Scorer):
        pytest.skip("this model does not score")
    candidates = [
        Candidate(prompt=prompt, response=text) for prompt in prompts for text in ("Yes", "No, it rains.")
    ]
    scores = model.score(candidates)
    assert all(math.isfinite(score) and score <= 0 for score in scores)
    assert scores == pytest.approx([model.score([candidate])[0] for candidate in candidates], abs=1e-4)


@pytest.mark.parametrize("name", MODELS)
def test_log_probabilities_of_a_trainable_model_are_differentiable(name, examples, prompts):
    model = examples(name)
    if not isinstance(model, Trainable):
        pytest.skip("this model does not train")
    candidates = [Candidate(prompt=prompt, response="Yes") for prompt in prompts]
    place = next(model.module.parameters()).device
    values = model.module(send_to_device(model.encode(candidates), place))
    assert values.shape == (len(candidates),)
    assert values.dtype == torch.float32
    values.sum().backward()
    found = [weight.grad for weight in model.module.parameters() if weight.grad is not None]
    assert found
    assert all(torch.isfinite(gradient).all() for gradient in found)
    model.module.zero_grad()


@pytest.mark.parametrize("name", MODELS)
def test_abilities_are_as_told(name, examples):
    module = catalogue.find(PACKAGE, name, ModelModule)
    assert isinstance(module, DescribedModule)
    told, model = module.ABILITIES, examples(name)
    assert told.scores is isinstance(model, Scorer)
    assert told.trains is isinstance(model, Trainable)
    (row,) = (row for row in list_models() if row.module == name)
    assert ("train, forest" in row.can) is told.trains
    assert row.installed == "yes"
    assert row.about


@pytest.mark.parametrize("name", MODELS)
def test_attention_is_dealt_out_whole(name, examples, prompts):
    model = examples(name)
    if not (isinstance(model, ShowsAttention) and isinstance(model, CountsMedia)):
        return
    for prompt in prompts:
        found = model.share_attention(Candidate(prompt=prompt, response="Yes, laughter."))
        shares = np.array(found.shares)
        assert np.allclose(shares.sum(-1), 1, atol=1e-5)
        told = model.media_tokens(prompt)
        assert (found.tokens["audio"], found.tokens["video"]) == (told.audio, told.video)
        # What is not there gets no attention.
        assert not shares[..., [found.tokens[group] == 0 for group in GROUPS]].any()
