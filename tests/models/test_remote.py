"""Against a server that fails: nothing is lost, nothing is asked twice, nothing costs more than it may."""

import asyncio
import gc
import logging
import re
import subprocess
import sys
import threading

import pytest

from avere.errors import AvereError
from avere.interfaces import Prompt
from avere.models.service.calls import Caller, RateLimiter
from avere.models.service.media import Sent
from avere.models.service.protocol import Call, ServiceAnswer, explain_code
from avere.records import Medium

from .fault_server import CUT, MALFORMED, NO_COMPLETION, PRICES, SCHEMA, failing, prompts, said


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
    model = make(attempts=99)
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
    replies = model.respond(prompts("one", "two", "three"), max_tokens=20, seed=0)
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
    missing = Prompt(text="What is it?", audio=Medium(path=tmp_path / "none.wav"))
    found = model.estimate([*prompts("one", "six letters", "six letters"), missing], max_tokens=20)
    assert (found.calls, found.kept, found.unusable) == (1, 2, 1)
    assert (found.input_tokens, found.output_tokens) == (16 + 4, 20)
    assert found.cost == pytest.approx(2 + 20)
    assert found.currency == "EUR"
    assert len(server.asked) == 1


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


def test_what_is_dropped_closes_its_connections_and_says_nothing(server, make, caplog, capfd):
    model = make()
    said(model, "one", "two")
    session = model.service._session
    del model
    gc.collect()
    assert session.closed
    assert not [one for one in caplog.records if one.levelno >= logging.WARNING]
    assert capfd.readouterr().err == ""


def test_a_kill_loses_no_reply_that_was_paid_for(server, make, tmp_path):
    code = f"""
import os, avere
from avere.interfaces import Ask
model = avere.load("openai:m@{server.address}/v1", cache={str(tmp_path / "replies.sqlite")!r}, concurrency=1)
for reply in model.respond([Ask(text="one"), Ask(text="two")], max_tokens=20, seed=0):
    os.kill(os.getpid(), 9)
"""
    subprocess.run([sys.executable, "-c", code], check=False, timeout=600)
    said(make(), "one", "two")
    assert server.words().count("one") == 1


def test_calls_start_so_far_apart_that_no_minute_holds_more_than_allowed():
    now, slept = [100.0], []

    async def sleep(seconds):
        slept.append(seconds)
        now[0] += seconds

    async def four():
        pace = RateLimiter(per_minute=30, clock=lambda: now[0], sleep=sleep)
        for _ in range(3):
            await pace.turn()
        pace.pause(10)
        await pace.turn()

    asyncio.run(four())
    assert slept == [2.0, 2.0, 10.0]


def test_a_slow_attempt_is_given_up_and_made_again(make):
    class Sluggish:
        model, address, calls = "m", "here", 0
        secret: str | None = None

        async def answer(self, call: Call) -> ServiceAnswer:
            del call
            self.calls += 1
            await asyncio.sleep(9 if self.calls == 1 else 0)
            return ServiceAnswer(text="at last")

        def explain(self, error: Exception) -> None:
            raise error

        async def close(self) -> None:
            pass

    caller = Caller(Sluggish(), make(timeout=0.02).options)
    answer = asyncio.run(caller.call(Call(Prompt(text=""), Sent(), 1, 0, None), lambda attempt: attempt()))
    assert answer.text == "at last"


def test_a_date_to_wait_for_is_understood():
    assert explain_code(503, "", {"retry-after": "Thu, 01 Jan 1970 00:00:00 GMT"}).after == 0
    assert explain_code(503, "", {"retry-after": "soon"}).after is None
