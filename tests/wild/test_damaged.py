"""Damaged weights, adapters and caches, and long lists: one line that names the file, never a traceback."""

import json
import re
import shutil

import pytest
from tests.wild import doors

from avere import models
from avere.analyse import Interval
from avere.analyse.judged import Agreement, Judged, Reader
from avere.cli._judged import show_judged
from avere.errors import AvereError
from avere.records import Clip, Provenance, Question, jsonl


@pytest.fixture
def home(furnished, tmp_path):
    return shutil.copytree(furnished, tmp_path / "home")


def refused(said, *told):
    assert (said.code, said.err.count("avere: ")) == (2, 1), said
    assert said.err.splitlines()[-1].startswith("avere: ")
    assert all(word in said.err for word in told), said.err


def ask(command, home, model):
    clip = home / "data" / "media" / "balanced-3-00000.mp4"
    return command("ask", clip, "What?", "--model", model, "--device", "cpu")


CUTS = {
    "empty": lambda whole: whole[:0],
    "in its head": lambda whole: whole[:5],
    "in its table": lambda whole: whole[:100],
    "in its numbers": lambda whole: whole[:-100],
    "a table of nonsense": lambda whole: (9).to_bytes(8, "little") + b"{nonsense" + whole[17:],
    "an endless table": lambda whole: b"\xff" * 8 + whole[8:],
}


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("where", ["model", "adapter"])
def test_cut_weights(where, cut, home, command):
    (file,) = (home / where).glob("*.safetensors")
    whole = file.read_bytes()
    file.unlink()
    file.write_bytes(CUTS[cut](whole))
    refused(ask(command, home, home / where), str(home / where))
    refused(
        command("evaluate", "--model", home / where, "--data", home / "data", "--out", home / "new"),
        str(home / where),
    )
    assert not (home / "new" / "journal.jsonl").exists()
    if where == "adapter":
        refused(command("merge", home / where, home / "merged", "--device", "cpu"), str(home / where))


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"peft_type": 3}', '{"base_model_name_or_path": 7}']
)
def test_a_wrong_adapter_config(text, home, command):
    (home / "adapter" / "adapter_config.json").write_text(text)
    refused(ask(command, home, home / "adapter"), str(home / "adapter"))
    refused(command("merge", home / "adapter", home / "merged"), str(home / "adapter"))


@pytest.mark.parametrize("name", ["config.json", "avere.json", "tokenizer.json", "tokenizer_config.json"])
@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"x"'])
def test_wrong_settings_of_a_model(name, text, home, command):
    (home / "model" / name).write_text(text)
    refused(ask(command, home, home / "model"), str(home / "model"))


def rebased(folder, base):
    file = folder / "adapter_config.json"
    told = json.loads(file.read_text())
    file.write_text(json.dumps(told | {"base_model_name_or_path": str(base)}))


def test_an_adapter_whose_base_is_itself(home, command):
    rebased(home / "adapter", home / "adapter")
    refused(ask(command, home, home / "adapter"), str(home / "adapter"), "is an adapter itself")


def test_adapters_in_a_ring_and_of_an_adapter(home, command):
    other = shutil.copytree(home / "adapter", home / "second")
    rebased(other, home / "adapter")
    refused(ask(command, home, other), str(home / "adapter"), "is an adapter itself")
    rebased(home / "adapter", other)
    refused(ask(command, home, other), str(home / "adapter"), "is an adapter itself")
    refused(command("merge", other, home / "merged"), str(home / "adapter"))


@pytest.mark.parametrize(
    "name", ["scores.jsonl", "summary.json", "journal.jsonl", "questions.jsonl", "run.json"]
)
@pytest.mark.parametrize("content", [b"", b"{", b"[]\n", b"\xff\xfe\n", b"\0" * 64 + b"\n"])
def test_damaged_runs(name, content, home, command):
    (home / "run" / name).write_bytes(content)
    for words in (
        ("report", home / "run", "--out", home / "r.html"),
        ("compare", home / "run", home / "other", "--draws", "20"),
        ("judge", home / "run", "--judge", "scripted:always-yes"),
        ("score", home / "run", "--draws", "20"),
        ("evaluate", *doors.ASKED.split(), "--data", home / "data", "--limit", "1", "--out", home / "run"),
    ):
        said = command(*words)
        if said.code != 0:
            refused(said, str(home / "run"))


def test_a_damaged_cache_of_replies(home):
    (home / "cache").write_bytes(b"SQLite format 3\0" + b"\xff" * 4000)
    with pytest.raises(AvereError, match=r"cache' cannot keep replies: .*; give another file"):
        models.load("openai:m@http://127.0.0.1:9/v1", cache=home / "cache")


LONG = "a_very_long_name_of_a_model_without_any_blank_in_it_" * 3


def joined(cells):
    """Put the pieces of wrapped cells together again."""
    return "".join(sign for sign in cells if sign.isalnum() or sign == "_")


def test_score_cuts_no_name(home, command, monkeypatch):
    """At 80 columns a long name takes several lines, and all of its signs stand there."""
    monkeypatch.setenv("COLUMNS", "80")
    for name, old, new in (
        ("journal.jsonl", "scripted:always-yes", LONG),
        ("questions.jsonl", "reasoning_basic_audio", f"task_{LONG}"),
    ):
        file = home / "run" / name
        file.write_text(file.read_text().replace(old, new))
    said = command("score", home / "run", "--draws", "20")
    assert said.code == 0
    assert "…" not in said.out
    assert LONG in joined(said.out)
    first = "".join(re.findall(r"^│ (\w+) ", said.out, re.MULTILINE))
    assert f"task_{LONG}" in first


def test_judge_cuts_no_name(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    names = [f"{number}_{LONG}" for number in range(3)]
    measure = {"description/supporting": Interval(value=25.0, low=10.0, high=40.0, n=30)}
    readers = {name: Reader(read=1, unread={"no reply": 1}, measures=measure) for name in names}
    agreement = {f"repeats of {name}": Agreement(coders=2, cues=1.0, faithfulness=None) for name in names}
    told = {"descriptions": 1, "repeats": 2, "readers": readers, "agreement": agreement}
    show_judged(Judged.model_validate({"model": LONG, "condition": "av", **told}))
    out = capsys.readouterr().out
    assert "…" not in out
    assert max(map(len, out.splitlines())) <= 80
    for place, name in enumerate(names, start=1):
        head = [line.split("┃")[place + 1] for line in out.splitlines() if line.count("┃") == 5]
        assert name in joined("".join(head))


def test_more_choices_than_letters(home, command):
    """Options are lettered A to Z; a question with more is refused by every verb that would letter it."""
    made = Provenance(version="0")
    asked = Question(
        id="q",
        clip="c",
        task="reasoning_basic_audio",
        text="Which?",
        choices=tuple(f"option {number}" for number in range(27)),
        answer=26,
        target="audio",
        made_by=made,
    )
    data = home / "many"
    jsonl.write(data / "questions.jsonl", [asked])
    jsonl.write(data / "clips.jsonl", [Clip(id="c", source="t")])
    for words in (
        ("evaluate", *doors.ASKED.split(), "--data", data, "--out", home / "new"),
        ("analyse", "audit", data),
        ("data", "export", "emorealm", data, "--out", home / "shared"),
        ("export", "lmms-eval", home / "task", "--data", data),
        ("export", "inspect", home / "task2", "--data", data),
        ("data", "show", data / "questions.jsonl", "--html", home / "q.html"),
    ):
        said = command(*words)
        if said.code != 0:
            refused(said, "26")
