"""Every trainable model gives the values and gradients of separate forwards, one candidate at a time.

The other side of the comparison is the library's own forward of one sequence, with positions and mask of its
own. A family brings it as a module of its name in ``tests/oracles``: ``alone(model, candidate)``, and
``MODALITIES``, the media that it reads. One family, a Llama of words alone, is there for this test only: it
shows that the forest knows no family.
"""

import random
from dataclasses import replace
from functools import cache
from importlib import import_module
from typing import NamedTuple

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conformance import instances
from tests.oracles import llama

from avere import catalogue, media
from avere.errors import SettingsError
from avere.interfaces import Candidate, ModelModule, Prompt, Trainable, Tunable, Turn
from avere.models import PACKAGE
from avere.preference.train import checkpoint_gradients
from avere.records import Corruption, Medium

TOLERANCE = 1e-5
ATTENTIONS = ("tree", "sdpa")
CASES = [
    *(
        pytest.param(name, {"attention": attention, "media_order": order}, id=f"{name} {attention} {order}")
        for name in catalogue.names(PACKAGE)
        for attention in ATTENTIONS
        for order in ("video_first", "audio_first")
    ),
    *(pytest.param("llama", {"attention": attention}, id=f"llama {attention}") for attention in ATTENTIONS),
]
WORDS = ["What", "do", "you", "hear?", "Yes,", "laughter.", "No."]
"""Few tokens each, so that sums stay where float32 resolves the tolerance."""

pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning")


class Outcome(NamedTuple):
    """Values of all candidates and the gradient of each trained tensor."""

    values: torch.Tensor
    gradients: dict[str, torch.Tensor]


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    folder, paths = tmp_path_factory.mktemp("clips"), []
    for seed in range(2):
        drawn = np.random.default_rng(seed)
        frames = drawn.integers(0, 255, (8, 64, 64, 3), dtype=np.uint8)
        wave = (0.2 * drawn.standard_normal(12_800)).astype(np.float32)
        paths.append(folder / f"clip {seed}.mp4")
        media.write_video(paths[-1], frames, fps=10.0, wave=wave, rate=16_000)
    return paths


@pytest.fixture(scope="module")
def trainable(tmp_path_factory):
    """Return a function from a module's name and options to a model whose adapter is random in A and B."""
    folders = cache(tmp_path_factory.mktemp)

    @cache
    def make(name, **options):
        folder = folders(name)
        own = name == "llama"
        if not isinstance(llama.example(folder) if own else instances.make(name, folder), Trainable):
            pytest.skip("this model does not train")
        module = llama if own else catalogue.find(PACKAGE, name, ModelModule)
        try:
            model = module.load(str(folder), dtype="float32", device="cpu", **options)
        except SettingsError as error:
            pytest.skip(f"this model has no such option: {error}")
        assert isinstance(model, Tunable)
        model.add_lora(rank=2, alpha=4, dropout=0.0, seed=0, dora=False, experts=False)
        for number, weight in enumerate(p for p in model.module.parameters() if p.requires_grad):
            weight.data += 0.05 * torch.randn(weight.shape, generator=torch.Generator().manual_seed(number))
        return model

    return make


def oracle_of(model):
    """Return the test's side of a model's family."""
    return import_module(f"tests.oracles.{model.family.name}")


def candidates(seed, clips, modalities=("video", "audio")):
    """Return candidates about all states of the media in random order, some twice, some without a word."""
    drawn = random.Random(seed)
    first, second = (Medium(path=path) for path in clips)
    quiet = Medium(path=clips[0], corruption=Corruption(kind="silence"))
    noisy = Medium(path=clips[0], corruption=Corruption(kind="noise", level=0.5))
    states = [
        *((first, first), (first, quiet), (first, second), (noisy, first), (second, second)),
        *((first, None), (None, first), (None, None)),
    ]

    def words(low, high):
        return " ".join(drawn.choices(WORDS, k=drawn.randint(low, high)))

    chosen = []
    for video, audio in drawn.sample(states, 4):
        prompt = Prompt(
            text=words(1, 4),
            video=video if "video" in modalities else None,
            audio=audio if "audio" in modalities else None,
        )
        later = Prompt(
            **{**dict(prompt), "history": (Turn(text=prompt.text, response="rain"),), "text": words(1, 3)}
        )
        chosen += [Candidate(prompt=prompt, response=words(0, 6)) for _ in range(drawn.randint(1, 3))]
        chosen += [
            Candidate(prompt=drawn.choice([prompt, later]), response=text) for text in ("", words(1, 3))
        ]
    chosen += drawn.sample(chosen, 2)
    drawn.shuffle(chosen)
    return chosen


def outcome(model, values, seed):
    """Differentiate a loss in which every candidate has a random weight of its own."""
    weights = torch.randn(len(values), generator=torch.Generator().manual_seed(seed))
    trained = {name: weight for name, weight in model.module.named_parameters() if weight.requires_grad}
    found = torch.autograd.grad((values * weights).sum(), list(trained.values()))
    return Outcome(values.detach(), dict(zip(trained, found, strict=True)))


def distance(one, other):
    """Return the largest absolute distance of values, and the largest relative Frobenius one of a gradient.

    Of each value, 1e-6 of its size is let pass: eight units in the last place of a sum in float32.
    """
    off = (one.values - other.values).abs() - 1e-6 * other.values.abs()
    norms = [
        ((one.gradients[name] - gradient).norm() / gradient.norm()).item()
        for name, gradient in other.gradients.items()
    ]
    return off.max().item(), max(norms)


def separate(model, given, seed):
    """Compute the numbers of separate forwards; every tensor has a gradient."""
    alone = oracle_of(model).alone
    result = outcome(model, torch.stack([alone(model, candidate) for candidate in given]), seed)
    assert all(gradient.norm() > 0 for gradient in result.gradients.values())
    return result


@pytest.mark.parametrize(("name", "options"), CASES)
def test_merged_candidates_equal_separate_forwards(name, options, trainable, clips):
    model = trainable(name, **options)

    @given(st.integers(0, 2**16))
    @settings(max_examples=3)
    def holds(seed):
        texts = candidates(seed, clips, oracle_of(model).MODALITIES)
        model.module.eval()
        expected = separate(model, texts, seed)
        encoded = model.encode(texts).to(model.device)
        for checkpointed in (False, True):
            if checkpointed:
                checkpoint_gradients(model.module)
            model.module.train(checkpointed)
            value, gradient = distance(outcome(model, model.module(encoded), seed), expected)
            assert value < TOLERANCE, (checkpointed, seed)
            assert gradient < TOLERANCE, (checkpointed, seed)

    holds()


def causal(encoded):
    """Let every node see all that stands before it in its row."""
    ends = encoded.packed.ends
    return replace(encoded, packed=replace(encoded.packed, ends=torch.full_like(ends, ends.shape[1])))


def unreset(encoded):
    """Count positions along the row instead of along each path."""
    positions = encoded.packed.positions
    row = torch.arange(positions.shape[2]).expand_as(positions)
    return replace(encoded, packed=replace(encoded.packed, positions=row))


def shifted(encoded):
    """Predict the first token of each response from the state before the right one."""
    first = torch.cat([torch.ones(1, dtype=torch.bool), encoded.owners.diff() > 0])
    return replace(encoded, predictors=encoded.predictors - first.long())


@pytest.mark.parametrize("fault", [causal, unreset, shifted])
@pytest.mark.parametrize("attention", ATTENTIONS)
@pytest.mark.parametrize("name", ["qwen_omni", "llama"])
def test_the_comparison_notices_what_is_wrong(fault, attention, name, trainable, clips):
    model = trainable(name, attention=attention)
    texts = candidates(0, clips, oracle_of(model).MODALITIES)
    expected = separate(model, texts, 0)
    wrong = outcome(model, model.module(fault(model.encode(texts))), 0)
    value, gradient = distance(wrong, expected)
    assert value > 100 * TOLERANCE
    assert gradient > 100 * TOLERANCE
