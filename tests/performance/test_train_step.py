"""The four ways of a step agree at toy size, and all that is promised is written; no time is asserted."""

import json

import pytest

import train_step
import variants

TOY = ["--shape", "toy", "--answer-tokens", "5", "--steps", "1", "--records", "2", "--threads", "1"]


@pytest.fixture
def here(monkeypatch):
    """Measure in this process."""

    def run(_, name, words):
        return train_step.measure(name, train_step.parse(words))

    monkeypatch.setattr(train_step, "in_process", run)


@pytest.mark.parametrize("target", ["audiovisual", "audio"])
def test_all_ways_give_the_same_step(target, here, tmp_path, capsys):
    out = tmp_path / "out.json"
    assert train_step.main([*TOY, "--target", target, "--json", str(out)]) == 0
    written = json.loads(out.read_text())
    assert list(written["variants"]) == list(variants.NAMES)
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


def test_ways_that_disagree_are_an_error(monkeypatch, capsys):
    values = iter([1.0, 1.1])

    def run(_, name, words):
        products = dict.fromkeys(("toy", "3b", "7b"), 1.0)
        numbers = dict.fromkeys(("cpu_s", "wall_s", "peak_mb", "grad_norm", "tokens"), 1.0)
        return {**numbers, "loss": next(values), "fill": None, "products": products}

    monkeypatch.setattr(train_step, "in_process", run)
    assert train_step.main([*TOY, "--variants", "separate", "forest"]) == 1
    assert "DISAGREE" in capsys.readouterr().out
