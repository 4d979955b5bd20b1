"""Packed rows equal separate forwards; answers, adapters, saving, loading and refusals."""

import json
from multiprocessing.reduction import ForkingPickler

import pytest
import torch
from safetensors.torch import load_file, save_file

import avere
from avere.errors import AvereError, MediaError
from avere.interfaces import Candidate, Prompt, Turn
from avere.models import qwen_omni, tiny
from avere.models.packing import module
from avere.models.packing.folder import write_inputs
from avere.models.packing.model import LocalModel
from avere.preference.train import checkpoint_gradients
from avere.records import Corruption, Medium


def candidates(clips):
    """Return readings of every kind: shared media, shared video only, one medium, none; repeated."""
    first, second = Medium(path=clips[0]), Medium(path=clips[1])
    prompts = [
        Prompt(
            text="what do you hear",
            video=first,
            history=(Turn(text="what do you see", response="the rain"),),
        ),
        Prompt(text="what do you hear", video=first, audio=first),
        Prompt(text="what do you see", video=first, audio=first),
        Prompt(text="what do you see", video=first, audio=second),
        Prompt(text="what do you see", video=second),
        Prompt(text="what do you hear", audio=second),
        Prompt(text="what do you hear"),
        Prompt(text="what do you hear", video=first, audio=first),
    ]
    return [
        Candidate(prompt=prompt, response=words)
        for prompt in prompts
        for words in ("the person smiles", "the rain", "")
    ]


def separate(model, candidate):
    """Return the log-probability by the library's own forward: ids, positions and causal mask of its own."""
    packed_prompts = model.packer.pack_prompts([candidate.prompt]).packed
    thinker = model.log_probs.base_model
    answer = [*model.tokenizer(candidate.response, add_special_tokens=False)["input_ids"], model.packer.end]
    ids = packed_prompts.tokens.clone().flatten()
    videos = int(packed_prompts.inputs.grids.prod(1).sum()) // 4
    config = thinker.config
    ids[packed_prompts.media_places] = torch.where(
        packed_prompts.media_sources < videos, config.video_token_id, config.audio_token_id
    )
    ids = torch.cat([ids, torch.tensor(answer)]).unsqueeze(0)
    given = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
    if videos:
        seconds = 0.8 / model.options.frames * 2
        given |= {
            "pixel_values_videos": packed_prompts.inputs.patches,
            "video_grid_thw": packed_prompts.inputs.grids,
        }
        given["video_second_per_grid"] = torch.tensor([seconds])
    if len(packed_prompts.inputs.mel_lengths):
        given["input_features"] = packed_prompts.inputs.mels.unsqueeze(0)
        given["feature_attention_mask"] = torch.ones(1, packed_prompts.inputs.mels.shape[1], dtype=torch.long)
    logits = thinker(**given).logits[0, -len(answer) - 1 : -1].float()
    return logits.log_softmax(-1).gather(1, torch.tensor(answer).unsqueeze(1)).sum()


def gradients(model):
    found = [p.grad.flatten() for p in model.module.parameters() if p.grad is not None]
    model.module.zero_grad()
    return torch.cat(found)


@pytest.mark.parametrize("attention", ["tree", "sdpa", "eager"])
def test_packed_rows_equal_separate_forwards(base, clips, attention):
    """Values and gradients; every reading has a weight of its own, so that no error can cancel."""
    model = qwen_omni.load(base, attention=attention)
    given = candidates(clips)
    weights = torch.linspace(-1, 2, len(given))
    packed = model.module(model.encode(given))
    (packed * weights).sum().backward()
    packed_gradients = gradients(model)
    alone = torch.stack([separate(model, candidate) for candidate in given])
    (alone * weights).sum().backward()
    alone_gradients = gradients(model)
    torch.testing.assert_close(packed, alone, atol=1e-5, rtol=1e-5)
    assert (packed_gradients - alone_gradients).norm() / alone_gradients.norm() < 1e-5


def test_a_plain_causal_mask_is_wrong(base, clips, monkeypatch):
    """The comparison above would notice branches that see one another."""
    model = qwen_omni.load(base, attention="sdpa")
    given = candidates(clips)
    right = model.score(given)

    def causal(ends):
        length = ends.shape[1]
        return torch.ones(len(ends), 1, length, length, dtype=torch.bool).tril()

    monkeypatch.setattr(module, "ancestor_mask", causal)
    assert max(abs(a - b) for a, b in zip(right, model.score(given), strict=True)) > 1e-3


def test_equal_content_is_stored_once(model, clips):
    given = candidates(clips)
    packed = model.encode(given).packed
    assert len(packed.inputs.grids) == 2
    assert len(packed.inputs.mel_lengths) == 2
    twice = model.encode([*given, *given])
    assert twice.packed.tokens.shape == packed.tokens.shape
    assert twice.count == 2 * len(given)


def test_a_conversation_extends_its_earlier_turns(model, clips):
    first = Prompt(text="what do you see", video=Medium(path=clips[0]))
    later = first.model_copy(update={"text": "and", "history": (Turn(text=first.text, response="the rain"),)})
    turns = [Candidate(prompt=first, response="the rain"), Candidate(prompt=later, response="yes")]
    both, last = model.encode(turns), model.encode(turns[1:])
    assert (both.packed.ends.shape, both.packed.tokens.tolist()) == (
        last.packed.ends.shape,
        last.packed.tokens.tolist(),
    )


def test_score_needs_no_particular_order_or_window(base, model, clips):
    given = candidates(clips)
    expected = model.score(given)
    narrow = qwen_omni.load(base, batch_tokens=1, row_tokens=1)
    assert narrow.score(given[::-1])[::-1] == pytest.approx(expected, abs=1e-5)
    assert qwen_omni.load(base, attention="eager").score(given) == pytest.approx(expected, abs=1e-5)


def test_corrupted_sound_changes_the_reading_and_shares_the_video(model, clips):
    silence = Corruption(kind="silence")
    prompt = Prompt(text="why", video=Medium(path=clips[0]), audio=Medium(path=clips[0]))
    other = prompt.model_copy(update={"audio": Medium(path=clips[0], corruption=silence)})
    given = [Candidate(prompt=a, response="because") for a in (prompt, other)]
    assert len(model.encode(given).packed.inputs.grids) == 1
    first, second = model.score(given)
    assert abs(first - second) > 1e-6


@pytest.mark.parametrize(("order", "shared"), [("video_first", "video"), ("audio_first", "audio")])
def test_the_medium_that_stands_first_is_shared(base, clips, order, shared):
    model = qwen_omni.load(base, media_order=order)
    first, second = Medium(path=clips[0]), Medium(path=clips[1])
    prompt = Prompt(text="why", video=first, audio=first)
    alone = model.encode([Candidate(prompt=prompt, response="yes")]).packed.tokens.shape[1]
    for modality in ("video", "audio"):
        other = prompt.model_copy(update={modality: second})
        both = model.encode([Candidate(prompt=each, response="yes") for each in (prompt, other)])
        # Nothing is shared across roots; else all but the second medium, the question and the answer.
        assert (both.packed.tokens.shape[1] == 2 * alone) is (modality == shared)


def test_replies_equal_the_librarys_generation(model, clips):
    """Greedy, batched over different media, against ``generate`` of one prompt without sharing."""
    prompts = list(dict.fromkeys(candidate.prompt for candidate in candidates(clips)))
    replies = [reply.text for reply in model.respond(prompts, max_tokens=6, seed=0)]
    singles = [next(model.respond([prompt], max_tokens=6, seed=0)).text for prompt in prompts]
    assert replies == singles
    text_only = model.packer.pack_prompts([prompts[-1]]).packed.tokens
    config = {"max_new_tokens": 6, "do_sample": False, "attention_mask": torch.ones_like(text_only)}
    ids = model.log_probs.base_model.generate(text_only, **config)[0, text_only.shape[1] :]
    assert replies[-1] == model.tokenizer.decode(ids, skip_special_tokens=True)


def test_media_tokens_are_counted_and_missing_media_named(model, clips, tmp_path):
    prompts = [
        Prompt(text="why", video=Medium(path=clips[0]), audio=Medium(path=clips[0])),
        Prompt(text="why", audio=Medium(path=tmp_path / "none.wav")),
        Prompt(text="why"),
    ]
    whole, missing, text = model.respond(prompts, max_tokens=2, seed=0)
    # 56 x 56 pixels are 4 merged blocks; 0.8 s are 80 mel frames, a quarter of them tokens.
    assert (whole.media_tokens.video, whole.media_tokens.audio) == (4, 20)
    assert missing.status == "media error"
    assert "none.wav" in missing.reason
    assert (text.media_tokens.video, text.media_tokens.audio) == (0, 0)
    with pytest.raises(MediaError, match=r"none\.wav"):
        model.encode([Candidate(prompt=prompts[1], response="yes")])


def test_placeholders_in_words_are_refused(model):
    with pytest.raises(AvereError, match="VIDEO"):
        model.encode([Candidate(prompt=Prompt(text="what is <|VIDEO|>"), response="yes")])


def test_recomputing_layers_changes_nothing(model, clips):
    encoded = model.encode(candidates(clips))
    model.module.train()
    model.module(encoded).sum().backward()
    expected = gradients(model)
    checkpoint_gradients(model.module)
    model.module(encoded).sum().backward()
    torch.testing.assert_close(gradients(model), expected, atol=1e-5, rtol=1e-5)


def test_encoders_train_only_on_demand(base, clips):
    frozen, trained = qwen_omni.load(base), qwen_omni.load(base, train_encoders=True)
    for model, expected in ((frozen, False), (trained, True)):
        model.module(model.encode(candidates(clips))).sum().backward()
        visual = model.log_probs.base_model.model.visual
        assert (visual.patch_embed.proj.weight.grad is not None) is expected


def test_frozen_encoders_see_the_same_media_once(model, clips):
    given, other = candidates(clips)[3:9], candidates(clips)[9:12]
    calls, expected = [], [model.score(given), model.score(other)]
    model.add_lora(rank=2)
    model.log_probs.base_model.model.audio_tower.register_forward_hook(lambda *_: calls.append(1))
    with model.as_reference():
        reference = model.module(model.encode(given))
    model.module(model.encode(given)).sum().backward()
    assert len(calls) == 1
    assert model.score(other) == pytest.approx(expected[1], abs=1e-5)
    assert reference.tolist() == pytest.approx(expected[0], abs=1e-5)
    assert len(calls) == 2


def test_adapted_encoders_see_for_policy_and_reference_apart(model, clips, monkeypatch):
    given = candidates(clips)[3:6]
    before = model.score(given)
    monkeypatch.setattr(model, "family", model.family._replace(linears=r".*audio_tower.*(q|k|v)_proj"))
    model.add_lora(rank=2)
    with torch.no_grad():
        for name, weight in model.module.named_parameters():
            if "lora_B" in name:
                weight.fill_(1.0)
    assert model.score(given) != pytest.approx(before, abs=1e-4)
    with model.as_reference():
        assert model.score(given) == pytest.approx(before, abs=1e-5)


def test_adapters_off_is_the_reference(model, clips):
    given = candidates(clips)
    before = model.score(given)
    with pytest.raises(AvereError, match="add_lora"):
        model.as_reference()
    model.add_lora(rank=2, alpha=4, seed=1)
    assert model.score(given) == pytest.approx(before, abs=1e-6)
    trainable = [name for name, p in model.module.named_parameters() if p.requires_grad]
    assert trainable
    assert all("language_model" in name and "lora" in name for name in trainable)
    disturb(model)
    assert model.score(given) != pytest.approx(before, abs=1e-3)
    with model.as_reference():
        assert model.score(given) == pytest.approx(before, abs=1e-6)


def disturb(model):
    with torch.no_grad():
        for number, weight in enumerate(p for p in model.module.parameters() if p.requires_grad):
            weight.add_(0.1 * torch.randn(weight.shape, generator=torch.Generator().manual_seed(number)))


def test_a_frozen_copy_is_the_reference(model, clips):
    given = candidates(clips)
    before, parameters = model.score(given), len(list(model.module.parameters()))
    model.freeze_reference()
    disturb(model)
    assert len(list(model.module.parameters())) == parameters
    with model.as_reference():
        assert model.score(given) == pytest.approx(before, abs=1e-6)
    assert model.score(given) != pytest.approx(before, abs=1e-3)


def test_adapter_folders_load_again(model, base, clips, tmp_path):
    given = candidates(clips)
    model.add_lora(rank=2, alpha=4)
    disturb(model)
    model.save(tmp_path / "adapter")
    expected = model.score(given)
    for again in (avere.load(tmp_path / "adapter"), avere.load(base, adapter=tmp_path / "adapter")):
        assert isinstance(again, LocalModel)
        assert again.score(given) == pytest.approx(expected, abs=1e-6)
        assert again.fingerprint == model.fingerprint
    assert avere.load(base).fingerprint != model.fingerprint
    model.merge()
    assert model.score(given) == pytest.approx(expected, abs=1e-4)


def test_whole_folders_load_again(model, clips, tmp_path):
    given = candidates(clips)
    disturb(model)
    model.save(tmp_path / "whole")
    again = qwen_omni.load(tmp_path / "whole")
    assert again.score(given) == pytest.approx(model.score(given), abs=1e-6)
    assert again.fingerprint == model.fingerprint
    assert again.options.inputs()["frames"] == tiny.smallest().frames
    assert qwen_omni.load(tmp_path / "whole", frames=4).options.inputs()["frames"] == 4
    assert qwen_omni.load(tmp_path / "whole", frames=4).fingerprint != model.fingerprint


def test_the_thinker_of_a_full_checkpoint_is_found(model, base, clips, tmp_path):
    """The hub's folders hold a talker as well; their weights carry the thinker's name."""
    model.tokenizer.save_pretrained(tmp_path)
    write_inputs(tmp_path, model.family.name, model.options.inputs())
    inner = json.loads((base / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "qwen2_5_omni", "thinker_config": inner}))
    weights = load_file(base / "model.safetensors")
    talker = {"talker.codec_head.weight": torch.zeros(2, 2)}
    save_file(
        {f"thinker.{k}": v for k, v in weights.items()} | talker,
        tmp_path / "model.safetensors",
        {"format": "pt"},
    )
    given = candidates(clips)
    assert qwen_omni.load(tmp_path).score(given) == pytest.approx(model.score(given), abs=1e-6)


def test_encoding_travels_to_a_worker(model, clips):
    given = candidates(clips)[:4]
    encode = ForkingPickler.loads(ForkingPickler.dumps(model.packer.pack_candidates))
    encoded = ForkingPickler.loads(ForkingPickler.dumps(encode(given)))
    assert torch.equal(model.module(encoded.to("cpu")), model.module(model.encode(given)))


def test_one_question_about_one_file(model, clips):
    assert isinstance(model.ask(clips[0], "what do you see", max_tokens=2), str)
    assert isinstance(model.ask(str(clips[0]), "what do you see", max_tokens=2), str)


@pytest.mark.parametrize(
    ("options", "message"),
    [({"frame": 3}, "frame"), ({"adapter": "nowhere"}, "adapter_config.json"), ({"frames": 0}, "frames")],
)
def test_wrong_options_are_named(base, options, message):
    with pytest.raises(AvereError, match=message):
        avere.load(base, **options)


def test_what_is_no_model_is_refused(tmp_path, model):
    with pytest.raises(AvereError, match="no module"):
        avere.load(tmp_path)
    with pytest.raises(AvereError, match="cannot find"):
        avere.load("nobody/nothing")
    (tmp_path / "config.json").write_text('{"model_type": "llama"}')
    with pytest.raises(AvereError, match="llama"):
        qwen_omni.load(tmp_path)
    with pytest.raises(AvereError, match="schema"):
        next(model.respond([], max_tokens=1, seed=0, schema={}))
