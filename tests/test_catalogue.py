"""A folder of modules is the registry."""

import sys
from typing import Protocol

import pytest

from avere import catalogue
from avere.errors import AvereError


class Animal(Protocol):
    """What a module of the package below offers."""

    NAME: str


class Singer(Animal, Protocol):
    """What only some offer."""

    def sing(self) -> str:
        """Sing."""

    def __len__(self) -> int:
        """Count the notes; names with underscores are Python's."""


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
    assert catalogue.find(package, "dog", Animal).NAME == "dog"


@pytest.mark.parametrize("name", ["dgo", "_shared", "bird"])
def test_what_is_not_listed_is_not_found(package, name):
    with pytest.raises(AvereError, match=f"is called '{name}'"):
        catalogue.find(package, name, Animal)


def test_a_file_that_is_dropped_in_is_found(package, tmp_path):
    (tmp_path / package / "eel.py").write_text("NAME = 'eel'\n")
    assert "eel" in catalogue.names(package)


def test_a_module_that_breaks_its_contract_is_named_with_all_that_it_lacks(package, tmp_path):
    (tmp_path / package / "eel.py").write_text("sing = 'not to be called'\n")
    with pytest.raises(AvereError) as caught:
        catalogue.find(package, "eel", Singer)
    told = str(caught.value)
    assert told.startswith(f"'{tmp_path / package / 'eel.py'}' is no Singer, for it lacks NAME, sing;")
    assert "\n" not in told


def test_those_that_keep_a_contract_are_listed(package, tmp_path):
    (tmp_path / package / "eel.py").write_text("NAME = 'eel'\n\ndef sing():\n    return 'la'\n")
    assert catalogue.able(package, Animal) == ("cat", "dog", "eel")
    assert catalogue.able(package, Singer) == ("eel",)
