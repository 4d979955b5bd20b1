"""A benchmark may come from anybody: what its records name goes into a page only where it belongs there."""

import base64
import os
import re

import numpy as np
import pytest
from tests.report.conftest import film, write_run
from typer.testing import CliRunner

from avere import media
from avere.cli.main import build
from avere.records import Clip, jsonl
from avere.report import _media_gate
from avere.report._media_gate import MediaGate
from avere.report.page import write_page


@pytest.fixture
def places(tmp_path):
    """Make a data folder with one clip, and beside it a private film, sound and key."""
    data, home = tmp_path / "data", tmp_path / "other"
    data.mkdir()
    home.mkdir()
    for folder in (data, home):
        film(folder / "film.mp4")
        media.write_sound(folder / "sound.wav", np.zeros(800, np.float32), 16_000)
        (folder / "key.mp4").write_text("a private key")
    return data, home


def test_what_lies_in_the_data_is_shown(places):
    data, _ = places
    gate = MediaGate([data])
    assert gate.find_fault("one", "video", data / "film.mp4") is None
    assert gate.find_fault("one", "audio", data / "sound.wav") is None
    assert gate.left_out == set()


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("../other/film.mp4", "lies outside the data"),
        ("link.mp4", "a link that leads out"),
        ("linked/film.mp4", "a link that leads out"),
        ("key.mp4", "cannot be decoded"),
        ("sound.wav", "has no video"),
        ("gone.mp4", "was not found"),
        ("pipe.mp4", "is no regular file"),
        ("/dev/zero", "is no regular file"),
        (".", "is no regular file"),
        ("large.mp4", "bytes; at most"),
        ("loop.mp4", "cannot be read"),
        ("caf\udce9.mp4", r"caf\\xe9\.mp4' was not found"),
        ("a\0b.mp4", "cannot be read"),
    ],
)
def test_what_does_not_belong_is_left_out_and_counted(places, monkeypatch, name, cause):
    data, home = places
    (data / "link.mp4").symlink_to(home / "film.mp4")
    (data / "linked").symlink_to(home)
    (data / "loop.mp4").symlink_to(data / "loop.mp4")
    os.mkfifo(data / "pipe.mp4")
    film(data / "large.mp4")
    monkeypatch.setattr(_media_gate, "LARGEST", (data / "large.mp4").stat().st_size - 1)
    if name != "large.mp4":
        monkeypatch.undo()
    gate = MediaGate([data])
    fault = gate.find_fault("one", "video", data / name)
    assert fault is not None
    assert re.search(cause, fault)
    assert fault.encode()
    assert gate.left_out == {data / name}


def test_a_folder_that_the_user_names_is_shown(places):
    data, home = places
    assert MediaGate([data, home]).find_fault("one", "video", data / "../other/film.mp4") is None


def test_other_records_of_the_same_clip_let_its_file_through(places):
    """Questions and runs refer to the media of the world that they were made of."""
    data, home = places
    jsonl.write(home / "clips.jsonl", [Clip(id="one", video=home / "film.mp4", source="t")])
    gate = MediaGate([data])
    assert gate.find_fault("one", "video", home / "film.mp4") is None
    assert "lies outside" in str(gate.find_fault("two", "video", home / "film.mp4"))
    assert "lies outside" in str(gate.find_fault("one", "audio", home / "sound.wav"))
    assert gate.left_out == {home / "film.mp4", home / "sound.wav"}


@pytest.mark.parametrize("content", ["no record", '{"id": 1}', "\udce9"])
def test_records_that_cannot_be_read_let_nothing_through(places, content):
    data, home = places
    (home / "clips.jsonl").write_text(content, errors="surrogateescape")
    assert "lies outside" in str(MediaGate([data]).find_fault("one", "video", home / "film.mp4"))


def test_a_report_of_a_hostile_benchmark_holds_no_private_file(places, tmp_path):
    _, home = places
    run = write_run(tmp_path / "run", home / "film.mp4", lambda kind: kind == "plain")
    out = tmp_path / "report.html"
    private = base64.b64encode((home / "film.mp4").read_bytes()).decode()
    page = write_page([run], out).read_text(encoding="utf-8")
    assert private not in page
    assert "the files of 24 are left out" in page
    assert "lies outside the data" in page
    named = ["report", str(run), "--out", str(out), "--media-root", str(home)]
    done = CliRunner().invoke(build(["report", "data"]), named)
    assert done.exit_code == 0, done.output
    page = out.read_text(encoding="utf-8")
    assert page.count(private) == 24
    assert "left out" not in page
