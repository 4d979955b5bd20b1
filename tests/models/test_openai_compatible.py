"""What an OpenAI-compatible server is sent, and what is made of what it says."""

import base64
import logging
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from tests.oracles.echo_server import Response

import avere
from avere import media
from avere.errors import AvereError
from avere.interfaces import Prompt, Turn
from avere.models import openai_compatible
from avere.records import Corruption, Medium

from .fault_server import KEY, SCHEMA, failing, said


def test_refusals_are_told(server, make):
    message = {"role": "assistant", "content": None, "refusal": "I cannot help with that."}
    usage = {"prompt_tokens": 3, "completion_tokens": 5}
    server.script.append(
        Response({"choices": [{"message": message, "finish_reason": "stop"}], "usage": usage})
    )
    server.script.append(
        Response({"choices": [{"message": {"content": "I"}, "finish_reason": "content_filter"}]})
    )
    first, second = said(make(concurrency=1), "one", "two")
    assert (first.status, first.reason) == ("refused", "I cannot help with that.")
    assert first.usage.output_tokens == 5
    assert (second.status, second.text) == ("refused", "I")
    # They were paid for, and are kept.
    assert [reply.status for reply in said(make(), "one", "two")] == ["refused", "refused"]
    assert len(server.asked) == 2


def test_a_schema_is_sent_and_what_does_not_follow_it_is_marked(server, make):
    server.script.extend(['{"emotion": "joy"}', "She is happy.", '{"feeling": "joy"}', '["joy"]'])
    replies = said(make(concurrency=1), "one", "two", "three", "four", schema=SCHEMA)
    assert [reply.status for reply in replies] == ["ok", "unparsed", "unparsed", "unparsed"]
    assert replies[1].text == "She is happy."
    assert replies[1].reason == "the reply is no JSON"
    assert "lacks emotion" in replies[2].reason
    assert server.asked[0]["response_format"]["json_schema"]["schema"] == SCHEMA


def ended(end, content="He", **more):
    choice = {"message": {"content": content}, "finish_reason": end, **more}
    return Response({"choices": [choice], "usage": {"prompt_tokens": 3, "completion_tokens": 5}})


def test_a_fence_around_json_does_no_harm(server, make):
    fenced = '```json\n{"emotion": "joy"}\n```'
    texts = (fenced, '```\n{"emotion": "joy"}\n```\n', "```json\nnone\n```", '```json\n{"a": 1}\n```')
    server.script.extend(ended("stop", text) for text in texts)
    replies = said(make(concurrency=1), "one", "two", "three", "four", schema=SCHEMA)
    assert [reply.status for reply in replies] == ["ok", "ok", "unparsed", "unparsed"]
    assert replies[0].text == fenced


@pytest.mark.parametrize("end", ["error", "abort"])
def test_a_reply_that_the_server_broke_off_is_asked_for_again_and_not_kept(server, make, end):
    server.script.extend([ended(end), "He smiles."])
    assert said(make(), "one")[0].text == "He smiles."
    server.script.extend([ended(end, error={"message": "out of memory", "code": 500})] * 2)
    (reply,) = said(make(attempts=2), "two")
    assert (reply.status, reply.reason) == ("failed", "the server broke off the reply: out of memory")
    assert said(make(), "two")[0].text == "two"


@pytest.mark.parametrize("content", [None, "", []])
def test_a_reply_without_a_word_is_no_answer_and_not_kept(server, make, content):
    server.script.append(ended("stop", content))
    (reply,) = said(make(), "one")
    assert (reply.status, reply.text) == ("unparsed", "")
    assert reply.reason == "the service sent a reply without a word (it ended with: stop)"
    assert len(server.asked) == 1
    assert said(make(), "one")[0].text == "one"


def test_a_wordless_reply_that_an_older_version_kept_is_asked_for_again(server, make):
    model = make()
    server.script.append("He smiles.")
    (reply,) = said(model, "one")
    model.cache._file.execute('UPDATE answers SET answer = \'{"text": ""}\'')
    model.cache._file.commit()
    assert said(make(), "one")[0].text == "one"
    assert reply.text == "He smiles."


def test_a_reply_that_was_cut_says_so(server, make):
    server.script.extend([ended("length"), ended("length", '{"emotion"'), ended("length", None)])
    model = make(concurrency=1)
    (cut,) = said(model, "one")
    assert (cut.status, cut.text, cut.reason) == ("ok", "He", "the reply was cut at its limit of tokens")
    assert said(model, "one")[0].reason == cut.reason
    (broken,) = said(model, "two", schema=SCHEMA)
    assert broken.status == "unparsed"
    assert broken.reason == "the reply is no JSON; the reply was cut at its limit of tokens"
    assert said(model, "three")[0].status == "unparsed"


def test_words_in_parts_are_put_together(server, make):
    parts = [{"type": "text", "text": "He "}, {"type": "thinking"}, {"type": "text", "text": "smiles."}]
    server.script.append(ended("stop", parts))
    assert said(make(), "one")[0].text == "He smiles."


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        ({"code": 502, "message": "Provider returned error"}, "failed", "failed with 502: Provider"),
        ({"code": 403, "message": "input was flagged"}, "refused", "flagged this input"),
        ("overloaded", "failed", "failed with 500: overloaded"),
    ],
)
def test_an_error_in_place_of_choices_is_one_whatever_the_code(server, make, error, status, words):
    server.script.extend([Response({"error": error, "choices": None})] * 2)
    (reply,) = said(make(attempts=2), "one")
    assert reply.status == status
    assert words in reply.reason


def test_a_servers_own_words_are_kept_in_a_sane_length(server, make):
    long = {"message": {"content": None, "refusal": "no " * 1000}, "finish_reason": "stop"}
    server.script.extend(
        [Response({"detail": "max_tokens is too large"}, 400), Response({"choices": [long]})]
    )
    first, second = said(make(concurrency=1), "one", "two")
    assert "refused the call with 400: max_tokens is too large" in first.reason
    assert (second.status, len(second.reason)) == ("refused", 500)


def test_the_key_stands_nowhere(server, make, tmp_path, monkeypatch, caplog, capfd):
    monkeypatch.setenv("MY_KEY", KEY)
    caplog.set_level(logging.DEBUG)
    server.script.append(failing(400, f"the key {KEY} is wrong"))
    server.script.append(f"your key is {KEY}")
    model = make(key_variable="MY_KEY", concurrency=1)
    replies = said(model, "one", "two")
    assert server.headers[0]["Authorization"] == f"Bearer {KEY}"
    assert replies[0].status == "refused"
    assert replies[1].text == "your key is [key]"
    seen = [repr(replies), repr(vars(model)), model.fingerprint, caplog.text, *capfd.readouterr()]
    assert not any(KEY in text for text in seen)
    assert not any(KEY.encode() in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_a_named_server_gets_no_key_that_was_not_meant_for_it(server, make, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    said(make(), "one")
    assert KEY not in str(server.headers)


def test_a_proxy_of_the_environment_is_used_unless_the_server_is_excepted(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://proxy:3128")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert openai_compatible._proxy("http://model.lab/v1") == "http://proxy:3128"
    assert openai_compatible._proxy("http://127.0.0.1:8000/v1") is None


def test_wrong_sources_are_one_line(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    for source, reason in [
        ("openai:", "names no model"),
        ("openai:m", "set the environment variable OPENAI_API_KEY"),
        (f"openai:m@http://user:{KEY}@host/v1", "must be a plain URL"),
        (f"openai:m@http://127.0.0.1:1/v1?api_key={KEY}", "api_key: no such key"),
        ("openai:m@http://127.0.0.1:1/v1?frames", "has no value"),
    ]:
        with pytest.raises(AvereError, match=reason) as caught:
            avere.load(source)
        assert KEY not in str(caught.value)
    monkeypatch.setenv("OPENAI_API_KEY", f"{KEY}\nX")
    with pytest.raises(AvereError, match="holds characters that no key has") as caught:
        avere.load("openai:m")
    assert KEY not in str(caught.value)


def test_media_are_sent_corrupted_and_withheld_ones_are_not(server, make, clips):
    blank = Corruption(kind="silence", seed=0)
    both = Prompt(
        text="What is it?",
        video=Medium(path=clips[0]),
        audio=Medium(path=clips[0], corruption=blank),
        history=(Turn(text="Hello", response="Hi"),),
    )
    dark = Prompt(text="What is it?", video=Medium(path=clips[0], corruption=blank))
    model = make(frames=2, side=32, concurrency=1)
    first, second = model.respond([both, dark], max_tokens=9, seed=0)
    assert (first.media_tokens.video > 0, first.media_tokens.audio > 0) == (True, True)
    assert (second.media_tokens.video > 0, second.media_tokens.audio) == (True, 0)
    opening, answer, last = server.asked[0]["messages"]
    kinds = ["image_url", "image_url", "input_audio", "text"]
    assert [part["type"] for part in opening["content"]] == kinds
    assert (opening["content"][3]["text"], answer["content"], last["content"]) == (
        "Hello",
        "Hi",
        "What is it?",
    )
    wave = base64.b64decode(opening["content"][2]["input_audio"]["data"])
    assert wave[:4] == b"RIFF"
    assert set(wave[44:]) == {0}
    bright, black = (pixels(server.asked[place]["messages"][0]["content"][0]) for place in (0, 1))
    assert bright.shape == black.shape == (32, 32, 3)
    assert bright.max() > 100
    assert black.max() == 0
    assert [part["type"] for part in server.asked[1]["messages"][0]["content"]] == kinds[:2] + kinds[3:]


def test_a_sound_goes_as_a_link_where_the_server_wants_that(server, make, clips):
    """SGLang knows ``audio_url`` alone in most of its versions, and ignores the sound of a video."""
    prompt = Prompt(text="What is it?", video=Medium(path=clips[0]), audio=Medium(path=clips[0]))
    (reply,) = make(audio="audio_url", video="file").respond([prompt], max_tokens=9, seed=0)
    assert reply.status == "ok"
    film, sound, words = server.asked[0]["messages"][0]["content"]
    assert [film["type"], words] == ["video_url", {"type": "text", "text": "What is it?"}]
    assert set(sound) == {"type", "audio_url"}
    kind, _, letters = sound["audio_url"]["url"].partition(",")
    assert (sound["type"], kind) == ("audio_url", "data:audio/wav;base64")
    assert base64.b64decode(letters)[:4] == b"RIFF"


def pixels(part):
    content = base64.b64decode(part["image_url"]["url"].removeprefix("data:image/jpeg;base64,"))
    return np.asarray(Image.open(BytesIO(content)))


def test_a_film_has_no_sound(server, make, clips, tmp_path):
    prompt = Prompt(text="What is it?", video=Medium(path=clips[0]))
    (reply,) = make(video="file", frames=4).respond([prompt], max_tokens=9, seed=0)
    assert reply.status == "ok"
    part = server.asked[0]["messages"][0]["content"][0]
    url = part["video_url"]["url"].removeprefix("data:video/mp4;base64,")
    film = tmp_path / "film.mp4"
    film.write_bytes(base64.b64decode(url))
    found = media.probe(film)
    assert (found.has_audio, found.frame_count) == (False, 4)
    assert found.video_seconds == pytest.approx(media.probe(clips[0]).video_seconds, abs=0.01)


def test_media_that_cannot_be_read_are_told(server, make, clips, tmp_path):
    missing = Prompt(text="What is it?", video=Medium(path=tmp_path / "none.mp4"))
    there = Prompt(text="What is it?", video=Medium(path=clips[0]))
    replies = list(make(frames=1).respond([missing, there], max_tokens=9, seed=0))
    assert sorted((reply.index, reply.status) for reply in replies) == [(0, "media error"), (1, "ok")]
    assert len(server.asked) == 1
