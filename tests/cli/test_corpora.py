"""``avere corpora``: what can be read, and what a check prints."""

import json

import numpy as np
import pytest
from tests.corpora import layouts

from avere import catalogue, media
from avere.records import Clip, jsonl


def test_every_corpus_is_listed(command):
    said = command("corpora", "ls")
    assert said.code == 0
    assert all(name in said.out for name in catalogue.names("avere.corpora"))


def test_a_check_prints_counts_faults_and_leakage_and_writes_them(command, workplace, donors):
    layouts.folder(workplace / "own", donors)
    layouts.put(donors[1].video, workplace / "own/clips/c.mp4")
    layouts.emoworld(workplace / "world", donors)
    words = ("corpora", "check", "folder", "own", "--against", "emoworld=world", "--json", "out/found.json")
    said = command(*words)
    assert said.code == 0
    assert "splits: test 2, train 2" in said.out
    assert "missing media files: 1\n  clips/d: own" in said.out
    # a and its original; b, its copy in the test split, and the original of both.
    assert "almost surely the same clip: 4 pairs" in said.out
    found = json.loads((workplace / "out/found.json").read_text(encoding="utf-8"))
    assert found["labels"] == {"anger": 1, "serenity": 1, "happiness": 1}
    leak = [one for one in found["overlaps"] if one["corpus"] == "folder"]
    assert {(one["split"], one["other_split"]) for one in leak} == {("train", "test")}


def test_labels_are_printed_as_they_are_and_silence_is_told(command, workplace):
    media.write_sound(workplace / "a.wav", np.zeros(16_000, dtype=np.float32), 16_000)
    media.write_sound(workplace / "b.wav", np.full(16_000, 0.5, dtype=np.float32), 16_000)
    (workplace / "labels.csv").write_text("path;label\na.wav;sad [acted]\nb.wav;[/]\n")
    said = command("corpora", "check", "folder", workplace, "--no-fingerprints")
    assert (said.code, "sad [acted]" in said.out, "[/]" in said.out) == (0, True, True)
    assert "tracks of sound in which nothing is to be heard: 1\n  a\n" in said.out


def test_clips_are_written_for_construction(command, workplace, donors):
    layouts.folder(workplace / "own", donors)
    said = command("corpora", "import", "folder", "own", "--out", "records", "--option", "split=test")
    assert said.out.startswith("2 clips: records/clips.jsonl\n")
    assert "media files that are not there: 1\n  clips/d\n" in said.out
    assert [one.id for one in jsonl.read(workplace / "records/clips.jsonl", Clip)] == ["clips/c", "clips/d"]


def test_a_corpus_without_clips_ends_with_2(command, workplace):
    (workplace / "clips.jsonl").write_text("")
    for words in (("check",), ("import",)):
        said = command("corpora", *words, "emoworld", ".", *(("--out", "x") if words == ("import",) else ()))
        assert (said.code, "holds no clips" in said.err) == (2, True)


def test_options_narrow(command, workplace, donors):
    layouts.dfew(workplace, donors)
    said = command("corpora", "check", "dfew", workplace, "--option", "fold=2", "--no-fingerprints")
    assert "splits: test 1, train 2" in said.out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("emo-world", "."), "no module of avere.corpora is called 'emo-world'; did you mean 'emoworld'"),
        (("dfew", "."), "holds no folder of clips"),
        (("dfew", ".", "--option", "fold"), "cannot read --option 'fold'; write key=value"),
        (("dfew", ".", "--option", "fold=7"), "fold: Input should be 1, 2, 3, 4 or 5"),
        (("emoworld", ".", "--against", "mafw"), "cannot read --against 'mafw'; write NAME=ROOT"),
    ],
)
def test_mistakes_are_told_in_one_line(command, workplace, words, told):
    said = command("corpora", "check", *words)
    assert said.code == 2
    assert told in said.err
    assert said.err.count("\n") == 1
