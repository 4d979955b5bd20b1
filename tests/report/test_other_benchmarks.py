"""Reports of benchmarks beside EmoReAlM: their own measures in every form, no mixture."""

import csv

import pytest
from tests.benchmark import layouts

from avere import catalogue
from avere.analyse import families, read_run, read_summary, read_table, summarise_run
from avere.errors import AvereError
from avere.evaluate import evaluate_model
from avere.evaluate.recipe import EvaluationRecipe
from avere.models import scripted
from avere.report.export import export_tables


@pytest.fixture
def runs(tmp_path, donors):
    """Return a run of CMM and one of CREMA-D."""
    found = []
    for name in ("cmm", "crema_d"):
        data = tmp_path / name
        data.mkdir()
        getattr(layouts, name)(data, donors)
        out = tmp_path / "runs" / name
        evaluate_model(
            scripted.load("scripted:always-no"), data, out, recipe=EvaluationRecipe(benchmark=name)
        )
        summarise_run(out, draws=20)
        found.append(out)
    return found


def test_tables_hold_the_measures_of_the_benchmark(runs, tmp_path):
    with export_tables(runs[:1], tmp_path / "cmm.csv", "csv").open(encoding="utf-8", newline="") as file:
        values = {row["measure"]: row["value"] for row in csv.DictReader(file)}
    assert (values["hallucination_resistance"], values["perception_accuracy"]) == ("100.0", "0.0")
    assert "Hallucination resistance" in export_tables(runs[:1], tmp_path / "cmm.md", "markdown").read_text(
        "utf-8"
    )
    assert "WAR, accuracy" in export_tables(runs[1:], tmp_path / "crema_d.html", "html").read_text("utf-8")


@pytest.mark.parametrize("name", [one for one in catalogue.names("avere.benchmark") if one != "emorealm"])
def test_every_form_of_every_benchmark(name, tmp_path, donors):
    data = tmp_path / "data"
    data.mkdir()
    layout = getattr(layouts, name)(data, donors)
    run = tmp_path / "run"
    recipe = EvaluationRecipe(benchmark=name, data=layout.data)
    evaluate_model(scripted.load("scripted:always-yes"), layout.folder, run, recipe=recipe)
    summarise_run(run, draws=20)
    family = families.of(read_table(read_run(run)))
    titles = [family.measures[one].title for one in family.headline]
    known = read_summary(run).conditions["av"].measures
    with export_tables([run], tmp_path / "r.csv", "csv").open(encoding="utf-8", newline="") as file:
        rows = {row["measure"] for row in csv.DictReader(file) if row["condition"] == "av"}
    assert rows == {one for one in known if known[one].value is not None}
    latex = export_tables([run], tmp_path / "r.tex", "latex").read_text(encoding="utf-8")
    page = export_tables([run], tmp_path / "r.html", "html").read_text(encoding="utf-8")
    for one, title in zip(family.headline, titles, strict=True):
        if known[one].value is not None:
            assert title.replace("_", r"\_").replace("&", r"\&") in latex
            assert title in page.partition('<section id="plots">')[2]
    assert export_tables([run], tmp_path / "r.png", "png").read_bytes().startswith(b"\x89PNG")


def test_refusals(runs, tmp_path):
    with pytest.raises(AvereError, match="of different benchmarks, cmm and crema_d"):
        export_tables(runs, tmp_path / "both.csv", "csv")
