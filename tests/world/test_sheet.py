"""A sheet of faces that people can judge, and its answers."""

import csv

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from avere.cli.world import app
from avere.errors import AvereError
from avere.records import jsonl
from avere.world import sheet
from avere.world.plan import draw_plan

PLANS = [draw_plan(index, split="balanced", seed=2, identities=9) for index in range(9)]


def test_nine_faces_replacement_two_rows():
    page = sheet.sheet(PLANS, labels=False)
    step = sheet.TILE + sheet.MARGIN
    assert page.shape == (sheet.MARGIN + 2 * (step + sheet.CAPTION), sheet.MARGIN + 7 * step, 3)
    assert (page[-sheet.TILE :, -sheet.TILE :] == 255).all()


def test_labels_are_only_there_when_asked_for():
    bare, labelled = (sheet.sheet(PLANS[:2], labels=wanted) for wanted in (False, True))
    captions = slice(sheet.MARGIN + sheet.TILE, None)
    assert np.array_equal(bare[: captions.start], labelled[: captions.start])
    assert (bare[captions] < 128).sum() < (labelled[captions] < 128).sum()


def test_no_faces_no_sheet():
    with pytest.raises(AvereError, match="at least 1"):
        sheet.sheet([], labels=False)


def test_show_writes_picture_and_answers(tmp_path):
    jsonl.write(tmp_path / "plans.jsonl", PLANS)
    out, answers = tmp_path / "sheet.png", tmp_path / "answers.csv"
    given = ["show", str(tmp_path), "--faces", "9", "--out", str(out), "--answers", str(answers)]
    assert CliRunner().invoke(app, given).exit_code == 0
    assert cv2.imread(str(out)) is not None
    with answers.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert sorted(row["clip"] for row in rows) == sorted(plan.id for plan in PLANS)
    emotions = {plan.id: plan.face for plan in PLANS}
    assert all(emotions[row["clip"]] == row["emotion"] for row in rows)


def test_show_draws_faces_where_no_folder_is_given(tmp_path):
    out = tmp_path / "new" / "sheet.png"
    assert CliRunner().invoke(app, ["show", "--faces", "2", "--labels", "--out", str(out)]).exit_code == 0
    assert out.exists()


def test_more_faces_than_clips_are_refused(tmp_path):
    jsonl.write(tmp_path / "plans.jsonl", PLANS)
    result = CliRunner().invoke(
        app, ["show", str(tmp_path), "--faces", "10", "--out", str(tmp_path / "s.png")]
    )
    assert isinstance(result.exception, AvereError)
    assert "holds 9 clips" in str(result.exception)
