"""AVERE-7B as a model of transformers and of this package: prompts, media, training, files, refusals."""

import json
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from tests.oracles import avere_7b
from transformers import AutoConfig, AutoModelForMultimodalLM, AutoProcessor

import avere
from avere import media
from avere.errors import AvereError
from avere.interfaces import Candidate, Prompt, Turn
from avere.models import avere_omni
from avere.models.avere_7b import AvereConfig, AvereForConditionalGeneration, AvereProcessor
from avere.models.avere_7b.media import is_flipped
from avere.models.avere_7b.pixels import MEAN, STD, prepare_frames
from avere.models.avere_7b.processing import tokenise_prompt
from avere.models.avere_7b.prompts import RELEASED, TRAINED, write_template
from avere.preference.train import checkpoint_gradients
from avere.records import Corruption, Medium


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("avere")
    avere_7b.build(made)
    return made


@pytest.fixture(scope="module")
def shared(folder):
    """Return a model that no test changes."""
    return avere_omni.load(folder)


def prompts_about(clips):
    one, other = (Medium(path=path) for path in clips[:2])
    quiet = Medium(path=clips[0], corruption=Corruption(kind="silence"))
    return [
        Prompt(text="What do you hear?", video=one, audio=one),
        Prompt(text="What do you see?", video=other),
        Prompt(text="What do you hear?", audio=quiet),
        Prompt(text="Yes or no?"),
    ]


def test_published_sizes():
    config = AvereConfig()
    assert (config.video_tokens, config.audio_tokens) == (2056, 88)  # 8 x 257; (1500 - 17) // 17 + 1
    assert (config.window, config.stride) == (17, 17)  # a third of a second of 50 frames
    with torch.device("meta"):
        network = AvereForConditionalGeneration(config)
    parts = {name: sum(each.numel() for each in part.parameters())
             for name, part in network.model.named_children()}  # fmt: skip
    assert round(parts["language_model"] / 1e8) == 66
    assert round(parts["video_encoder"] / 1e6) == 425
    assert round(parts["speech_encoder"] / 1e6) == 661


def test_auto_classes_save_and_load(folder, shared, tmp_path):
    network = AutoModelForMultimodalLM.from_pretrained(folder)
    processor = AutoProcessor.from_pretrained(folder)
    assert isinstance(network, AvereForConditionalGeneration)
    assert isinstance(processor, AvereProcessor)
    network.save_pretrained(tmp_path)
    processor.save_pretrained(tmp_path)
    assert isinstance(AutoConfig.from_pretrained(tmp_path), AvereConfig)
    one, other = (load_file(each / "model.safetensors") for each in (folder, tmp_path))
    assert one.keys() == other.keys()
    assert all(one[name].equal(other[name]) for name in one)
    told = json.loads((tmp_path / "processor_config.json").read_text())
    assert told == json.loads((folder / "processor_config.json").read_text())


@pytest.mark.parametrize("side", ["left", "right"])
def test_batches_of_mixed_media_score_as_alone(folder, shared, clips, side):
    """The library's forward of all prompts at once gives the logits that each has by itself."""
    network = shared.log_probs.base_model
    processor = AutoProcessor.from_pretrained(folder)
    given = prompts_about(clips)
    texts = [
        shared.packer.processor.render(one, [each for each in ("video", "audio") if getattr(one, each)])
        for one in given
    ]
    frames = [media.frames(one.video.path, 4, spread="ends") for one in given if one.video]
    waves = [media.sound(one.audio.path, corruption=one.audio.corruption) for one in given if one.audio]
    batch = processor(texts, videos=frames, audio=waves, padding_side=side)
    assert batch["pixel_values_videos"].shape == (2, 4, 3, 28, 28)
    assert batch["input_features"].shape == (2, 80, 100)
    network.set_attn_implementation({"text_config": "sdpa"})
    with torch.no_grad():
        together = network(**batch).logits
        rows = []
        for number, text in enumerate(texts):
            alone = processor(
                text,
                videos=frames[number : number + 1] if "<video>" in text else (),
                audio=[waves[sum("<audio>" in each for each in texts[:number])]] if "<audio>" in text else (),
            )
            rows.append(network(**alone).logits[0])
    network.set_attn_implementation({"text_config": "avere_tree"})
    for found, mask, row in zip(together, batch["attention_mask"].bool(), rows, strict=True):
        torch.testing.assert_close(found[mask], row, atol=2e-5, rtol=0)


def test_replies_equal_those_of_the_librarys_generate(folder, shared, clips):
    (first, *_) = prompts_about(clips)
    expected = next(shared.respond([first], max_tokens=6, seed=0)).text
    network = AutoModelForMultimodalLM.from_pretrained(folder).eval()
    processor = AutoProcessor.from_pretrained(folder)
    text = processor.apply_chat_template(
        [
            {
                "role": "user",
                "content": [{"type": "video"}, {"type": "audio"}, {"type": "text", "text": first.text}],
            }
        ],
        add_generation_prompt=True,
    )
    given = processor(text, videos=[media.frames(clips[0], 4, spread="ends")], audio=[media.sound(clips[0])])
    found = network.generate(**given, max_new_tokens=6, do_sample=False)
    said = found[0, given["input_ids"].shape[1] :]
    assert processor.tokenizer.decode(said, skip_special_tokens=True) == expected


@pytest.mark.parametrize(
    ("order", "head"), [("video_first", "<video>\n<audio>\n"), ("audio_first", "<audio>\n<video>\n")]
)
def test_each_medium_has_a_line_in_the_order_of_the_model(folder, clips, order, head):
    model = avere_omni.load(folder, media_order=order)
    prompts: Any = model.packer.processor
    medium = Medium(path=clips[0])
    asked = Prompt(text="Why?", video=medium, audio=medium, history=(Turn(text="What?", response="Rain."),))
    text = prompts.render(asked, prompts.media_order)
    assert text == f"A chat. USER: {head}What? ASSISTANT: Rain.</s>USER: Why? ASSISTANT:"
    read = {each: prompts.read(each, medium) for each in prompts.media_order}
    layout = prompts.lay_out(asked, read)
    assert [len(layout.media[each]) for each in ("video", "audio")] == [20, 2]
    assert layout.positions.tolist() == [list(range(len(layout.tokens)))]
    ids = tokenise_prompt(prompts.tokenizer, text)
    assert len(layout.tokens) == len(ids) + 19 + 1
    # Words behind a medium begin with the mark of a new word, then the line's end.
    after = layout.tokens[layout.media[order[:5]][-1] + 1 :][:2]
    assert prompts.tokenizer.convert_ids_to_tokens(after.tolist()) == ["▁", "<0x0A>"]
    again = prompts.recall("audio", read["audio"].outline)
    assert (again.tokens, again.cut) == (read["audio"].tokens, read["audio"].cut)
    assert prompts.recall("video", read["video"].outline).tokens == 20


def test_words_of_training_and_of_the_released_scripts():
    assert "curious user and" in TRAINED
    assert "the human's questions." in RELEASED
    assert TRAINED in write_template(TRAINED)


def test_frames_are_scaled_by_their_short_side_and_cropped():
    """A frame of 4 x 8 grows by 2; of the width 16, the middle 8 stay: its columns 4 to 11."""
    frames = np.zeros((1, 4, 8, 3), np.uint8)
    frames[:, :, 4:] = 255
    found = prepare_frames(frames, 8, MEAN, STD)
    assert found.shape == (1, 3, 8, 8)
    black, white = (0 - MEAN[0]) / STD[0], (1 - MEAN[0]) / STD[0]
    # Between two points, bilinear weights are 3/4 and 1/4.
    edge = [0.75 * black + 0.25 * white, 0.25 * black + 0.75 * white]
    expected = torch.tensor([black] * 3 + edge + [white] * 3)
    torch.testing.assert_close(found[0, 0, 5], expected, atol=1e-5, rtol=0)


def test_frames_and_channels_as_released(folder, clips, tmp_path):
    half = avere_omni.load(folder, flip="half").packer.processor
    never = avere_omni.load(folder).packer.processor
    for clip in clips:
        one, other = (each.read("video", Medium(path=clip)).pixels for each in (half, never))
        expected = other.flip(-1) if is_flipped(Medium(path=clip)) else other
        torch.testing.assert_close(one, expected, atol=1e-4, rtol=0)
    drawn = []
    for number in range(200):
        (tmp_path / f"{number}.bin").write_bytes(bytes([number]))
        drawn.append(is_flipped(Medium(path=tmp_path / f"{number}.bin")))
    assert 80 < sum(drawn) < 120
    # Features and replies are kept by a clip's bytes, so another name must not turn the picture.
    for name in range(8):
        (tmp_path / f"copy{name}.bin").write_bytes(bytes([7]))
        assert is_flipped(Medium(path=tmp_path / f"copy{name}.bin")) == drawn[7]
    stereo = tmp_path / "two.wav"
    import soundfile

    tone = np.sin(np.arange(16_000) / 9)
    soundfile.write(stereo, np.stack([0.2 * tone, 0.6 * tone], axis=1), 16_000, subtype="FLOAT")
    assert np.abs(media.sound(stereo) - 0.4 * tone).max() < 1e-4
    assert np.abs(media.sound(stereo, channels="first") - 0.2 * tone).max() < 1e-4


def test_frozen_encoders_have_no_dropout(folder, clips):
    """Those of the published model have it in their configuration; features of a medium must not be drawn."""
    given = [Candidate(prompt=each, response="Yes") for each in prompts_about(clips)]
    still, learning = avere_omni.load(folder), avere_omni.load(folder)
    learning.module.train()
    found, expected = (model.module(model.encode(given)) for model in (learning, still))
    torch.testing.assert_close(found, expected, rtol=0, atol=0)


@pytest.mark.parametrize("full", [False, True])
def test_it_learns_saves_and_loads(folder, clips, tmp_path, full):
    model = avere_omni.load(folder, train_encoders=full)
    (first, *rest) = prompts_about(clips)
    given = [Candidate(prompt=each, response="Yes") for each in (first, *rest)]
    if full:
        model.freeze_reference()
    else:
        model.add_lora(rank=2)
    before = model.score(given)
    trained = [weight for weight in model.module.parameters() if weight.requires_grad]
    checkpoint_gradients(model.module)
    optimiser = torch.optim.SGD(trained, lr=0.5 if not full else 0.02)
    model.module.train()
    for _ in range(2):
        loss = -model.module(model.encode(given)).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    encoders = list(model.log_probs.base_model.model.video_encoder.projector.parameters())
    assert all((weight.grad is not None) is full for weight in encoders)
    after = model.score(given)
    assert sum(after) > sum(before)
    with model.as_reference():
        assert model.score(given) == pytest.approx(before, abs=1e-4)
    model.save(tmp_path / "saved")
    again: Any = avere.load(tmp_path / "saved", dtype="float32", device="cpu")
    assert again.fingerprint == model.fingerprint
    assert again.score(given) == pytest.approx(after, abs=1e-4)


def damaged(folder, tmp_path, change):
    """Copy a model folder, its settings and weights changed."""
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    config = json.loads((folder / "config.json").read_text())
    weights = load_file(folder / "model.safetensors")
    change(config, weights)
    (tmp_path / "config.json").write_text(json.dumps(config))
    save_file(weights, tmp_path / "model.safetensors", metadata={"format": "pt"})
    return tmp_path


def another_vocabulary(config, weights):
    config["text_config"]["vocab_size"] += 1


def other_placeholders(config, weights):
    config["video_token_id"] += 5


def lacking(config, weights):
    del weights["model.speech_encoder.projector.query"]


def official(config, weights):
    config["model_type"] = "videollava"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (another_vocabulary, "size mismatch|mismatch"),
        (other_placeholders, "gives <video> and <audio> the ids"),
        (lacking, "lacks 1 weights, model.speech_encoder.projector.query among them"),
        (official, "official checkpoint; make a folder of it with: avere convert avere-7b"),
    ],
)
def test_folders_that_do_not_fit_are_named(folder, tmp_path, change, said):
    place = damaged(folder, tmp_path, change)
    with pytest.raises(AvereError, match=said) as error:
        avere_omni.load(place)
    assert str(place) in str(error.value)


def test_an_official_checkpoint_is_told_how_it_is_converted(tmp_path):
    (tmp_path / "config.json").write_text('{"model_type": "avere"}')
    with pytest.raises(AvereError, match=r"official checkpoint; make a folder of it with: avere convert"):
        avere.load(tmp_path)


def test_torn_weights_are_named(folder, tmp_path):
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    whole = (folder / "model.safetensors").read_bytes()
    (tmp_path / "model.safetensors").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(AvereError, match=r"a safetensors file of .* is damaged"):
        avere_omni.load(tmp_path)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"text": "<video>"}, "0 media stand for <video>"),
        ({"text": "a", "audio": [np.zeros(9, np.float32)]}, "1 media stand for <audio>"),
        ({"text": "<video>", "videos": [np.zeros((3, 9, 9, 3), np.uint8)]}, "has 3 frames, and 4 are needed"),
        ({"text": "<audio> a", "audio": [np.zeros(9, np.float32)], "max_length": 2}, "would cut a medium"),
        ({"text": "a", "images": 1}, "unknown options"),
    ],
)
def test_the_processor_refuses_what_does_not_fit(folder, given, said):
    with pytest.raises(ValueError, match=said):
        AutoProcessor.from_pretrained(folder)(**given)


def test_media_and_places_must_be_as_many(shared):
    network = shared.log_probs.base_model
    ids = torch.tensor([[1, network.config.audio_token_id]])
    with pytest.raises(ValueError, match="1 audio tokens stand in the prompts, but the media give 0"):
        network(ids)
    with pytest.raises(ValueError, match="and not both"):
        network()
