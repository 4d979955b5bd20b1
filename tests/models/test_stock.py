"""Models of the library as they come: media reach them, scores are those of a plain forward."""

import json
from typing import Any

import numpy as np
import pytest
import torch
from tests.oracles import stock_models
from tests.oracles.stock_models import LIBRARY

import avere
from avere import media
from avere.errors import AvereError, MediaError
from avere.interfaces import Candidate, Prompt, Turn
from avere.models import qwen_omni, stock, tiny
from avere.models.separate.model import StockModel
from avere.models.separate.options import StockOptions
from avere.records import Corruption, Medium

SEEING = pytest.mark.skipif(not stock_models.sees(), reason="pictures need a torchvision for this torch")
RESPONSES = ("Yes, laughter.", "No")


@pytest.fixture(scope="module")
def medium(tmp_path_factory):
    path = tmp_path_factory.mktemp("media") / "clip.mp4"
    random = np.random.default_rng(0)
    frames = random.integers(0, 255, (6, 64, 64, 3), dtype=np.uint8)
    media.write_video(path, frames, fps=3.0, wave=0.1 * random.standard_normal(32_000).astype(np.float32))
    return Medium(path=path)


@pytest.fixture(scope="module")
def hearing(tmp_path_factory):
    folder = tmp_path_factory.mktemp("qwen2_audio")
    stock_models.qwen2_audio(folder)
    return folder


@pytest.fixture(scope="module")
def model(hearing):
    return avere.load(hearing)


def prompts_about(medium):
    return [
        Prompt(text="What do you hear?", audio=medium),
        Prompt(text="And nothing?"),
        Prompt(text="Sure?", audio=medium, history=(Turn(text="What?", response="Yes"),)),
    ]


def test_a_folder_of_the_library_is_taken_without_being_named(model, hearing):
    assert isinstance(model, StockModel)
    assert isinstance(avere.load(f"stock:{hearing}"), StockModel)
    assert model.fingerprint == avere.load(hearing).fingerprint
    assert stock.load(f"stock:{hearing},frames=3,thinking=true").options.frames == 3
    assert model.fingerprint != avere.load(hearing, audio_seconds=1.0).fingerprint


def test_a_family_comes_before_it(tmp_path):
    assert not isinstance(qwen_omni.example(tmp_path), StockModel)
    assert not isinstance(avere.load(tmp_path), StockModel)


def test_scores_are_those_of_the_librarys_forward(model, medium):
    for prompt in prompts_about(medium):
        inputs = model._encode(prompt)
        for response in RESPONSES:
            ids = model.tokenizer(f"{response}<|im_end|>", add_special_tokens=False, return_tensors="pt")
            both = {
                name: torch.cat([inputs[name], ids[name]], dim=1) for name in ("input_ids", "attention_mask")
            }
            with torch.no_grad():
                logits = model.network(**(inputs | both)).logits[0].log_softmax(-1)
            wanted = sum(
                float(logits[place - 1, both["input_ids"][0, place]])
                for place in range(inputs["input_ids"].shape[1], both["input_ids"].shape[1])
            )
            (found,) = model.score([Candidate(prompt=prompt, response=response)])
            assert found == pytest.approx(wanted, abs=1e-4)


def test_order_and_neighbours_change_no_score(model, medium):
    candidates = [
        Candidate(prompt=prompt, response=response)
        for prompt in prompts_about(medium)
        for response in RESPONSES
    ]
    assert model.score(candidates[::-1]) == pytest.approx(model.score(candidates)[::-1], abs=1e-5)


def test_a_reply_is_the_likeliest_continuation(model, medium):
    (reply,) = model.respond([Prompt(text="What do you hear?", audio=medium)], max_tokens=1, seed=0)
    inputs = model._encode(Prompt(text="What do you hear?", audio=medium))
    with torch.no_grad():
        likeliest = int(model.network(**inputs).logits[0, -1].argmax())
    assert reply.text == model.tokenizer.decode([likeliest], skip_special_tokens=True)


def test_sound_is_counted_and_what_is_cut_is_told(hearing, medium):
    prompt = Prompt(text="What do you hear?", audio=medium)
    whole, cut = (stock.load(hearing, audio_seconds=seconds).media_tokens(prompt) for seconds in (30.0, 0.5))
    assert whole.audio > cut.audio > 0
    assert whole.audio_cut == 0.0
    assert cut.audio_cut == pytest.approx(1.5, abs=0.1)


def test_corruption_reaches_the_model(model, medium):
    noisy = Medium(path=medium.path, corruption=Corruption(kind="noise", level=1.0))
    plain, other = (Prompt(text="What?", audio=each) for each in (medium, noisy))
    scores = model.score([Candidate(prompt=prompt, response="Yes") for prompt in (plain, other)])
    assert scores[0] != scores[1]


def test_a_medium_that_it_does_not_take_is_a_record_with_a_reason(model, medium):
    seen = Prompt(text="What do you see?", video=medium)
    first, second = model.respond([seen, Prompt(text="And?")], max_tokens=2, seed=0)
    assert (first.status, second.status) == ("media error", "ok")
    assert "takes no video" in first.reason
    assert "takes no video" in model.fault(seen)
    assert model.fault(Prompt(text="What do you hear?", audio=medium)) is None


def test_a_damaged_file_is_a_record_with_a_reason(model, tmp_path):
    (tmp_path / "torn.wav").write_bytes(b"RIFF0000WAVE")
    torn = Prompt(text="What?", audio=Medium(path=tmp_path / "torn.wav"))
    (reply,) = model.respond([torn], max_tokens=2, seed=0)
    assert reply.status == "media error"
    assert "torn.wav" in reply.reason


def test_words_that_hold_a_mark_are_told(model, medium):
    with pytest.raises(AvereError, match=r"2 times <\|AUDIO\|>"):
        model.score([Candidate(prompt=Prompt(text="say <|AUDIO|>", audio=medium), response="Yes")])


def test_a_schema_is_refused(model):
    with pytest.raises(AvereError, match="JSON schema"):
        next(model.respond([Prompt(text="What?")], max_tokens=2, seed=0, schema={"type": "object"}))


def test_a_folder_without_processor_is_told_in_one_line(hearing, tmp_path):
    for file in hearing.iterdir():
        if file.name != "processor_config.json":
            (tmp_path / file.name).symlink_to(file)
    with pytest.raises(AvereError, match="cannot open the processor") as error:
        avere.load(tmp_path)
    assert "\n" not in str(error.value)


def test_code_of_a_folder_is_never_run(hearing, tmp_path):
    for file in hearing.iterdir():
        (tmp_path / file.name).symlink_to(file)
    settings = json.loads((hearing / "processor_config.json").read_text())
    (tmp_path / "processor_config.json").unlink()
    settings["auto_map"] = {"AutoProcessor": "own.Processor"}
    (tmp_path / "processor_config.json").write_text(json.dumps(settings))
    with pytest.raises(AvereError, match="auto_map"):
        avere.load(tmp_path)


def test_an_option_that_is_not_there_is_told(hearing):
    with pytest.raises(AvereError, match="picture"):
        avere.load(f"stock:{hearing},picture=true")


def test_another_kind_of_model_is_told(tmp_path):
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(AvereError, match="'bert'"):
        avere.load(f"stock:{tmp_path}")


@SEEING
@pytest.mark.parametrize(
    ("write", "options"),
    [(stock_models.gemma4, {}), (stock_models.gemma4, {"pictures": True}),
     (stock_models.nemotron_h_omni, {"pictures": True})],
)  # fmt: skip
def test_pictures_and_sounds_change_what_is_said(write, options, medium, tmp_path):
    write(tmp_path)
    model = stock.load(tmp_path, frames=2, **options)
    media_given = [{}, {"audio": medium}, {"video": medium}, {"audio": medium, "video": medium}]
    prompts = [Prompt(text="What is there?", **given) for given in media_given]
    replies = list(model.respond(prompts, max_tokens=3, seed=0))
    assert {reply.status for reply in replies} == {"ok"}
    counts = [reply.media_tokens for reply in replies]
    assert [count.audio > 0 for count in counts] == [False, True, False, True]
    assert [count.video > 0 for count in counts] == [False, False, True, True]
    scores = model.score([Candidate(prompt=prompt, response="Yes") for prompt in prompts])
    assert len({round(score, 4) for score in scores}) == len(scores)


@SEEING
def test_films_that_the_library_cannot_compute_are_told_with_the_way_out(medium, tmp_path):
    stock_models.nemotron_h_omni(tmp_path)
    model = stock.load(tmp_path, frames=2)
    film = Prompt(text="What?", video=medium)
    with pytest.raises(MediaError, match="pictures=true"):
        model.score([Candidate(prompt=film, response="Yes")])
    first, second = model.respond([film, Prompt(text="And?")], max_tokens=2, seed=0)
    assert (first.status, second.status) == ("media error", "ok")


@SEEING
def test_what_packed_rows_share_changes_nothing(medium, tmp_path):
    # Shorter than the window of the tiny model: where a longer sound is cut, the last frame differs.
    media.write_sound(tmp_path / "brief.wav", media.sound(medium.path, seconds=0.8), 16_000)
    brief = Medium(path=tmp_path / "brief.wav")
    tiny.build(tiny.smallest(), stock_models.CORPUS, tmp_path, seed=0)
    area = 4 * 28 * 28
    packed = qwen_omni.load(tmp_path, frames=6, size=None, min_pixels=area, max_pixels=area)
    read: Any = packed.packer.processor
    bounds = {"size": {"shortest_edge": area, "longest_edge": area}}
    processor = LIBRARY.Qwen2_5OmniProcessor(
        LIBRARY.Qwen2VLImageProcessor(),
        LIBRARY.Qwen2VLVideoProcessor(**bounds),
        read.reader.extractor,
        packed.tokenizer,
    )
    processor.videos_kwargs = bounds
    network = packed.log_probs.base_model
    network.set_attn_implementation("sdpa")
    apart = StockModel(network, processor, packed.tokenizer, StockOptions(frames=6), tmp_path)
    media_given = [{}, {"audio": brief}, {"video": medium}, {"audio": brief, "video": medium}]
    candidates = [
        Candidate(prompt=Prompt(text="What is there?", **given), response=response)
        for given in media_given
        for response in RESPONSES
    ]
    wanted = apart.score(candidates)
    network.set_attn_implementation({"": "sdpa", "text_config": "avere_tree"})
    assert packed.score(candidates) == pytest.approx(wanted, abs=1e-4)
