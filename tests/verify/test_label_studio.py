"""Tasks for Label Studio, and its export read back into the same verdicts."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from avere.errors import AvereError
from avere.verify.import_verdicts import import_verdicts, read_participants, read_verdicts
from avere.verify.project import SERVED, read_project

from .conftest import HOSTILE


@pytest.fixture
def labels(asked, command, tmp_path):
    out = tmp_path / "labels"
    said = command("verify", "export", "label-studio", asked / "data", "--out", out, "--media", "https://x/m")
    assert (said.code, said.out.splitlines()[0]) == (0, "5 tasks")
    return out


def annotate(labels, who, choose):
    """Write what Label Studio exports of one annotator."""
    tasks = json.loads((labels / SERVED / "tasks.json").read_text())
    project = read_project(labels)
    rows = []
    for task in tasks:
        result = [
            {"from_name": "answer", "value": {"choices": [choose(project.items[task["data"]["item"]])]}},
            {"from_name": "keep", "value": {"choices": ["keep"]}},
            {"from_name": "note", "value": {"text": ["fine"]}},
        ]
        annotation = {
            "result": result,
            "completed_by": who,
            "lead_time": 9.5,
            "created_at": "2026-01-01T00:00:00Z",
        }
        rows.append({"data": task["data"], "annotations": [annotation]})
    return rows


def put(labels, name, text):
    folder = labels / SERVED / "exports"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text)


def right(item):
    return "ABCD"[item.order.index(item.question.answer)]


def test_tasks_tell_nothing_and_options_are_plain_data(labels):
    text = (labels / SERVED / "tasks.json").read_text()
    tasks = json.loads(text)
    assert {frozenset(task["data"]) for task in tasks} == {frozenset({"item", "clip", "question", "options"})}
    for item in read_project(labels).items.values():
        assert item.question.id not in text
        assert item.question.clip not in text
    assert any(task["data"]["question"] == HOSTILE for task in tasks)
    assert all(task["data"]["clip"].startswith(("<video src=", "<audio src=")) for task in tasks)
    root = ElementTree.fromstring((labels / SERVED / "labels.xml").read_text())
    assert [one.get("name") for one in root.iter("Choices")] == ["answer", "keep", "flags"]


def test_exports_come_back_as_verdicts(labels):
    rows = annotate(labels, 7, right) + annotate(labels, {"id": 12, "email": "who@example.org"}, right)
    put(labels, "export.json", json.dumps(rows))
    found = import_verdicts(labels)
    assert (found.verdicts, found.people) == (10, {"counted": 2})
    assert set(read_participants(labels)) == {"p0007", "p0012"}
    answers = {one.question.id: one.question.answer for one in read_project(labels).items.values()}
    assert all((one.answer, one.note) == (answers[one.question], "fine") for one in read_verdicts(labels))
    text = "".join(file.read_text() for file in (labels / "results").iterdir())
    assert "example.org" not in text


def test_what_the_program_itself_exports_is_read(labels):
    """Read an export of Label Studio 1.23.2, whose five tasks were answered in a browser."""
    put(labels, "export.json", Path(__file__).with_name("label_studio_export.json").read_text())
    assert import_verdicts(labels).people == {"counted": 1}
    items = read_project(labels).items
    told = {one.question: one for one in read_verdicts(labels)}
    read = [told[items[f"i{number:06}"].question.id] for number in range(1, 6)]
    orders = [items[f"i{number:06}"].order for number in range(1, 6)]
    chosen = (0, 1, None, 0, 1)
    places = [None if place is None else order[place] for place, order in zip(chosen, orders, strict=True)]
    assert [one.answer for one in read] == places
    assert [one.keep for one in read] == [True, False, True, False, True]
    assert [one.flags for one in read] == [(), ("broken", "gives_away"), (), ("gives_away",), ()]
    note = "n\u00f6te {} <b> \u05d0\u05d1"
    assert [one.note for one in read] == [note, "", "", note, ""]
    assert all(one.seconds is not None and one.seconds > 3 for one in read)


@pytest.mark.parametrize(
    "damage", ["{}", '[{"data": {}}]', '[{"data": {"item": "i"}, "annotations": [{}]}]', "[", "7"]
)
def test_what_is_no_export_is_one_line(labels, damage):
    put(labels, "export.json", damage)
    if damage == "{}":
        assert import_verdicts(labels).verdicts == 0
        return
    with pytest.raises(AvereError, match="export the project as JSON once more"):
        import_verdicts(labels)
