"""Services that are not believed too easily: flags, keys, missing counts, redirects, endless answers."""

import gzip

import pytest
from tests.oracles.echo_server import Response

from avere.models import openai_compatible

from .fault_server import CUT, KEY, MALFORMED, NO_COMPLETION, PRICES, FaultServer, failing, said


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (403, "Your chosen model requires moderation and your input was flagged for violence"),
        (403, "Rejected by our content policy"),
        (400, "The prompt triggered the content management policy"),
        (400, "not like this"),
        (422, "not like this"),
    ],
)
def test_one_flagged_input_is_refused_in_the_servers_words_and_closes_nothing(server, make, code, message):
    server.script.append(failing(code, message))
    first, second = said(make(concurrency=1), "one", "two")
    assert (first.status, second.status) == ("refused", "ok")
    assert first.reason is not None
    assert message in first.reason
    assert str(code) in first.reason


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (401, "Incorrect API key provided"),
        (401, "flagged"),
        (403, "Permission denied"),
        (403, ""),
        (400, "API key not valid. Please pass a valid API key."),
        (402, "pay first"),
        (404, "no such model"),
    ],
)
def test_a_refused_key_closes_the_door(server, make, code, message):
    server.script.append(failing(code, message))
    first, second = said(make(concurrency=1), "one", "two")
    assert (first.status, second.status) == ("failed", "failed")
    assert first.reason is not None
    assert second.reason is not None
    assert message in first.reason
    assert "not asked" in second.reason
    assert len(server.asked) == 1


@pytest.fixture
def key(monkeypatch):
    monkeypatch.setenv("MY_KEY", KEY)


def completion(content, end="stop", **more):
    """Return a completion without counts."""
    choice = {"message": {"content": content}, "finish_reason": end}
    return Response({"choices": [choice], **more})


def test_without_counts_the_budget_is_reached_all_the_same(server, make, tmp_path):
    """A prompt of 3 bytes counts 16 + 1 tokens, 1.7 EUR; a reply of 3 bytes 1 token, 1 EUR."""
    prices = tmp_path / "prices.yaml"
    prices.write_text(PRICES)
    server.script.extend([completion("yes") for _ in range(200)])
    model = make(budget=12.0, prices=prices, concurrency=1)
    replies = said(model, *(f"{number:03}" for number in range(200)), max_tokens=1)
    assert [reply.status for reply in replies[:5]] == ["ok"] * 4 + ["failed"]
    assert (len(server.asked), model.account.spent) == (4, pytest.approx(4 * 2.7))
    assert replies[0].usage is not None
    assert (replies[0].usage.input_tokens, replies[0].usage.output_tokens) == (17, 1)


@pytest.mark.parametrize(
    "counts", [None, {}, {"prompt_tokens": None, "completion_tokens": None}, {"prompt_tokens": 0}]
)
def test_counts_that_are_no_counts_are_estimated(server, make, counts):
    server.script.append(completion("yes", usage=counts))
    (reply,) = said(make(), "one")
    assert (reply.status, reply.usage.input_tokens, reply.usage.output_tokens) == ("ok", 17, 1)


def test_what_broke_off_is_paid_for_too(server, make, tmp_path):
    """Ten tokens asked and two said cost 3 EUR each time."""
    prices = tmp_path / "prices.yaml"
    prices.write_text(PRICES)
    counts = {"prompt_tokens": 10, "completion_tokens": 2}
    server.script.extend([completion("He", "abort", usage=counts), completion("He is", usage=counts)])
    model = make(budget=99.0, prices=prices)
    (reply,) = said(model, "one")
    assert (reply.text, reply.usage.cost, model.account.spent) == ("He is", 6.0, 6.0)


@pytest.mark.parametrize(
    ("lost", "counted"),
    [
        (completion("yes", "error", usage={"prompt_tokens": 10, "completion_tokens": 2}), 3.0),
        (completion(None, usage={"prompt_tokens": 10, "completion_tokens": 2}, choices=[]), 3.0),
        (Response({"error": "no", "usage": {"prompt_tokens": 10, "completion_tokens": 2}}, 500), 3.0),
        (CUT, 3.7),
        (MALFORMED, 3.7),
        (NO_COMPLETION, 3.7),
        (failing(504), 3.7),
        (failing(500), 0.0),
        (failing(429, retry_after="0"), 0.0),
    ],
    ids=["broken off", "no choice", "500 with counts", "cut", "malformed", "none", "gateway", "500", "429"],
)
def test_attempts_that_brought_nothing_stay_within_the_budget(server, make, tmp_path, lost, counted):
    """At most 17 tokens are asked and 2 said: 3.7 EUR an attempt; 10 EUR reach for two lost ones."""
    prices = tmp_path / "prices.yaml"
    prices.write_text(PRICES)
    server.script.extend([lost] * 9)
    model = make(budget=10.0, prices=prices, concurrency=1, attempts=9)
    (reply,) = said(model, "one", max_tokens=2)
    attempts = 9 if not counted else 1 + int((10.0 - 3.7) / counted)
    assert (reply.status, len(server.asked)) == ("failed", attempts)
    assert model.account.spent == pytest.approx(attempts * counted)
    assert model.account.spent <= 10.0
    assert ("budget of 10 EUR does not reach" in reply.reason) == (counted > 0)


def test_a_server_that_is_not_there_costs_nothing(tmp_path):
    prices = tmp_path / "prices.yaml"
    prices.write_text(PRICES)
    how = {"prices": prices, "budget": 9.0, "wait": 0, "cache": None}
    model = openai_compatible.load("openai:m@http://127.0.0.1:9/v1", **how)
    (reply,) = said(model, "one", max_tokens=2)
    assert (reply.status, model.account.spent) == ("failed", 0.0)
    assert "broke" in reply.reason


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize(
    "secret", [KEY, KEY[:20], KEY[-9:], f"{KEY[:8]}...{KEY[-8:]}", KEY[9:17], f"({KEY[5:16]}) {KEY[12:25]}"]
)
@pytest.mark.parametrize(
    "echo",
    [
        lambda text: failing(401, f"the key {text} is wrong"),
        lambda text: failing(400, "x" * 480 + text),
        lambda text: failing(500, text),
        lambda text: Response({"detail": text}, 418),
        lambda text: Response(text.encode(), 418),
        lambda text: Response({}, 307, (("Location", f"http://other/?key={text}"),)),
        completion,
        lambda text: completion(None, error={"message": text}),
        lambda text: completion("I", "error", error={"message": text}),
        lambda text: Response({"choices": [{"message": {"refusal": text}}]}),
    ],
)
def test_the_key_shows_nowhere_whole_or_cut(server, make, tmp_path, capfd, secret, echo):
    server.script.extend([echo(secret)] * 2)
    model = make(key_variable="MY_KEY", concurrency=1, attempts=2)
    replies = said(model, "one", "two")
    seen = [repr(replies), repr(vars(model)), *capfd.readouterr()]
    seen += [path.read_bytes().decode("latin-1") for path in tmp_path.rglob("*") if path.is_file()]
    for piece in (KEY[start : start + 8] for start in range(len(KEY) - 7)):
        assert not any(piece in text for text in seen)


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_no_redirect_is_followed(server, make, code):
    other = FaultServer()
    place = (("Location", f"{other.address}/v1/chat/completions"),)
    server.script.append(Response({}, code, place))
    first, second = said(make(concurrency=1), "one", "two")
    assert (first.status, second.status, other.asked) == ("failed", "failed", [])
    assert f"sends calls on to {other.address}" in first.reason
    assert "not asked" in second.reason


@pytest.mark.parametrize("packed", [False, True])
def test_an_endless_answer_is_not_read(server, make, packed):
    body = b'{"choices": [{"message": {"content": "' + b"x" * (33 * 2**20) + b'"}}]}'
    headers = (("Content-Encoding", "gzip"),) if packed else ()
    server.script.append(Response(gzip.compress(body, 1) if packed else body, headers=headers))
    first, second = said(make(concurrency=1), "one", "two")
    assert (first.status, second.status) == ("failed", "ok")
    assert first.reason == "the server's answer is longer than 32 MiB, which no reply needs"
