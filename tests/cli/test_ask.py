"""One clip is answered on the screen; a folder becomes a table that can be resumed."""

import csv

import numpy as np
import pytest

from avere import media


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "clips"
    for seed in range(2):
        frames = np.full((4, 32, 32, 3), 80 * seed, dtype=np.uint8)
        media.write_video(place / f"clip {seed}.mp4", frames, fps=4.0)
    (place / "notes.txt").write_text("not media")
    (place / "zero.mp4").write_bytes(b"")
    return place


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_one_clip(command, folder):
    said = command("ask", folder / "clip 0.mp4", "Is it raining?", "--model", "scripted:echo")
    assert said.code == 0
    assert said.out.startswith("Is it raining?\n")
    assert "1 video and 0 audio tokens" in said.out


def test_a_folder_with_a_broken_file(command, folder, tmp_path):
    out = tmp_path / "answers.csv"
    words = ("ask", folder, "Is it raining?", "--model", "scripted:always-yes", "--out", out)
    assert command(*words).code == 0
    found = rows(out)
    assert [row["status"] for row in found] == ["ok", "ok", "media error"]
    assert "zero.mp4" in found[2]["reason"]


def test_a_stopped_run_goes_on(command, folder, tmp_path):
    out = tmp_path / "answers.csv"
    words = ("ask", folder, "Is it raining?", "--model", "scripted:always-yes", "--out", out)
    command(*words)
    whole = out.read_text().splitlines(keepends=True)
    out.write_text("".join(whole[:2]))
    assert command(*words).code == 0
    assert out.read_text() == "".join(whole)
    assert command(*words).out == ""


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["none.mp4", "Why?", "--model", "scripted:echo"], "none.mp4"),
        ([".", "Why?", "--model", "scripted:echo", "--out", "answers.csv"], "no media file"),
        (["none.mp4", "Why?", "--model", "scripted:nothing"], "always-yes"),
    ],
)
def test_mistakes_are_one_line(command, workplace, words, message):
    said = command("ask", *words)
    assert said.code == 2
    assert message in said.err
    assert said.err.count("\n") == 1


def test_a_folder_needs_a_place_for_answers(command, folder):
    assert "--out" in command("ask", folder, "Why?", "--model", "scripted:echo").err
