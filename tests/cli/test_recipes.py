"""Recipes are listed, shown, copied and checked."""

import pytest

from avere import settings
from avere.cli import recipes
from avere.recipes import list_shipped


class Recipe(settings.Settings):
    beta: float


@pytest.fixture(autouse=True)
def shelf(tmp_path, monkeypatch):
    """Replace the recipes of the package by one, and what recipes are read as by one number."""
    file = tmp_path / "package" / "train" / "careful.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("# A careful run.\nbeta: 0.1\n")
    monkeypatch.setattr("avere.recipes.__path__", [str(tmp_path / "package")])
    monkeypatch.setattr(recipes, "schema", lambda _kind: Recipe)
    return file


def test_ls_prints_kind_name_and_first_comment(command):
    assert command("recipes", "ls").out.split(maxsplit=2) == ["train", "careful", "A careful run.\n"]


@pytest.mark.parametrize("name", ["careful", "careful.yaml", "train/careful"])
def test_show_prints_the_file_itself(command, shelf, name):
    assert command("recipes", "show", name).out == shelf.read_text()


def test_an_unknown_name_gets_a_suggestion(command):
    said = command("recipes", "show", "carefull")
    assert said.code == 2
    assert "did you mean 'careful'? Known: careful" in said.err


def test_copy_never_overwrites(command, shelf, workplace):
    assert command("recipes", "copy", "careful").code == 0
    assert (workplace / "careful.yaml").read_text() == shelf.read_text()
    said = command("recipes", "copy", "careful")
    assert said.code == 2
    assert "is not overwritten" in said.err
    assert command("recipes", "copy", "careful", "nowhere/mine.yaml").code == 2


def test_check_reads_the_recipe(command, workplace):
    assert "a valid train recipe" in command("recipes", "check", "careful").out
    (workplace / "mine.yaml").write_text("beta: high\ngamma: 1\n")
    said = command("recipes", "check", "mine.yaml", "--kind", "train")
    assert said.code == 2
    assert "beta:" in said.err
    assert "gamma:" in said.err


def test_overrides_are_checked_too(command):
    assert command("recipes", "check", "careful", "--set", "beta=0.2").code == 0
    assert command("recipes", "check", "careful", "--set", "beta=low").code == 2


def test_the_kind_is_found_out_or_asked_for(command, workplace):
    copy, own = workplace / "careful.yaml", workplace / "own.yaml"
    for file in (copy, own):
        file.write_text("beta: 1\n")
    (workplace / "said.yaml").write_text("# Mine.\nkind: study\n")
    assert recipes.kind_of(workplace / "said.yaml") == "study"
    assert recipes.kind_of(copy) == "train"
    assert "add --kind" in command("recipes", "check", own).err
    assert "no kind of recipe is called 'trian'" in command("recipes", "check", own, "--kind", "trian").err


def test_settings_for_launching_are_shown_and_copied_but_are_no_recipes(command, shelf, workplace):
    file = shelf.parent.parent / "accelerate" / "ddp.yaml"
    file.parent.mkdir()
    file.write_text("# accelerate: many.\nnum_processes: 8\n")
    assert "accelerate: many." in command("recipes", "ls").out
    assert command("recipes", "show", "ddp").out == file.read_text()
    assert command("recipes", "copy", "ddp").code == 0
    assert list(list_shipped()) == ["careful"]
    assert command("recipes", "check", "ddp").code == 2
