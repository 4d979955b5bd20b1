"""Every benchmark on the whole road: a folder as it is on disk, one command, a summary, a table."""

import json

import pytest
from tests.benchmark import layouts

from avere import catalogue

NAMES = [name for name in catalogue.names("avere.benchmark") if name != "emorealm"]


@pytest.mark.parametrize("name", NAMES)
def test_from_folder_to_table(name, workplace, donors, command):
    data = workplace / "data"
    data.mkdir()
    layout = getattr(layouts, name)(data, donors)
    extra = [f"--set=data.{key}={value}" for key, value in layout.data.items()]
    said = command(
        "evaluate", "--model", "scripted:always-yes", "--recipe", name, "--data", data, "--out", "run", *extra
    )
    assert said.code == 0, said.err
    assert "95 % intervals" in said.out
    summary = json.loads((workplace / "run/summary.json").read_text(encoding="utf-8"))
    assert summary["benchmark"] == name
    numbers = summary["conditions"]["av"]
    assert numbers["questions"] == layout.questions == sum(numbers["status"].values())
    assert "unscored" in numbers["measures"]
    again = command("score", "run", "--draws", "20", "--parser", "lenient")
    assert again.code == 0, again.err
    compared = command("compare", "run", "run", "--draws", "20")
    assert compared.code == 0, compared.err


def test_people_stand_beside_the_model(workplace, donors, command):
    data = workplace / "data"
    data.mkdir()
    layouts.crema_d(data, donors)
    said = command(
        "evaluate", "--model", "scripted:echo", "--recipe", "crema_d", "--data", data, "--out", "run"
    )
    assert said.code == 0, said.err
    assert all(number in said.out for number in ("People", "40.9", "58.2", "63.6"))


def test_a_fault_of_the_data_section_is_one_line(workplace, command):
    said = command(
        "evaluate", "--model=scripted:echo", "--recipe=dfew", "--data=.", "--out=run", "--set=data.fold=9"
    )
    assert said.code == 2
    assert "data of dfew: fold" in said.err
