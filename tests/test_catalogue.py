"""A folder of modules is the registry."""

import sys

import pytest

from avere import catalogue
from avere.errors import AvereError


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package with two public modules, a private one, a package and a data file."""
    folder = tmp_path / "animals_of_this_test"
    (folder / "zoo").mkdir(parents=True)
    for name in ("__init__", "dog", "cat", "_shared", "zoo/__init__"):
        (folder / f"{name}.py").write_text(f"NAME = {name!r}\n")
    (folder / "bird.yaml").write_text("wings: 2\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield folder.name
    for name in [name for name in sys.modules if name.startswith(folder.name)]:
        del sys.modules[name]


def test_names_are_public_modules_in_order(package):
    assert catalogue.names(package) == ("cat", "dog")


def test_find_imports_the_module(package):
    assert catalogue.find(package, "dog").NAME == "dog"


@pytest.mark.parametrize("name", ["dgo", "_shared", "bird"])
def test_what_is_not_listed_is_not_found(package, name):
    with pytest.raises(AvereError, match=f"is called '{name}'"):
        catalogue.find(package, name)


def test_a_file_that_is_dropped_in_is_found(package, tmp_path):
    (tmp_path / package / "eel.py").write_text("NAME = 'eel'\n")
    assert "eel" in catalogue.names(package)
