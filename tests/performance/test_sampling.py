"""Both ways of drawing answers draw as many tokens at toy size, and all that is promised is written."""

import json

import pytest

import sampling

TOY = [
    *("--model", "toy", "--clips", "1", "--prompts", "2", "--count", "2", "--tokens", "3", "--threads", "1")
]


def test_both_ways_draw_the_same_number_of_tokens(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(
        sampling, "in_process", lambda _, name, words: sampling.measure(name, sampling.parse(words))
    )
    out = tmp_path / "out.json"
    assert sampling.main([*TOY, "--json", str(out)]) == 0
    written = json.loads(out.read_text())
    assert list(written["ways"]) == ["generate", "sample"]
    assert {each["answers"] for each in written["ways"].values()} == {4}
    rates = [each["answers_per_s"] for each in written["ways"].values()]
    assert written["ratio"] == pytest.approx(rates[1] / rates[0])
    assert "times as many answers a second" in capsys.readouterr().out
