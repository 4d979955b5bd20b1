"""The four ways of answering agree at toy size, and all that is promised is written; no time is asserted."""

import json

import pytest

import answering
import evaluate

TOY = ["--model", "toy", "--clips", "2", "--questions", "2", "--threads", "1"]


def test_all_ways_give_the_same_answers(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(
        evaluate, "in_process", lambda _, name, words: evaluate.measure(name, evaluate.parse(words))
    )
    out = tmp_path / "out.json"
    assert evaluate.main([*TOY, "--json", str(out)]) == 0
    written = json.loads(out.read_text())
    assert list(written["ways"]) == list(answering.WAYS)
    spoken = written["ways"]["published"]["answers"]
    assert len(spoken) == 4
    assert any(spoken)
    assert written["ways"]["options"]["checked"]
    for found in written["ways"].values():
        assert {"cpu_s", "wall_s", "questions_per_s", "tokens", "products"} <= found.keys()
    for model in ("toy", "3b", "7b"):
        counted = {name: found["products"][model] for name, found in written["ways"].items()}
        assert counted["published"] > counted["cached"] > max(counted["replies"], counted["options"])
    printed = capsys.readouterr().out
    assert "replies over cached" in printed
    assert "answers agree" in printed


@pytest.mark.parametrize(
    ("name", "answers", "checked"), [("replies", ["c"], {}), ("options", ["A"], {"0": "B"})]
)
def test_other_answers_are_an_error(name, answers, checked):
    first = {"answers": ["a"], "checked": {}}
    assert evaluate.agreed({"published": first, "replies": first})
    assert not evaluate.agreed({"published": first, name: {"answers": answers, "checked": checked}})
