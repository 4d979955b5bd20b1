"""The verb ``compare`` prints every difference and what to doubt, and writes all of it as JSON."""

import json

import pytest

from avere.analyse import Contrast


@pytest.fixture
def runs(data, tmp_path, command):
    for rule in ("always-yes", "always-no"):
        command("evaluate", "--model", f"scripted:{rule}", "--data", data, "--out", tmp_path / rule)
    return tmp_path / "always-yes", tmp_path / "always-no"


def test_two_runs(runs, tmp_path, command):
    said = command(
        "compare", *runs, "--draws", 100, "--label-error", 0.01, "--json", tmp_path / "n" / "c.json"
    )
    assert said.code == 0
    assert "Agreement, balanced" in said.out
    assert "(only 2 clips)" in said.out
    assert "sign flips of whole clips" in said.out
    found = Contrast.model_validate_json((tmp_path / "n" / "c.json").read_text(encoding="utf-8"))
    (task,) = found.tasks
    assert (task.first_only, task.second_only, task.p, task.odds_ratio) == (1, 1, 1.0, 1.0)
    assert (found.label_error, found.draws) == (0.01, 100)
    assert json.loads((tmp_path / "n" / "c.json").read_text(encoding="utf-8"))["condition"] == "av"


def test_several_seeds(runs, command):
    first, second = runs
    said = command("compare", f"{first},{second}", f"{second},{first}", "--draws", 50)
    assert (said.code, "2 seeds" in said.out, "by t" in said.out) == (0, True, True)


def test_a_mistake_is_one_line(runs, command):
    said = command("compare", *runs, "--condition", "text")
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert "no condition 'text'" in said.err
