"""Reports of benchmarks beside EmoReAlM: their own measures in every form, no plots, no mixture."""

import csv

import pytest
from tests.benchmark import layouts

from avere.analyse import summarise
from avere.errors import AvereError
from avere.evaluate import evaluate
from avere.evaluate.recipe import Recipe
from avere.models import scripted
from avere.report.export import export


@pytest.fixture
def runs(tmp_path, donors):
    """Return a run of CMM and one of CREMA-D."""
    found = []
    for name in ("cmm", "crema_d"):
        data = tmp_path / name
        data.mkdir()
        getattr(layouts, name)(data, donors)
        out = tmp_path / "runs" / name
        evaluate(scripted.load("scripted:always-no"), data, out, recipe=Recipe(benchmark=name))
        summarise(out, draws=20)
        found.append(out)
    return found


def test_tables_hold_the_measures_of_the_benchmark(runs, tmp_path):
    with export(runs[:1], tmp_path / "cmm.csv", "csv").open(encoding="utf-8", newline="") as file:
        values = {row["measure"]: row["value"] for row in csv.DictReader(file)}
    assert (values["hallucination_resistance"], values["perception_accuracy"]) == ("100.0", "0.0")
    assert "Hallucination resistance" in export(runs[:1], tmp_path / "cmm.md", "markdown").read_text("utf-8")
    assert "WAR, accuracy" in export(runs[1:], tmp_path / "crema_d.html", "html").read_text("utf-8")


def test_refusals(runs, tmp_path):
    with pytest.raises(AvereError, match="there are no plots of cmm"):
        export(runs[:1], tmp_path / "cmm.png", "png")
    with pytest.raises(AvereError, match="of different benchmarks, cmm and crema_d"):
        export(runs, tmp_path / "both.csv", "csv")
