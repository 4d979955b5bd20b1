"""Sharing from the command line; nothing is sent anywhere but to a fake."""

import json

import pytest

from avere.cli import _sharing
from avere.errors import AvereError
from avere.records import Clip, jsonl


class Hub:
    """Take down what would be sent."""

    def __init__(self, refuses=None):
        self.calls, self.refuses = [], refuses

    def create_repo(self, repo_id, *, repo_type, private, exist_ok):
        if self.refuses:
            raise self.refuses
        self.calls.append((repo_id, repo_type, private, exist_ok))

    def upload_folder(self, **told):
        assert told.pop("commit_message")
        self.calls.append((told["repo_id"], told["repo_type"], told["folder_path"]))


def test_questions_are_exported(data, command, workplace):
    said = command("data", "export", "emorealm", data, "--out", "shared", "--media", "none")
    assert (said.code, said.out) == (0, "2 rows: shared/EmoReAlM/emorealm_v1.json\n")
    assert [
        row["video"] for row in json.loads((workplace / "shared/EmoReAlM/emorealm_v1.json").read_text())
    ] == [
        "c0.mp4",
        "c1.mp4",
    ]
    assert (
        "left out: 2 because of a clip without video; the first is 'c0'"
        in command("data", "export", "emorealm", data, "--out", "shared").out
    )


def test_bad_wishes_are_one_line(data, command, workplace):
    assert "did you mean 'emorealm'" in command("data", "export", "emorealmm", data, "--out", "x").err
    assert "give --out another one" in command("data", "export", "emorealm", data, "--out", data).err
    assert (
        "give one of copy, link, none"
        in command("data", "export", "emorealm", data, "--out", "x", "--media", "embed").err
    )
    assert "pairs.jsonl" in command("data", "export", "published", data, "--out", "x").err


def test_the_hub_gets_a_folder_only_when_told(data, command, workplace, monkeypatch):
    hub = Hub()
    monkeypatch.setattr("huggingface_hub.HfApi", lambda: hub)
    words = ("data", "export", "emorealm", data, "--out", "shared", "--media", "none")
    command(*words)
    assert hub.calls == []
    assert command(*words, "--push-to-hub", "me/clips").out.endswith("sent to the Hub: me/clips\n")
    assert hub.calls == [("me/clips", "dataset", True, True), ("me/clips", "dataset", "shared")]
    command(*words, "--push-to-hub", "me/clips", "--public")
    assert hub.calls[2][2] is False


def test_the_hub_never_gets_links_and_may_refuse(tmp_path):
    _sharing.push(tmp_path, "me/x", public=False, hub=Hub())
    with pytest.raises(AvereError, match=r"did not take .* as 'me/x': no such user"):
        _sharing.push(tmp_path, "me/x", public=False, hub=Hub(OSError("no such user\nmore")))
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    hub = Hub()
    with pytest.raises(AvereError, match="is a link, which cannot be sent"):
        _sharing.push(tmp_path, "me/x", public=False, hub=hub)
    assert hub.calls == []


def test_many_reasons_are_summed_up():
    reasons = {f"r{n}": ["a"] * (n + 1) for n in range(10)}
    lines = _sharing.left_out(reasons)
    assert lines[0] == "left out: 10 because of r9; the first is 'a'"
    assert lines[-1] == "left out: 3 for 2 other reasons"
    assert len(lines) == _sharing.SHOWN + 1


def test_a_folder_without_clips_is_named(command, workplace):
    jsonl.write(workplace / "other" / "questions.jsonl", [Clip(id="c", source="t")])
    said = command("data", "export", "emorealm", "other", "--out", "x")
    assert (said.code, "clips.jsonl" in said.err) == (2, True)
