"""All ways of a step agree at toy size, and all that is promised is written; no time is asserted."""

import json

import pytest

import train_step
import variants
from avere.construct.pairs import pairs
from avere.construct.recipe import Pairs
from avere.records import jsonl

TOY = ["--shape", "toy", "--answer-tokens", "5", "--steps", "1", "--records", "2", "--threads", "1"]


@pytest.fixture
def here(monkeypatch):
    """Measure in this process, where no allocator can be chosen for the peak."""

    def run(_, name, words):
        if "--peak" in words:
            return {"peak_mb": 1.0}
        return train_step.measure(name, train_step.parse(words))

    monkeypatch.setattr(train_step, "in_process", run)


@pytest.mark.parametrize("target", ["audiovisual", "audio"])
def test_all_ways_give_the_same_step(target, here, tmp_path, capsys):
    out = tmp_path / "out.json"
    assert train_step.main([*TOY, "--target", target, "--json", str(out)]) == 0
    written = json.loads(out.read_text())
    assert list(written["variants"]) == list(variants.ALONE)
    assert written["agreement"] < 1e-4
    for found in written["variants"].values():
        assert {"cpu_s", "wall_s", "peak_mb", "records_per_s", "loss", "grad_norm"} <= found.keys()
        assert found["grad_norm"] > 0
    for shape in ("toy", "3b", "7b"):
        counted = [found["products"][shape] for found in written["variants"].values()]
        assert counted == sorted(counted, reverse=True)
    printed = capsys.readouterr().out
    assert "forest over stock" in printed
    assert "over 3 epochs" in printed
    assert "agree" in printed


def test_records_that_share_media_give_the_same_step_grouped(here, biased, tmp_path, capsys):
    made = pairs(biased.clips, biased.cues, Pairs(), seed=1).pairs
    jsonl.write(tmp_path / "pairs.jsonl", made)
    out = tmp_path / "out.json"
    given = ["--pairs", str(tmp_path / "pairs.jsonl"), "--pool", "8", "--records", "4", "--json", str(out)]
    chosen = ["--variants", "forest", "grouped", "grouped_cached"]
    assert train_step.main([*TOY, *given, *chosen]) == 0
    written = json.loads(out.read_text())
    assert written["agreement"] < 1e-5
    found = written["variants"]
    assert found["grouped"]["tokens"] < found["forest"]["tokens"]
    assert found["grouped_cached"]["products"]["7b"] < found["grouped"]["products"]["7b"]
    assert "grouped over forest" in capsys.readouterr().out


def test_ways_that_disagree_are_an_error(monkeypatch, capsys):
    values = iter([1.0, 1.1])

    def run(_, name, words):
        if "--peak" in words:
            return {"peak_mb": 1.0}
        products = dict.fromkeys(("toy", "3b", "7b"), 1.0)
        numbers = dict.fromkeys(("cpu_s", "wall_s", "peak_mb", "grad_norm", "tokens", "estimated_mb"), 1.0)
        return {**numbers, "loss": next(values), "fill": None, "products": products}

    monkeypatch.setattr(train_step, "in_process", run)
    assert train_step.main([*TOY, "--variants", "separate", "forest"]) == 1
    assert "DISAGREE" in capsys.readouterr().out
