"""Against a server that fails: nothing is lost, nothing is asked twice, nothing costs more than it may."""

import asyncio
import base64
import logging
import re
import threading
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

import avere
from avere import media
from avere.errors import AvereError
from avere.interfaces import Ask, Exchange
from avere.models._remote_calls import Caller, Pace
from avere.models._remote_media import Sent
from avere.models._remote_service import Answer, Call, of_code
from avere.records import Corruption, Medium

from .fault_server import CUT, MALFORMED, NO_COMPLETION, FaultServer, Response, failing

KEY = "sk-this-is-a-secret-1234567890"
PRICES = "checked: 2026-01-01\ncurrency: EUR\nmodels:\n  m: {input: 100000, output: 1000000}\n"
"""Ten words an euro to ask, one word an euro to answer."""
SCHEMA = {"type": "object", "properties": {"emotion": {"type": "string"}}, "required": ["emotion"]}


@pytest.fixture
def server():
    server = FaultServer()
    yield server
    server.over.set()


@pytest.fixture
def make(server, tmp_path):
    """Return a function that loads a model of the server; the cache is one file in all."""

    def load(**options):
        given = {"cache": tmp_path / "replies.sqlite", "wait": 0, "timeout": 30, "concurrency": 3}
        return avere.load(f"openai:m@{server.address}/v1", **(given | options))

    return load


def asks(*texts):
    return [Ask(text=text) for text in texts]


def said(model, *texts, max_tokens=20, **how):
    """Return the replies in the order of the asks."""
    replies = list(model.respond(asks(*texts), max_tokens=max_tokens, seed=0, **how))
    assert sorted(reply.index for reply in replies) == list(range(len(texts)))
    return sorted(replies, key=lambda reply: reply.index)


@pytest.mark.parametrize(
    "fault",
    [
        failing(429, retry_after="0"),
        failing(500),
        failing(503),
        CUT,
        MALFORMED,
        NO_COMPLETION,
    ],
    ids=["429", "500", "503", "cut", "malformed", "no completion"],
)
def test_what_passes_is_asked_again(server, make, fault):
    server.script.extend([fault, fault])
    (reply,) = said(make(), "Is it rain?")
    assert (reply.status, reply.text) == ("ok", "Is it rain?")
    assert len(server.asked) == 3
    assert server.asked[0] == server.asked[1] == server.asked[2]


@pytest.mark.parametrize(
    ("fault", "status", "reason"),
    [
        (failing(500, "out of order"), "failed", "failed with 500: .*out of order"),
        (failing(429, retry_after="0"), "failed", "failed with 429"),
        (failing(429, retry_after="99999"), "failed", "failed with 429"),
        (CUT, "failed", "connection to .* broke"),
        (MALFORMED, "failed", "cannot be read"),
        (failing(400, "too long"), "refused", "refused the call with 400: .*too long"),
        ("slow", "timeout", "no answer within 0.05 s"),
    ],
    ids=["500", "429", "429 for a day", "cut", "malformed", "400", "slow"],
)
def test_what_does_not_pass_is_told(server, make, fault, status, reason):
    server.script.extend([fault, fault])
    (reply,) = said(make(attempts=2, timeout=0.05 if fault == "slow" else 30), "one")
    assert (reply.status, reply.text, reply.usage) == (status, "", None)
    assert re.search(reason, reply.reason)


def test_nothing_is_lost_and_nothing_asked_twice(server, make):
    server.script.extend([failing(500), "ok", CUT, failing(429, retry_after="0"), MALFORMED] * 3)
    texts = [f"question {number}" for number in range(20)]
    model = make()
    assert {reply.status for reply in said(model, *texts, *texts)} == {"ok"}
    assert len(server.asked) == 20 + 12
    assert set(server.words()) == set(texts)
    again = said(model, *texts)
    assert len(server.asked) == 32
    assert all(reply.usage.cached and reply.usage.cost == 0 for reply in again)


def test_replies_bear_the_place_of_their_ask(server, make):
    texts = [f"question {number}" for number in range(9)]
    assert [reply.text for reply in said(make(), *texts)] == texts


def test_no_more_calls_at_a_time_than_allowed(server, make):
    server.gathering = threading.Barrier(4)
    said(make(concurrency=4), *[f"question {number}" for number in range(12)])
    assert server.most_at_a_time == 4


def test_a_stopped_run_leaves_nothing_under_way_and_pays_for_nothing_twice(server, make):
    model = make(concurrency=1)
    replies = model.respond(asks("one", "two", "three"), max_tokens=20, seed=0)
    next(replies)
    replies.close()
    said(model, "one", "two", "three")
    assert server.words().count("one") == 1


def test_a_changed_ask_is_asked_and_nothing_else(server, make, tmp_path):
    said(make(), "one", "two")
    said(make(), "one", "two changed")
    assert server.words() == ["one", "two", "two changed"] or server.words() == ["two", "one", "two changed"]
    for how in ({"max_tokens": 7}, {"schema": SCHEMA}, {"max_tokens": 7, "schema": SCHEMA}):
        said(make(), "one", **how)
        said(make(), "one", **how)
    said(make(temperature=1), "one")
    said(make(frames=9), "one")
    assert len(server.asked) == 8
    said(make(cache=None), "one")
    said(make(cache=tmp_path / "another"), "one")
    assert len(server.asked) == 10


def test_tokens_and_costs_are_counted(server, make, tmp_path):
    (tmp_path / "prices.yaml").write_text(PRICES)
    model = make(prices=tmp_path / "prices.yaml")
    (reply,) = said(model, "five words are asked here", max_tokens=2)
    assert (reply.usage.input_tokens, reply.usage.output_tokens) == (5, 2)
    assert reply.usage.cost == pytest.approx(0.5 + 2)
    assert model.account.spent == pytest.approx(2.5)
    assert make().account.cost is not None
    assert said(make(), "another")[0].usage.cost is None


def test_the_budget_stops_cleanly(server, make, tmp_path):
    (tmp_path / "prices.yaml").write_text(PRICES)
    model = make(prices=tmp_path / "prices.yaml", budget=10)
    # An ask is set aside at 19 tokens and 1 word: 1.9 + 1; it costs 0.1 + 1. So 1.1 n + 2.9 <= 10 for n <= 6.
    texts = [f"word{number}" for number in range(12)]
    replies = said(model, *texts, max_tokens=1)
    assert [reply.status for reply in replies].count("ok") == len(server.asked) == 7
    assert model.account.spent == pytest.approx(7.7)
    late = [reply for reply in replies if reply.status != "ok"]
    assert {reply.status for reply in late} == {"failed"}
    assert "budget of 10 EUR does not reach: 7.7 are spent" in late[0].reason
    more = said(make(prices=tmp_path / "prices.yaml", budget=10), *texts, max_tokens=1)
    assert {reply.status for reply in more} == {"ok"}
    assert len(server.asked) == 12


def test_a_budget_needs_a_price(make):
    with pytest.raises(AvereError, match="no price of 'm' is known"):
        make(budget=1)


def test_estimates_send_nothing(server, make, tmp_path):
    (tmp_path / "prices.yaml").write_text(PRICES)
    model = make(prices=tmp_path / "prices.yaml")
    said(model, "one")
    missing = Ask(text="What is it?", audio=Medium(path=tmp_path / "none.wav"))
    found = model.estimate([*asks("one", "six letters", "six letters"), missing], max_tokens=20)
    assert (found.calls, found.kept, found.unusable) == (1, 2, 1)
    assert (found.input_tokens, found.output_tokens) == (16 + 4, 20)
    assert found.cost == pytest.approx(2 + 20)
    assert found.currency == "EUR"
    assert len(server.asked) == 1


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


def test_a_closed_door_is_not_knocked_at_again(server, make):
    server.script.append(failing(401, "who are you?"))
    replies = said(make(concurrency=1), "one", "two", "three")
    assert [reply.status for reply in replies] == ["failed"] * 3
    assert "not asked, because before" in replies[2].reason
    assert len(server.asked) == 1


def test_after_three_failures_nothing_is_sent_for_a_while(server, make):
    server.script.extend([failing(500)] * 99)
    replies = said(make(concurrency=1, attempts=2), *"abcdefgh")
    assert {reply.status for reply in replies} == {"failed"}
    assert len(server.asked) == 6


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


def test_wrong_sources_are_one_line(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    for source, reason in [
        ("openai:", "names no model"),
        ("openai:m", "set the environment variable OPENAI_API_KEY"),
        (f"openai:m@http://user:{KEY}@host/v1", "must be a plain URL"),
        (f"openai:m@http://127.0.0.1:1/v1?api_key={KEY}", "api_key: Extra inputs"),
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
    both = Ask(
        text="What is it?",
        video=Medium(path=clips[0]),
        audio=Medium(path=clips[0], corruption=blank),
        history=(Exchange(text="Hello", response="Hi"),),
    )
    dark = Ask(text="What is it?", video=Medium(path=clips[0], corruption=blank))
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


def pixels(part):
    content = base64.b64decode(part["image_url"]["url"].removeprefix("data:image/jpeg;base64,"))
    return np.asarray(Image.open(BytesIO(content)))


def test_a_film_has_no_sound(server, make, clips, tmp_path):
    ask = Ask(text="What is it?", video=Medium(path=clips[0]))
    (reply,) = make(video="file", frames=4).respond([ask], max_tokens=9, seed=0)
    assert reply.status == "ok"
    part = server.asked[0]["messages"][0]["content"][0]
    url = part["video_url"]["url"].removeprefix("data:video/mp4;base64,")
    film = tmp_path / "film.mp4"
    film.write_bytes(base64.b64decode(url))
    found = media.probe(film)
    assert (found.has_audio, found.frame_count) == (False, 4)
    assert found.video_seconds == pytest.approx(media.probe(clips[0]).video_seconds, abs=0.01)


def test_media_that_cannot_be_read_are_told(server, make, clips, tmp_path):
    missing = Ask(text="What is it?", video=Medium(path=tmp_path / "none.mp4"))
    there = Ask(text="What is it?", video=Medium(path=clips[0]))
    replies = list(make(frames=1).respond([missing, there], max_tokens=9, seed=0))
    assert sorted((reply.index, reply.status) for reply in replies) == [(0, "media error"), (1, "ok")]
    assert len(server.asked) == 1


def test_calls_start_so_far_apart_that_no_minute_holds_more_than_allowed():
    now, slept = [100.0], []

    async def sleep(seconds):
        slept.append(seconds)
        now[0] += seconds

    async def four():
        pace = Pace(per_minute=30, clock=lambda: now[0], sleep=sleep)
        for _ in range(3):
            await pace.turn()
        pace.pause(10)
        await pace.turn()

    asyncio.run(four())
    assert slept == [2.0, 2.0, 10.0]


def test_a_slow_attempt_is_given_up_and_made_again(make):
    class Sluggish:
        calls = 0

        async def answer(self, _call):
            self.calls += 1
            await asyncio.sleep(9 if self.calls == 1 else 0)
            return Answer(text="at last")

        def error(self, _error):
            return None

    caller = Caller(Sluggish(), make(timeout=0.02).options)
    answer = asyncio.run(caller.call(Call(Ask(text=""), Sent(), 1, 0, None)))
    assert answer.text == "at last"


def test_a_date_to_wait_for_is_understood():
    assert of_code(503, "", {"retry-after": "Thu, 01 Jan 1970 00:00:00 GMT"}).after == 0
    assert of_code(503, "", {"retry-after": "soon"}).after is None
