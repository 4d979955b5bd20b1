"""The whole road on a CPU: clips, pairs, base, DPO, AVEm-DPO, evaluation, report; stopped and resumed."""

import json

import pytest

from avere.cli.main import run
from avere.models import tiny

WORDS = ["Does the face look happy because of the broad smile? (A) Yes (B) No The voice sounds sad."]


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    folder = tmp_path_factory.mktemp("journey")
    tiny.build(tiny.smallest(), WORDS, folder / "model", seed=0)
    arguments = ["demo", "--out", str(folder / "demo"), "--json", str(folder / "numbers.json")]
    for change in (f"base={folder / 'model'}", "pairs.clips=8", "test.clips=6", "records=16"):
        arguments += ["--set", change]
    return folder, arguments, run(arguments)


def test_the_road_ends_with_numbers_for_every_arm(said):
    folder, _, code = said
    assert code == 0
    numbers = json.loads((folder / "numbers.json").read_text())
    assert set(numbers) == {"base", "dpo", "avem_dpo", "seconds"}
    for arm in ("base", "dpo", "avem_dpo"):
        found = numbers[arm]["stress_score"]
        assert set(found) == {"value", "low", "high", "n", "reason"}
        assert found["reason"] == "only 6 clips"
        assert found["n"] > 0
    assert "train and evaluate avem_dpo, seed 0" in numbers["seconds"]


def test_the_report_and_the_table_name_every_arm(said):
    folder, _, _ = said
    page = (folder / "demo" / "report.html").read_text()
    table = (folder / "demo" / "table.md").read_text()
    for arm in ("base", "dpo", "avem_dpo"):
        assert arm in page
        assert arm in table


def test_a_second_run_does_nothing_again_and_prints_the_same(said, capsys):
    folder, arguments, _ = said
    times = (folder / "demo" / "stages.json").read_bytes()
    summary = (folder / "demo" / "runs" / "base" / "summary.json").read_bytes()
    assert run(arguments) == 0
    assert (folder / "demo" / "stages.json").read_bytes() == times
    assert (folder / "demo" / "runs" / "base" / "summary.json").read_bytes() == summary
    assert "avere ablate method" in capsys.readouterr().out


def test_another_recipe_is_refused_in_the_same_folder(said, capsys):
    _, arguments, _ = said
    assert run([*arguments, "--set", "records=8"]) == 2
    assert "another recipe" in capsys.readouterr().err
