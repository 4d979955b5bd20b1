"""The published model's numbers: tiny random weights under its names, and all that it computed with them.

``avere_7b/recorded.safetensors`` holds inputs, intermediate and final tensors of the released code, run in
float32 on a CPU; of long tensors every n-th row (``cases.json``). The logits lay within 4.7e-6 of those in
float64.
"""

import json
import re
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from tests.oracles.avere_7b import published_config

from avere.models.avere_7b import AvereForConditionalGeneration
from avere.models.avere_7b.names import translate_checkpoint
from avere.models.avere_7b.speech import cut_into_windows

FOLDER = Path(__file__).with_name("avere_7b")
CASES = json.loads((FOLDER / "cases.json").read_text())
FRAME, SOUND, PADDING = -200, -300, -100
"""Ids that stand for one frame and one sound, and the label of what is not learnt."""
TOLERANCE = 5e-5

pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning")


@pytest.fixture(scope="module")
def network():
    weights = load_file(FOLDER / "weights.safetensors")
    named = {ours: weights[name] for name in weights if (ours := translate_checkpoint(name)) is not None}
    made = AvereForConditionalGeneration(published_config()).eval()
    assert made.load_state_dict(named, strict=True)
    return made


@pytest.fixture(scope="module")
def recorded():
    return load_file(FOLDER / "recorded.safetensors")


@pytest.fixture(scope="module")
def media(recorded):
    """Return videos with their frames before their colours, and sounds."""
    return recorded["in.video"].transpose(1, 2).contiguous(), recorded["in.mel"].float()


@pytest.fixture
def compare(recorded):
    """Return a function that compares a tensor with the recorded one of a name."""

    def check(name, found, where=None):
        every = CASES["every"].get(name)
        rows = found if every is None else found.flatten(0, -2)[::every]
        if where is not None:
            mask = where if every is None else where.flatten()[::every]
            torch.testing.assert_close(rows[mask], recorded[name][mask], atol=TOLERANCE, rtol=0)
        else:
            torch.testing.assert_close(rows, recorded[name], atol=TOLERANCE, rtol=0)

    return check


def rows_of(config, ids, mask=None, labels=None, side="right", longest=None):
    """Write prompts as ours: a token a feature. Return ids, mask and labels."""
    counts = {FRAME: config.vision_config.tokens_per_frame, SOUND: config.audio_tokens}
    own = {FRAME: config.video_token_id, SOUND: config.audio_token_id}
    mask, labels = (torch.ones_like(ids) if each is None else each for each in (mask, labels))
    rows = []
    for row, real, told in zip(ids.tolist(), mask.bool().tolist(), labels.tolist(), strict=True):
        some = [(token, label) for token, is_real, label in zip(row, real, told, strict=True) if is_real]
        some = [
            (own.get(token, token), PADDING if token in own else label)
            for token, label in some
            for _ in range(counts.get(token, 1))
        ]
        rows.append(some[:longest])
    length = max(map(len, rows))
    found = torch.tensor([0, 0, PADDING]).repeat(len(rows), length, 1)
    for number, some in enumerate(rows):
        place = slice(length - len(some), None) if side == "left" else slice(len(some))
        found[number, place] = torch.tensor([(token, 1, label) for token, label in some])
    return found.unbind(-1)


def chosen(media, case):
    """Return the media of a case that stand in its prompts; the released code wants zeros for the others."""
    videos, mels = media
    wanted = [[each for each in case[kind] or () if isinstance(each, int)] for kind in ("images", "audios")]
    return {
        "pixel_values_videos": videos[wanted[0]] if wanted[0] else None,
        "input_features": mels[wanted[1]] if wanted[1] else None,
    }


@torch.no_grad()
def test_videos(network, media, compare):
    encoder = network.model.video_encoder
    states = encoder.vision.states(media[0])
    states.append(encoder.vision.layers[-1](states[-1]))
    for number, found in enumerate(states):
        compare(f"video.hidden_states.{number}", found)
    compare("video.tower_out", encoder.vision(media[0]))
    compare("video.projected", encoder(media[0]).unflatten(1, (8, -1)))


@torch.no_grad()
def test_sounds(network, media, recorded, compare):
    encoder, stem = network.model.speech_encoder, []
    hook = encoder.whisper.layers[0].register_forward_pre_hook(lambda _, given: stem.append(given[0]))
    heard = encoder.whisper(media[1]).last_hidden_state
    hook.remove()
    compare("speech.stem_out", stem[0])
    compare("speech.tower_out", heard)
    windows = cut_into_windows(encoder.projector.layer_norm(heard), 17, 17)
    compare("speech.first_window_after_ln", windows[:1])
    compare("speech.last_window_after_ln", windows[-1:])
    compare("speech.qformer_last_hidden", encoder.projector.ask(heard))
    compare("speech.projected", encoder(media[1]))


@pytest.mark.parametrize("name", ["overlap_w0.33333_s0.16667", "w0.5_s0.5"])
@torch.no_grad()
def test_other_windows(name, network, media, compare):
    window, stride = (float(each) for each in re.findall(r"[\d.]+", name.removeprefix("overlap_")))
    other = AvereForConditionalGeneration(
        published_config(seconds_per_window=window, seconds_per_stride=stride)
    ).eval()
    other.load_state_dict(network.state_dict())
    found = other.model.speech_encoder(media[1])
    assert found.shape[1] == other.config.audio_tokens
    compare(f"speech.projected_extra.{name}", found)


@pytest.mark.parametrize("name", CASES["cases"])
@torch.no_grad()
def test_forward(name, network, media, recorded, compare):
    case = CASES["cases"][name]
    ids, mask, labels = (recorded[f"{name}.{each}"] for each in ("input_ids", "attention_mask", "labels"))
    side, longest = case["tokenizer_padding_side"], case["tokenizer_model_max_length"]
    ids, mask, labels = rows_of(network.config, ids, mask, labels, side=side, longest=longest)
    compare(f"{name}.merged_labels", labels)
    compare(f"{name}.merged_attention_mask", mask)
    compare(f"{name}.merged_position_ids", (mask.cumsum(1) - 1) * mask)
    embedded = network.model.embed(ids, **chosen(media, case))
    compare(f"{name}.merged_embeds", embedded * mask.unsqueeze(2))
    found = network(ids, mask, labels=labels, output_hidden_states=True, **chosen(media, case))
    compare(f"{name}.logits", found.logits, mask.bool())
    compare(f"{name}.loss", found.loss.view(1))
    for number, states in enumerate(found.hidden_states if name == "single_av" else ()):
        compare(f"{name}.lm_hidden_states.{number}", states)


@pytest.mark.parametrize("name", CASES["generation"])
@torch.no_grad()
def test_greedy_words_with_a_cache(name, network, media, recorded, compare):
    calls = []
    hooks = [
        part.register_forward_pre_hook(lambda *_: calls.append(1))
        for part in (network.model.video_encoder, network.model.speech_encoder)
    ]
    ids, mask, _ = rows_of(network.config, recorded[f"{name}.input_ids"])
    given = chosen(media, CASES["generation"][name])
    found = network.generate(
        ids, attention_mask=mask, max_new_tokens=8, do_sample=False, eos_token_id=None, output_logits=True,
        return_dict_in_generate=True, **given,
    )  # fmt: skip
    for hook in hooks:
        hook.remove()
    assert len(calls) == sum(each is not None for each in given.values())  # once a medium, not once a token
    compare(f"{name}.new_tokens", found.sequences[:, ids.shape[1] :])
    compare(f"{name}.step_logits", torch.stack(found.logits, dim=1))
