"""Contrastive decoding around the smallest thinker: where the contrast vanishes it is the plain model."""

import pytest
import torch

import avere
from avere.errors import AvereError
from avere.interfaces import Candidate, Prompt
from avere.models import vcd
from avere.models._contrast import contrast
from avere.records import Corruption, Medium

NOTHING = {"kind": "noise", "level": 0.0}


def prompts(clips):
    first, second = Medium(path=clips[0]), Medium(path=clips[1])
    return [
        Prompt(text="what do you hear", video=first, audio=first),
        Prompt(text="why", audio=second),
        Prompt(text="what do you see", video=first, audio=second),
        Prompt(text="does the person cry"),
    ]


def candidates(clips):
    return [
        Candidate(prompt=prompt, response=words)
        for prompt in prompts(clips)
        for words in ("yes", "the red shirt", "")
    ]


def texts(model, given):
    return [reply.text for reply in model.respond(given, max_tokens=6, seed=0)]


@pytest.mark.parametrize(
    "changes",
    [{"alpha": 0.0, "level": 1.0}, {"alpha": 3.0, **NOTHING}, {"alpha": 3.0, "beta": 0.0, **NOTHING}],
)
def test_no_contrast_is_the_plain_model(model, clips, changes):
    contrastive = vcd.wrap(model, vcd.VcdOptions(**changes))
    assert texts(contrastive, prompts(clips)) == texts(model, prompts(clips))
    assert contrastive.score(candidates(clips)) == pytest.approx(model.score(candidates(clips)), abs=1e-4)


def test_a_contrast_changes_replies_and_scores_but_not_where_no_medium_is_given(model, clips):
    contrastive = vcd.wrap(model, vcd.VcdOptions(alpha=20.0, kind="noise", level=1.0))
    given = prompts(clips)
    changed = [a != b for a, b in zip(texts(contrastive, given), texts(model, given), strict=True)]
    assert any(changed)
    assert not changed[3]
    gaps = [
        abs(a - b)
        for a, b in zip(contrastive.score(candidates(clips)), model.score(candidates(clips)), strict=True)
    ]
    assert min(gaps[:9]) > 1e-3
    assert max(gaps[9:]) < 1e-4


def test_batches_do_not_matter(model, clips):
    contrastive = vcd.wrap(model, vcd.VcdOptions(alpha=2.0, kind="noise", level=1.0))
    given = prompts(clips)
    assert texts(contrastive, given) == [texts(contrastive, [prompt])[0] for prompt in given]
    alone = [contrastive.score([candidate])[0] for candidate in candidates(clips)]
    assert contrastive.score(candidates(clips)) == pytest.approx(alone, abs=1e-4)


def test_both_views_of_all_asks_are_one_forward_a_step(model, clips, monkeypatch):
    rows = []
    read = model.log_probs.read

    def counted(embedded, *rest):
        rows.append(len(embedded))
        return read(embedded, *rest)

    monkeypatch.setattr(model.log_probs, "read", counted)
    monkeypatch.setattr(model.packer, "end", -1)
    list(vcd.wrap(model).respond(prompts(clips), max_tokens=4, seed=0))
    assert rows[1:] == [8, 8, 8]
    assert len(rows) == 4


def test_a_greedy_reply_is_that_of_two_separate_passes(model, clips):
    """Step by step without cache or batch: the model's own next-token scores of both asks, put together."""
    options = vcd.VcdOptions(alpha=2.0, kind="noise", level=1.0, beta=0.0)
    contrastive = vcd.wrap(model, options)
    prompt = prompts(clips)[0]
    twin = contrastive.decoding.views(prompt)[1]
    said: list[int] = []
    for _ in range(5):
        real, corrupted = (next_logits(model, each, said) for each in (prompt, twin))
        token = int(contrast(real, corrupted, options.alpha).argmax())
        if token == model.packer.end:
            break
        said.append(token)
    (reply,) = contrastive.respond([prompt], max_tokens=5, seed=0)
    assert reply.text == model.tokenizer.decode(said, skip_special_tokens=True)


def next_logits(model, prompt, said):
    packed = model.packer.pack_prompts([prompt]).packed
    module = model.log_probs
    more = torch.tensor([said], dtype=torch.int64)
    embedded = torch.cat([module.embed(packed), module.active.get_input_embeddings()(more)], dim=1)
    start = int(packed.positions.max()) + 1
    line = torch.arange(start, start + len(said)).expand(3, 1, -1)
    length = embedded.shape[1]
    mask = torch.full((length, length), -torch.inf).triu(1)[None, None]
    with torch.no_grad():
        states = module.read(embedded, torch.cat([packed.positions, line], dim=2), mask)
        return module.active.lm_head(states[0, -1])


def test_views_corrupt_what_is_asked_for_and_is_whole(clips):
    medium = Medium(path=clips[0])
    silent = Medium(path=clips[0], corruption=Corruption(kind="silence"))
    decoding = vcd.ContrastiveDecoding(vcd.VcdOptions(corrupted="audio", level=0.5))
    real, twin = decoding.views(Prompt(text="why", video=medium, audio=medium))
    assert real.audio == twin.video == medium
    assert twin.audio == Medium(path=clips[0], corruption=Corruption(kind="diffusion", level=0.5))
    assert decoding.views(Prompt(text="why", audio=silent))[1].audio == silent


def test_a_source_tells_options_and_wins_over_defaults_only(base):
    model = avere.load(f"vcd:{base},alpha=0.5,kind=noise", level=0.3, dtype="float32")
    assert isinstance(model, vcd.ContrastiveModel)
    told = vcd.VcdOptions(alpha=0.5, kind="noise", level=0.3)
    assert model.decoding.options == told
    assert model.name == f"vcd:{base.name}"
    assert model.fingerprint != vcd.ContrastiveModel(model.inner, vcd.VcdOptions()).fingerprint
    assert model.fingerprint == vcd.ContrastiveModel(model.inner, told).fingerprint


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("vcd:scripted:echo", "does not show its logits"),
        ("vcd:", "names no model"),
        ("vcd:scripted:echo,alpha=-1", "alpha: Input should be greater"),
        ("vcd:scripted:echo,size=1", "size: no such key"),
    ],
)
def test_mistakes_are_told(source, text):
    with pytest.raises(AvereError, match=text):
        avere.load(source)
