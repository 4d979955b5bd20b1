"""Exports: every form carries values with their intervals, the same bytes each time, nothing unescaped."""

import csv
import io
import re

import cv2
import numpy as np
import pytest

from avere.analyse import compare_runs, read_run, read_summary, read_table
from avere.errors import AvereError
from avere.report.export import SUFFIXES, export_tables, form_of


@pytest.fixture
def numbers(runs):
    return {run.name: read_summary(run).conditions["av"].measures for run in runs}


def test_a_csv_holds_values_intervals_and_changes(runs, numbers, tmp_path):
    text = export_tables(runs, tmp_path / "n" / "r.csv", "csv").read_text(encoding="utf-8")
    lines = [row for row in csv.DictReader(io.StringIO(text)) if row["condition"] == "av"]
    rows = {(row["measure"], row["run"]): row for row in lines}
    for (measure, run), row in rows.items():
        expected = numbers[run][measure]
        found = [float(row[name]) if row[name] else None for name in ("value", "low", "high", "n")]
        assert found == [expected.value, expected.low, expected.high, expected.n]
        assert row["reason"] == (expected.reason or "")
    first, second = ([read_table(read_run(run))] for run in runs)
    change = compare_runs(first, second, "stress_accuracy/displaced")
    row = rows["stress_accuracy/displaced", "after"]
    assert float(row["difference"]) == change.difference == 95.8333
    assert rows["stress_accuracy/displaced", "base"]["difference"] == ""


def test_a_csv_holds_every_condition_that_all_runs_share(runs, tmp_path):
    both = export_tables(runs[:1], tmp_path / "r.csv", "csv").read_text(encoding="utf-8")
    assert {line.partition(",")[0] for line in both.splitlines()[1:]} == {"av", "text", "controls"}


def test_tables_carry_intervals(runs, numbers, tmp_path):
    one = numbers["after"]["stress_score"]
    wanted = f"{one.value:.1f} [{one.low:.1f}, {one.high:.1f}]"
    markdown = export_tables(runs, tmp_path / "r.md", "markdown").read_text(encoding="utf-8")
    assert re.search(rf"^\| Stress score \|[^|]*\| {re.escape(wanted)}<br>[+-]", markdown, re.MULTILINE)
    latex = export_tables(runs, tmp_path / "r.tex", "latex").read_text(encoding="utf-8")
    assert re.search(rf"^Stress score & [^&]* & {re.escape(wanted)}; [+-]", latex, re.MULTILINE)
    assert latex.count(r"\begin{tabular}{lrr}") == latex.count(r"\end{tabular}") == 1


def test_a_number_without_an_interval_says_why_in_every_form(runs, tmp_path):
    """No clip differs under hallucinated cues: the base is wrong at all of them."""
    markdown = export_tables(runs, tmp_path / "r.md", "markdown").read_text(encoding="utf-8")
    assert re.search(
        r"^\| Accuracy, hallucinated \| 0\.0 \(the same in every draw\) \|", markdown, re.MULTILINE
    )
    latex = export_tables(runs, tmp_path / "r.tex", "latex").read_text(encoding="utf-8")
    assert "Accuracy, hallucinated & 0.0 (the same in every draw) &" in latex
    page = export_tables(runs, tmp_path / "r.html", "html").read_text(encoding="utf-8")
    assert "<small>the same in every draw</small>" in page
    assert "+0.0 <span>the same in every draw</span>" in page


def test_names_of_runs_are_no_commands(runs, tmp_path):
    odd = runs[0].rename(tmp_path / "a_b&c|50%")
    latex = export_tables([odd], tmp_path / "r.tex", "latex").read_text(encoding="utf-8")
    assert r"a\_b\&c|50\%" in latex
    assert r"a_b&c\|50%" in export_tables([odd], tmp_path / "r.md", "markdown").read_text(encoding="utf-8")


def test_a_picture_is_one(runs, tmp_path):
    content = export_tables(runs, tmp_path / "r.png", "png").read_bytes()
    picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert picture.shape[1] > 1000
    assert picture[0, 0].tolist() == [255, 255, 255]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_same_runs_same_bytes(runs, tmp_path, suffix):
    first, second = (
        export_tables(runs, tmp_path / f"{i}{suffix}", form_of(tmp_path / f"{i}{suffix}")) for i in range(2)
    )
    assert first.read_bytes() == second.read_bytes()


def test_an_unknown_ending_is_refused(tmp_path):
    with pytest.raises(AvereError, match=r"end it in \.html, .* or give --to html\|csv"):
        form_of(tmp_path / "r.docx")


def test_the_verb(runs, workplace, command):
    assert command("report", *runs, "--to", "markdown").out == "report: report.md\n"
    assert (workplace / "report.md").is_file()
    assert command("report", *runs, "--out", "table.tex").out == "report: table.tex\n"
    assert command("report", *runs, "--out", "table.doc").code == 2
