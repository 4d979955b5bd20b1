"""The fake annotator answers whole calls only, and the report says what was measured; no time is asserted."""

import asyncio
from typing import Any

import pytest

import annotate


@pytest.mark.parametrize(
    ("data", "length"),
    [
        (b"POST / HTTP/1.1\r\ncontent-LENGTH: 5\r\n\r\nabcde", 43),
        (b"GET / HTTP/1.1\r\n\r\n", 18),
        (b"POST", 0),
    ],
)
def test_length_of_a_call(data, length):
    assert annotate.call_length(data) == length


def test_a_server_in_another_process_answers_each_call():
    with annotate.served(0.0) as (port, server):
        took = asyncio.run(annotate.bare_client(port, calls=8, concurrency=4))
        assert annotate.server_seconds(server) >= 0
    assert took.bad == 0


def test_what_is_reported(monkeypatch, capsys, tmp_path):
    took = annotate.Took(wall_s=2.0, cpu_s=0.64, bad=0)
    each: dict[str, Any] = {"latency_s": 0.2, "calls": 640, "ideal_s": 2.0, "server_cpu_s": 0.064, "bad": 0}
    each |= {"bare": took._asdict() | {"share": 1.0}, "ours": took._asdict() | {"share": 0.5}}
    monkeypatch.setattr(annotate, "speed", lambda *_: each)
    monkeypatch.setattr(annotate, "memory", lambda _: {"resident_mb": {1000: 80.4}, "bad": 0})
    assert annotate.main(["--latency", "0.2", "--memory", "1000", "--json", str(tmp_path / "out.json")]) == 0
    said = capsys.readouterr().out
    assert "  200 ms     640      320   100%    50%     320       1.00       0.10  below 95%" in said
    assert "    1000 clips: 80 MB resident" in said
    assert (tmp_path / "out.json").is_file()


def test_our_annotator_is_asked():
    found = annotate.speed(0.001, annotate.parse(["--concurrency", "2", "--seconds", "0.002", "--cache"]))
    assert (found["calls"], found["bad"]) == (4, 0)
