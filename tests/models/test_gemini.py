"""What Gemini is sent, and what is made of what it says; a server on this machine stands in for it."""

import base64
import json
import re

import pytest
from tests.oracles import echo_server as echo
from tests.oracles.echo_server import Response

import avere
from avere.errors import AvereError
from avere.interfaces import Prompt, Turn
from avere.records import Medium

from .fault_server import KEY, SCHEMA, failing, said


@pytest.fixture
def load(server, tmp_path):
    def make(address=server.address, **options):
        given = {
            "cache": tmp_path / "replies.sqlite",
            "wait": 0,
            "timeout": 30,
            "concurrency": 1,
            "frames": 2,
        }
        return avere.load(f"gemini:m@{address}", **(given | options))

    return make


def response(text, end="STOP", counts=None, **more):
    """Return a response of generateContent."""
    candidate = {"content": {"role": "model", "parts": [{"text": text}]}, "finishReason": end}
    return Response({"candidates": [candidate], "usageMetadata": counts or {}, **more})


def kind(part):
    """Return the type of a medium, whose name the client spells in two ways."""
    return part.get("mimeType") or part.get("mime_type")


@pytest.mark.parametrize(
    "fault",
    [
        failing(429, retry_after="0"),
        failing(503),
        Response(b'{"candidates": [{"content'),
        Response({"candidates": [], "padding": "x" * 999}, cut=True),
        Response({"candidates": []}),
        response("", "OTHER"),
    ],
    ids=["429", "503", "malformed", "cut", "empty", "broken off"],
)
def test_what_passes_is_asked_again(server, load, fault):
    server.script.extend([fault, fault])
    (reply,) = said(load(), "Is it rain?")
    assert (reply.status, reply.text) == ("ok", "Is it rain?")
    assert len(server.asked) == 3


def test_what_does_not_pass_is_told(server, load):
    server.script.extend([failing(400, "no such field"), failing(403, "not you")])
    first, second, third = said(load(), "one", "two", "three")
    assert (first.status, second.status, third.status) == ("refused", "failed", "failed")
    assert "400: " in first.reason
    assert "no such field" in first.reason
    assert "not asked" in third.reason


def test_refusals_are_told(server, load):
    server.script.extend(
        [
            response("I", "SAFETY"),
            Response({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}),
            response("", "MAX_TOKENS"),
        ]
    )
    replies = said(load(), "one", "two", "three")
    assert [reply.status for reply in replies] == ["refused", "refused", "unparsed"]
    assert "SAFETY" in replies[0].reason
    assert "PROHIBITED_CONTENT" in replies[1].reason


def test_a_reply_without_parts_is_no_answer_and_one_that_was_cut_says_so(server, load):
    empty = Response({"candidates": [{"content": {"role": "model"}, "finishReason": "STOP"}]})
    server.script.extend([empty, response("He", "MAX_TOKENS")])
    first, second = said(load(), "one", "two")
    assert (first.status, first.reason) == (
        "unparsed",
        "the service sent a reply without a word (it ended with: STOP)",
    )
    assert (second.status, second.text, second.reason) == (
        "ok",
        "He",
        "the reply was cut at its limit of tokens",
    )
    assert said(load(), "one")[0].text == "one"


def test_its_own_words_are_kept_and_a_bad_key_closes_the_door(server, load):
    blocked = {"promptFeedback": {"blockReason": "OTHER", "blockReasonMessage": "Not this clip."}}
    candidate = {"content": {"parts": [{"text": "I"}]}, "finishReason": "SAFETY"}
    server.script.extend(
        [Response(blocked), Response({"candidates": [candidate]}), failing(400, "API key not valid.")]
    )
    replies = said(load(), "one", "two", "three", "four")
    assert [reply.status for reply in replies] == ["refused", "refused", "failed", "failed"]
    assert replies[0].reason == "the service blocks the prompt: OTHER Not this clip."
    assert replies[1].reason == "the service ended the reply: SAFETY"
    assert "not asked" in replies[3].reason


def test_tokens_that_are_not_counted_are_estimated(server, load):
    server.script.append(response("yes", counts=None))
    (reply,) = said(load(), "one")
    assert (reply.usage.input_tokens, reply.usage.output_tokens) == (17, 1)


def test_no_redirect_is_followed_and_no_endless_answer_read(server, load):
    server.script.append(response("x" * 33 * 2**20))
    server.script.append(Response({}, 307, (("Location", "http://other.example/v1"),)))
    first, second = said(load(), "one", "two")
    assert (first.status, second.status, len(server.asked)) == ("failed", "failed", 2)
    assert first.reason == "the server's answer is longer than 32 MiB, which no reply needs"
    assert "sends calls on to http://other.example/v1 (307)" in second.reason


def test_a_request_says_all_that_was_asked(server, load, monkeypatch):
    monkeypatch.setenv("SOME_KEY", KEY)
    server.script.append(response('{"emotion": "joy"}'))
    model = load(key_variable="SOME_KEY", extra={"thinking_config": {"thinking_budget": 0}})
    prompt = Prompt(text="And now?", history=(Turn(text="Hello", response="Hi"),))
    (reply,) = model.respond([prompt], max_tokens=7, seed=3, schema=SCHEMA)
    assert reply.status == "ok"
    (sent,) = server.asked
    turns = [(turn["role"], turn["parts"][0]["text"]) for turn in sent["contents"]]
    assert turns == [("user", "Hello"), ("model", "Hi"), ("user", "And now?")]
    how = sent["generationConfig"]
    assert (how["maxOutputTokens"], how["seed"], how["temperature"]) == (7, 3, 0)
    assert (how["responseMimeType"], how["responseJsonSchema"]) == ("application/json", SCHEMA)
    assert how["thinkingConfig"]
    named = {name.lower(): value for name, value in server.headers[0].items()}
    assert named["x-goog-api-key"] == KEY
    assert KEY not in json.dumps(sent)


def test_tokens_are_counted_by_medium(server, load, clips, tmp_path):
    prices = tmp_path / "prices.yaml"
    prices.write_text(
        "checked: 2026-01-01\ncurrency: EUR\nmodels:\n  m: {input: 1000, output: 10000, audio: 3000}\n"
    )
    split = [("TEXT", 40), ("IMAGE", 500), ("AUDIO", 60)]
    details = [{"modality": name, "tokenCount": count} for name, count in split]
    counts = {"promptTokenCount": 600, "candidatesTokenCount": 10, "thoughtsTokenCount": 5}
    server.script.append(response("Joy.", counts={**counts, "promptTokensDetails": details}))
    medium = Medium(path=clips[0])
    (reply,) = load(prices=prices).respond(
        [Prompt(text="What is it?", video=medium, audio=medium)], max_tokens=99, seed=0
    )
    assert (reply.media_tokens.video, reply.media_tokens.audio) == (500, 60)
    assert (reply.usage.input_tokens, reply.usage.output_tokens) == (600, 15)
    assert reply.usage.cost == pytest.approx(0.54 + 0.18 + 0.15)
    parts = server.asked[0]["contents"][0]["parts"]
    kinds = [kind(part["inlineData"]) for part in parts[:-1]]
    assert kinds == ["image/jpeg", "image/jpeg", "audio/wav"]
    assert base64.b64decode(parts[2]["inlineData"]["data"], altchars=b"-_")[:4] == b"RIFF"


def test_media_that_became_no_token_are_told(server, load, clips):
    details = [{"modality": "TEXT", "tokenCount": 40}]
    server.script.append(response("Joy.", counts={"promptTokenCount": 40, "promptTokensDetails": details}))
    prompt = Prompt(text="What is it?", video=Medium(path=clips[0]))
    (reply,) = load().respond([prompt], max_tokens=99, seed=0)
    assert (reply.status, reply.text) == ("media error", "Joy.")
    assert "no video token" in reply.reason


@pytest.mark.parametrize(
    ("put", "reason"),
    [
        (Response({}, 307, (("Location", "http://127.0.0.1:9/elsewhere"),)), "sends calls on to http://127"),
        (Response({"file": "x" * 33 * 2**20}, headers=(("X-Goog-Upload-Status", "final"),)), "than 32 MiB"),
    ],
    ids=["redirect", "endless"],
)
def test_uploads_follow_no_redirect_and_read_no_endless_answer(load, clips, put, reason):
    seen, elsewhere = [], []

    def store(request):
        path = re.sub(r"/v1\w*/", "/", request.path.partition("?")[0])
        seen.append(path)
        return Response({}, headers=(("X-Goog-Upload-URL", f"{place[0]}/put"),)) if "up" in path else given

    def keep(request):
        elsewhere.append(request)
        return Response({})

    other = echo.start(keep)
    moved = tuple((name, value.replace("http://127.0.0.1:9", other)) for name, value in put.headers)
    given, place = put._replace(headers=moved), [""]
    place[0] = echo.start(store)
    model = load(place[0], video="file", inline_bytes=0)
    (reply,) = model.respond([Prompt(text="What is it?", video=Medium(path=clips[0]))], max_tokens=9, seed=0)
    assert (reply.status, seen, elsewhere) == ("failed", ["/upload/files", "/put"], [])
    assert reason in reply.reason


def test_large_media_are_uploaded_and_deleted(load, clips):
    seen = []

    def store(request):
        path = re.sub(r"/v1\w*/", "/", request.path.partition("?")[0])
        seen.append((path, request.body))
        state = "ACTIVE" if path == "/files/f1" else "PROCESSING"
        file = {"name": "files/f1", "uri": "https://files/f1", "state": state, "mimeType": "video/mp4"}
        if path == "/upload/files":
            return Response({}, headers=(("X-Goog-Upload-URL", f"{address[0]}/put"),))
        if path == "/put":
            return Response({"file": file}, headers=(("X-Goog-Upload-Status", "final"),))
        return echo.echo(request) if path.endswith(":generateContent") else Response(file)

    address = [echo.start(store)]
    model = load(address[0], video="file", inline_bytes=0)
    (reply,) = model.respond([Prompt(text="What is it?", video=Medium(path=clips[0]))], max_tokens=9, seed=0)
    assert (reply.status, reply.text) == ("ok", "What is it?")
    paths = [path for path, _ in seen]
    assert paths == ["/upload/files", "/put", "/files/f1", "/models/m:generateContent", "/files/f1"]
    assert b"ftyp" in seen[1][1][:16]
    part = json.loads(seen[3][1])["contents"][0]["parts"][0]
    file = part["fileData"]
    assert (file.get("fileUri") or file.get("file_uri"), kind(file)) == ("https://files/f1", "video/mp4")
    assert part["videoMetadata"]["fps"] == pytest.approx(2 / 0.8)


def test_wrong_sources_are_one_line(monkeypatch):
    monkeypatch.delenv("GEMINI_API_KEY", raising=False)
    with pytest.raises(AvereError, match="set the environment variable GEMINI_API_KEY"):
        avere.load("gemini:m")
    with pytest.raises(AvereError, match="names no model"):
        avere.load("gemini:")
