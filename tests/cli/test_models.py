"""The table names every kind of model, and what is missing where it is not installed."""

from avere import catalogue
from avere.cli import models
from avere.interfaces import ModelAbilities


def test_every_module_has_its_line(command):
    said = command("models")
    assert said.code == 0
    rows = {row.module: row for row in models.list_models()}
    assert tuple(rows) == catalogue.names("avere.models")
    assert rows["qwen_omni"].can == rows["avere_omni"].can == "ask, score, train, forest"
    assert rows["openai_compatible"].can == "ask"
    assert rows["scripted"].media == "none"


def test_what_is_missing_comes_with_its_remedy():
    abilities = ModelAbilities("x:MODEL", ("video",), needs=("no_such.thing", "json"), extra="api")
    row = models._describe("x", "about", abilities)
    assert row.installed == "no no_such.thing: in your copy of avere run: pip install '.[api]'"
    assert row.media == "video"


def test_a_module_that_fails_costs_no_other(monkeypatch):
    find = catalogue.find

    def failing(package, name, contract):
        if name == "gemini":
            raise ModuleNotFoundError("no google")
        return find(package, name, contract)

    monkeypatch.setattr(catalogue, "find", failing)
    rows = {row.module: row for row in models.list_models()}
    assert rows["gemini"].installed == "no: no google"
    assert rows["scripted"].installed == "yes"
