"""Models behind an API at the command line: what it would cost, and where the money ends."""

import json

import pytest
from tests.oracles import echo_server as echo

from avere.records import Prediction, Question, jsonl

PRICES = "checked: 2026-01-01\ncurrency: EUR\nmodels:\n  m: {input: 0, output: 1000000}\n"
"""One word of an answer costs one euro."""


@pytest.fixture
def calls():
    return []


@pytest.fixture
def source(calls, tmp_path):
    """Return a model that says yes, on a server that notes every call."""

    def answer(request):
        calls.append(json.loads(request.body))
        return echo.Response(echo.completion(calls[-1], "Yes"))

    prices = tmp_path / "prices.yaml"
    prices.write_text(PRICES)
    address = echo.start(answer)
    return f"openai:m@{address}/v1?cache={tmp_path / 'replies.sqlite'}&prices={prices}&concurrency=1&wait=0"


@pytest.fixture
def two(data):
    """Return the benchmark with questions that differ: the same one twice would be paid for once."""
    first, second = jsonl.read(data / "questions.jsonl", Question)
    jsonl.write(
        data / "questions.jsonl", [first, second.model_copy(update={"text": "Do both tell the same?"})]
    )
    return data


def test_a_dry_run_tells_the_price_and_asks_nothing(command, two, source, calls, tmp_path):
    given = ("evaluate", "--model", source, "--data", two, "--out", tmp_path / "run", "--dry-run")
    said = command(*given, "--set", "closed_tokens=8")
    assert said.code == 0, said.err
    rows = {
        line.split("│")[1].strip(): line.split("│")[2].strip()
        for line in said.out.splitlines()
        if "│" in line
    }
    assert rows["calls"] == "2"
    assert rows["tokens of the replies, at most"] == "16"
    assert rows["price, about"] == "16 EUR"
    assert calls == []
    assert not (tmp_path / "run").exists()


def test_a_dry_run_of_a_local_model_is_refused(command, data, tmp_path):
    given = ("evaluate", "--model", "scripted:echo", "--data", data, "--out", tmp_path / "run", "--dry-run")
    assert "no model behind an API" in command(*given).err


def test_the_budget_ends_a_run_that_goes_on_later(command, two, source, calls, tmp_path):
    run = tmp_path / "run"
    given = ("evaluate", "--model", source, "--data", two, "--out", run, "--set", "closed_tokens=3")
    # An answer may cost three euros and costs one: after the first, 3.5 do not reach for another.
    said = command(*given, "--budget", "3.5")
    assert said.code == 2
    assert "1 questions got no answer" in said.err
    assert "budget of 3.5 EUR" in said.err
    assert [one.status for one in jsonl.read(run / "journal.jsonl", Prediction)] == ["ok"]
    assert command(*given, "--budget", "3.5").code == 0
    assert [one.status for one in jsonl.read(run / "journal.jsonl", Prediction)] == ["ok", "ok"]
    assert len(calls) == 2


def test_a_folder_is_asked_until_the_service_fails(command, source, calls, tmp_path):
    import numpy as np

    from avere import media

    for length, name in ((1600, "a"), (3200, "b")):
        media.write_sound(tmp_path / f"{name}.wav", np.zeros(length, dtype=np.float32), 16_000)
    out = tmp_path / "answers.csv"
    given = (
        "ask",
        tmp_path,
        "What is it?",
        "--model",
        f"{source}&budget=3.5",
        "--out",
        out,
        "--max-tokens",
        3,
    )
    said = command(*given)
    assert said.code == 2
    assert "budget" in said.err
    assert (out.read_text().count(",ok,"), out.read_text().count(",failed,not asked;")) == (1, 1)
    assert command(*given).code == 0
    assert (out.read_text().count(",ok,"), len(out.read_text().splitlines())) == (2, 3)
    assert len(calls) == 2
