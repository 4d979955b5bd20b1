"""People stand beside runs: task by task, both their numbers, nothing of tasks that no run was asked."""

import pytest

from avere.analyse.intervals import Interval
from avere.analyse.people import HumanAccuracy
from avere.errors import AvereError, RecordError
from avere.records import jsonl
from avere.report.export import export_tables
from avere.report.page import write_page


def measured(value, low, high, n):
    return Interval(value=value, low=low, high=high, n=n)


@pytest.fixture
def accepted(tmp_path):
    rows = [
        HumanAccuracy(
            task=task,
            asked=measured(83.25, 80.0, 86.5, 120),
            accepted=measured(91.5, 89.0, 94.0, 96),
            questions=32,
            clips=24,
            detectable=12.5,
        )
        for task in ("reasoning_stress_video", "is_the_cue_there", "all")
    ]
    jsonl.write(tmp_path / "accepted/people.jsonl", rows)
    return tmp_path / "accepted"


def test_people_stand_beside_the_runs(runs, accepted, tmp_path):
    text = write_page(runs, tmp_path / "page.html", people=accepted).read_text("utf-8")
    table = text.partition('<details id="people"')[2].partition("</details>")[0]
    rows = table.partition("<tbody>")[2]
    assert rows.count("<tr>") == 1
    assert "Does this sight show it (stress) <small>(32 accepted)" in rows
    # Each run is right on one kind of three, plain facts apart, in 23 of 24 clips.
    numbers = [part.partition("</b>")[0] for part in rows.split("<b>")[1:]]
    assert numbers == ["83.2", "91.5", "31.9", "31.9"]
    assert "80.0 to 86.5" in rows


def test_without_people_there_is_no_such_table(runs, tmp_path):
    assert 'id="people"' not in write_page(runs, tmp_path / "page.html").read_text("utf-8")


def test_refusals(runs, accepted, tmp_path):
    with pytest.raises(AvereError, match="a folder that `avere verify accept` wrote"):
        write_page(runs, tmp_path / "page.html", people=tmp_path)
    with pytest.raises(AvereError, match="--people goes into a page"):
        export_tables(runs, tmp_path / "table.csv", "csv", people=accepted)
    (accepted / "people.jsonl").write_text('{"person": "p1"}\n')
    with pytest.raises(RecordError, match=r"people\.jsonl"):
        write_page(runs, tmp_path / "page.html", people=accepted)
    assert not (tmp_path / "page.html").exists()
