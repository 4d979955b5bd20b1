"""The page about one's own clips is true: its tables and commands, with three clips, up to pairs."""

import json
import re
import shutil
from pathlib import Path

import pytest

from avere.records import Clip, Cue, Prediction, PreferencePair, Question, Score, jsonl

PAGE = (Path(__file__).resolve().parents[2] / "docs/your-own-clips.md").read_text(encoding="utf-8")
LABELS, CUES = re.findall(r"```csv\n(.*?)```", PAGE, re.DOTALL)
MODEL = ("--model", "scripted:always-yes")


@pytest.fixture
def mine(workplace, donors):
    """Write the tables of the page beside three clips; ben's picture has its sound in a file beside it."""
    folder = workplace / "mine"
    folder.mkdir()
    shutil.copy(donors[0].video, folder / "anna.mp4")
    shutil.copy(donors[1].video, folder / "ben.mov")
    shutil.copy(donors[1].audio, folder / "ben.wav")
    shutil.copy(donors[2].audio, folder / "carla.wav")
    (folder / "labels.csv").write_text(LABELS.replace(";", "\t"), encoding="utf-16")
    (folder / "cues.csv").write_text(CUES, encoding="utf-8-sig")
    return folder


def test_the_whole_road(command, mine, donors, workplace):
    assert "sadness" in command("corpora", "check", "folder", "mine").out
    asked = command("evaluate", *MODEL, "--recipe", "folder", "--data", "mine", "--out", "runs/base")
    assert (asked.code, "UAR, mean recall" in asked.out) == (0, True)
    questions = [json.loads(line) for line in Path("runs/base/questions.jsonl").read_text().splitlines()]
    assert questions[0]["choices"] == ["anger", "happiness", "sadness"]
    assert [one["target"] for one in questions] == ["audiovisual", "audiovisual", "audio"]
    made = command("corpora", "import", "folder", "mine", "--out", "mine/clips.jsonl")
    assert made.code == 0
    assert "with the sound of another file: 1\n  ben: ben.wav" in made.out
    assert command("construct", "mine", "--out", "data").code == 0
    pairs = {one.id: one for one in jsonl.read(Path("data/pairs.jsonl"), PreferencePair)}
    heard = pairs["anna/audio"]
    answers = (heard.chosen, heard.spurious, heard.hallucinated)
    for cue, answer in zip(("shouting", "traffic", "growling"), answers, strict=True):
        assert cue in str(answer)
    assert command("data", "show", "data/pairs.jsonl", "--html", "pairs.html", "--first", "1").code == 0
    assert "data:video/mp4" in Path("pairs.html").read_text()
    assert command("evaluate", *MODEL, "--data", "data", "--out", "runs/before").code == 0
    measures = json.loads(Path("runs/before/summary.json").read_text())["conditions"]["av"]["measures"]
    named = {name: one["value"] for name, one in measures.items() if "description" in name}
    assert set(named.values()) <= {None}, "cues in free words are not counted by the word list of EmoWorld"


@pytest.mark.parametrize("kind", [Clip, Cue, Question, PreferencePair, Prediction, Score])
def test_every_field_is_told(kind):
    told = set(re.findall(r"`(\w+)`", PAGE[PAGE.index("## Every field") :]))
    assert set(kind.model_fields) <= told
