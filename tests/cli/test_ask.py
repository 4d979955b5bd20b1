"""One clip is answered on the screen; a folder becomes a table that can be resumed."""

import csv
from pathlib import Path

import numpy as np
import pytest

from avere import media
from avere.models import qwen_omni
from avere.records import journal, runs

MUTE = " (it has no sound)"


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
    assert command(*words).out == f"clip 0.mp4: Yes{MUTE}\nclip 1.mp4: Yes{MUTE}\n"
    whole = out.read_text()
    kept = tmp_path / "answers.journal.jsonl"
    lines = kept.read_text().splitlines(keepends=True)
    kept.write_text(lines[0] + lines[1][:40])
    out.write_text(whole[: len(whole) // 2])
    assert command(*words).out == f"clip 1.mp4: Yes{MUTE}\n"
    assert out.read_text() == whole
    assert command(*words).out == ""
    assert out.read_text() == whole


def test_another_question_or_model_is_asked_anew_and_nothing_is_lost(command, folder, tmp_path):
    out = tmp_path / "answers.csv"
    command("ask", folder, "Is it raining?", "--model", "scripted:echo", "--out", out)
    said = command("ask", folder, "Is it night?", "--model", "scripted:echo", "--out", out)
    assert said.out == f"clip 0.mp4: Is it night?{MUTE}\nclip 1.mp4: Is it night?{MUTE}\n"
    assert [row["answer"] for row in rows(out)] == ["Is it night?", "Is it night?", ""]
    said = command("ask", folder, "Is it night?", "--model", "scripted:always-yes", "--out", out)
    assert said.out == f"clip 0.mp4: Yes{MUTE}\nclip 1.mp4: Yes{MUTE}\n"
    said = command("ask", folder, "Is it raining?", "--model", "scripted:echo", "--out", out)
    assert said.out == ""
    assert [row["answer"] for row in rows(out)] == ["Is it raining?", "Is it raining?", ""]


def test_a_clip_is_known_by_its_content(command, folder, tmp_path):
    out = tmp_path / "answers.csv"
    words = ("ask", folder, "Is it raining?", "--model", "scripted:always-yes", "--out", out)
    command(*words)
    (folder / "clip 0.mp4").rename(folder / "renamed.mp4")
    assert command(*words).out == ""
    assert [Path(row["clip"]).name for row in rows(out)] == ["clip 1.mp4", "renamed.mp4", "zero.mp4"]
    media.write_video(folder / "renamed.mp4", np.full((4, 32, 32, 3), 9, dtype=np.uint8), fps=4.0)
    assert command(*words).out == f"renamed.mp4: Yes{MUTE}\n"


def test_every_format_that_is_read_is_asked_about(command, folder, tmp_path):
    media.write_video(folder / "a.mkv", np.zeros((4, 32, 32, 3), dtype=np.uint8), fps=4.0)
    (folder / "b.MTS").write_bytes(b"no media")
    out = tmp_path / "answers.csv"
    command("ask", folder, "Is it raining?", "--model", "scripted:always-yes", "--out", out)
    found = {Path(row["clip"]).name: row["status"] for row in rows(out)}
    assert (found["a.mkv"], found["b.MTS"], "notes.txt" in found) == ("ok", "media error", False)


def test_two_processes_do_not_mix_and_foreign_tables_are_left_alone(command, folder, tmp_path):
    out = tmp_path / "answers.csv"
    words = ("ask", folder, "Is it raining?", "--model", "scripted:always-yes", "--out", out)
    with journal.appending(tmp_path / "answers.journal.jsonl"):
        said = command(*words)
    assert (said.code, "another process is writing" in said.err) == (2, True)
    assert [row["status"] for row in rows(out)] == ["failed", "failed", "media error"]
    other = tmp_path / "mine.csv"
    other.write_text("my,own\n")
    assert "is not overwritten" in command(*words[:-1], other).err
    assert other.read_text() == "my,own\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["none.mp4", "Why?", "--model", "scripted:echo"], "none.mp4"),
        ([".", "Why?", "--model", "scripted:echo", "--out", "answers.csv"], "no media file"),
        (["one.wav", "Why?", "--model", "scripted:nothing"], "always-yes"),
    ],
)
def test_mistakes_are_one_line(command, workplace, words, message):
    media.write_sound(workplace / "deep/one.wav", np.zeros(800, dtype=np.float32), 16_000)
    said = command("ask", *(workplace / "deep" / word if word == "one.wav" else word for word in words))
    assert said.code == 2
    assert message in said.err
    assert said.err.count("\n") == 1


def test_a_sound_of_the_same_name_belongs_to_its_film(command, folder, tmp_path):
    media.write_sound(folder / "clip 0.wav", np.zeros(8000, dtype=np.float32), 16_000)
    media.write_sound(folder / "alone.wav", np.full(8000, 0.5, dtype=np.float32), 16_000)
    out = tmp_path / "answers.csv"
    said = command("ask", folder, "Is it raining?", "--model", "scripted:always-yes", "--out", out)
    assert "clip 0.mp4: Yes (sound of clip 0.wav, its sound is silent)\n" in said.out
    found = {Path(row["clip"]).name: (row["audio_tokens"], row["reason"]) for row in rows(out)}
    assert list(found) == ["alone.wav", "clip 0.mp4", "clip 1.mp4", "zero.mp4"]
    assert found["clip 0.mp4"] == ("1", "sound of clip 0.wav, its sound is silent")
    assert found["alone.wav"] == ("1", "")


def test_the_tiny_model_says_what_it_knows(command, folder, tmp_path, donors):
    qwen_omni.example(tmp_path / "model")
    words = ("What?", "--model", tmp_path / "model", "--max-tokens", "1")
    said = command("ask", folder / "clip 0.mp4", *words)
    assert "note: model knows only the drawings and sounds of EmoWorld; about this clip" in said.err
    assert command("ask", donors[0].video, *words).err == ""


def test_a_folder_needs_a_place_for_answers(command, folder):
    assert "--out" in command("ask", folder, "Why?", "--model", "scripted:echo").err


def test_a_table_says_what_it_is(command, folder, tmp_path):
    words = ("ask", folder, "Is it raining?", "--model", "scripted:always-yes", "--out", tmp_path / "one.csv")
    assert command(*words).code == 0
    info = runs.read_info(tmp_path / "one.run.json")
    assert info is not None
    assert (info.verb, info.recipe["question"], len(info.models)) == ("ask", "Is it raining?", 1)
    assert info.begun <= (info.ended or "")
    assert "clip 0.mp4" in info.data
