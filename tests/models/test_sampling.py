"""Draws: the own probabilities of a model, the same for a seed in any batch, shared prefixes, faults told."""

import math

import numpy as np
import pytest
import torch

from avere.errors import AvereError
from avere.interfaces import Candidate, Drawing, Prompt, Sampler
from avere.models.packing import sampling
from avere.records import Medium

DRAWING = Drawing(count=3, max_tokens=6, seed=7)


@pytest.fixture
def prompts(clips):
    first = Medium(path=clips[0])
    return [
        Prompt(text="what do you hear", video=first, audio=first),
        Prompt(text="what do you see", video=first, audio=first),
        Prompt(text="what do you see", video=Medium(path=clips[1])),
        Prompt(text="why"),
    ]


def test_draws_do_not_depend_on_what_else_is_in_the_batch(model, prompts):
    assert isinstance(model, Sampler)
    names = ["a", "b", "c", "d"]
    together = model.sample(prompts, names, DRAWING)
    assert [len(each) for each in together] == [3] * 4
    alone = [model.sample([prompt], [name], DRAWING)[0] for prompt, name in zip(prompts, names, strict=True)]
    turned = model.sample(prompts[::-1], names[::-1], DRAWING)[::-1]
    for others in (alone, turned):
        for mine, theirs in zip(together, others, strict=True):
            assert [one.text for one in mine] == [one.text for one in theirs]
            assert [one.log_prob for one in mine] == pytest.approx([one.log_prob for one in theirs], abs=1e-4)
    assert model.sample(prompts, names, DRAWING) == together
    other = model.sample(prompts, names, DRAWING.model_copy(update={"seed": 8}))
    assert [one.text for each in other for one in each] != [one.text for each in together for one in each]
    assert together[0][0].media_tokens.audio > 0
    assert together[2][0].media_tokens.audio == 0


def test_log_probs_are_those_of_the_model_whatever_the_temperature(model, prompts):
    for change in ({}, {"temperature": 0.5}, {"top_p": 0.5}):
        drawing = DRAWING.model_copy(update={"max_tokens": 60, **change})
        for prompt, draws in zip(prompts, model.sample(prompts, ["a", "b", "c", "d"], drawing), strict=True):
            for one in draws:
                if one.ended and not one.retokenised:
                    (value,) = model.score([Candidate(prompt=prompt, response=one.text)])
                    assert one.log_prob == pytest.approx(value, abs=1e-3)
                assert one.tokens <= 60
                assert one.ended or one.tokens == 60


def test_a_draw_that_ends_is_scored_with_its_end(model, prompts):
    """Whether an untrained model ends is chance; an end that is all but certain must come, and count."""
    head = model.log_probs.base_model.lm_head
    with torch.no_grad():
        head.weight = torch.nn.Parameter(head.weight.clone())
        head.weight[model.packer.end] *= 30
    found = [one for each in model.sample(prompts, list("abcd"), DRAWING) for one in each]
    ended = [one for one in found if one.ended]
    assert ended
    for one in ended:
        assert one.tokens >= 1
        assert one.log_prob <= 0


def test_tokens_are_drawn_as_often_as_the_model_says():
    probabilities = torch.tensor([[0.5, 0.2, 0.2, 0.1]])
    numbers = (torch.arange(1000) + 0.5) / 1000
    rows = probabilities.log().expand(1000, -1)

    def shares(**options):
        chosen = sampling.choose_tokens(rows, numbers.double(), Drawing(count=1, max_tokens=1, **options))
        return (torch.bincount(chosen, minlength=4) / 1000).tolist()

    assert shares() == pytest.approx([0.5, 0.2, 0.2, 0.1])
    # The two likeliest hold 0.7, so that the third is needed for 0.75; their probabilities add up to 0.9.
    assert shares(top_p=0.75) == pytest.approx([5 / 9, 2 / 9, 2 / 9, 0], abs=2e-3)
    assert shares(top_p=0.4) == [1, 0, 0, 0]
    squares = [0.25, 0.04, 0.04, 0.01]
    assert shares(temperature=0.5) == pytest.approx([each / sum(squares) for each in squares], abs=2e-3)


def test_draws_that_ended_leave_the_batch_and_change_nothing(model, prompts, monkeypatch):
    """An end token that half of all tokens stand for ends most draws at once, at different steps."""
    seen = []
    end = model.packer.end

    def choose(logits, numbers, drawing):
        seen.append(len(logits))
        return torch.where(numbers < 0.5, torch.full_like(numbers, end).long(), logits.argmax(-1))

    monkeypatch.setattr(sampling, "choose_tokens", choose)
    names = list("abcd")
    found = model.sample(prompts, names, DRAWING)
    ends = sampling.draw_numbers(names, DRAWING) < 0.5
    lengths = [int(np.argmax(row)) + 1 if row.any() else 6 for row in ends]
    assert [one.tokens for each in found for one in each] == lengths
    assert seen[0] == 12
    assert seen[-1] < 12
    greedy = [reply.text for reply in model.respond(prompts, max_tokens=6, seed=0)]
    for text, draws in zip(greedy, found, strict=True):
        assert all(text.startswith(one.text) for one in draws)


def test_media_that_fail_are_told_and_cost_no_other_prompt(model, prompts, tmp_path):
    lost = Prompt(text="what", video=Medium(path=tmp_path / "none.mp4"))
    found = model.sample([prompts[0], lost], ["a", "x"], DRAWING)
    assert {one.status for one in found[1]} == {"media error"}
    assert "none.mp4" in found[1][0].reason
    assert found[0] == model.sample([prompts[0]], ["a"], DRAWING)[0]
    assert model.sample([lost], ["x"], DRAWING) == found[1:]


def test_a_batch_too_large_for_memory_is_halved(model, prompts, monkeypatch):
    whole = model.sample(prompts, list("abcd"), DRAWING)
    real = sampling.sample_tokens

    def small(module, packed, names, drawing, end):
        if len(names) > 1:
            raise torch.OutOfMemoryError("no room")
        return real(module, packed, names, drawing, end)

    monkeypatch.setattr("avere.models.packing.replies.sample_tokens", small)
    halved = model.sample(prompts, list("abcd"), DRAWING)
    assert [one.text for each in halved for one in each] == [one.text for each in whole for one in each]
    monkeypatch.setattr(
        "avere.models.packing.replies.sample_tokens",
        lambda *_: (_ for _ in ()).throw(torch.OutOfMemoryError("no\nroom")),
    )
    (lost,) = model.sample(prompts[:1], ["a"], DRAWING)
    assert (lost[0].status, lost[0].reason) == ("out-of-memory", "no room")


@pytest.mark.parametrize(
    "wrong", [{"count": 0}, {"temperature": 0.0}, {"top_p": 0.0}, {"temperature": math.nan}]
)
def test_wrong_drawings_are_refused(wrong):
    with pytest.raises((AvereError, ValueError)):
        Drawing(**({"count": 1, "max_tokens": 1} | wrong))
