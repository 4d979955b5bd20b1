"""A small project of real clips, made once, and what Potato would have stored of its people."""

import shutil
from typing import Any

import pytest

from avere.records import Clip, Cue, Provenance, Question, jsonl
from avere.verify.items import gather_items
from avere.verify.potato_project import export_potato
from avere.verify.potato_settings import ProjectPlan
from avere.verify.project import read_project

HOSTILE = "</script><img src=x onerror=alert(1)>{{ 7 * 7 }}{% raw %}\u202egnp.exe\u202c"
MADE = Provenance(version="0")


def ask(name, clip, target="audio", **more):
    """Make a question of two or four choices."""
    told: dict[str, Any] = {
        "text": "What is it?",
        "choices": ("a", "b", "c", "d"),
        "answer": 1,
        "task": "basic",
    } | more
    return Question(id=name, clip=clip, target=target, made_by=MADE, **told)


@pytest.fixture(scope="session")
def asked(donors, tmp_path_factory):
    """Write a folder of six questions about real clips, one of them hostile, and one of practice items."""
    home = tmp_path_factory.mktemp("asked")
    silent = Clip(id="silent", video=donors[0].video, source="t")
    clips = [*donors, Clip(id="no picture", audio=donors[0].audio, source="t"), silent]
    names = [clip.id for clip in donors]
    questions = [
        ask("emotion: happy/1", names[0], "video"),
        ask("q2", names[1]),
        ask("q3", names[2], "audiovisual", choices=("Yes", "No"), answer=0, task="agreement"),
        ask("q4", names[3], text=HOSTILE, choices=(HOSTILE, "b"), answer=0),
        ask("q5", names[0], "video", choices=("Yes", "No"), answer=1, task="stress"),
        ask("q6", "no picture", "video"),
        ask("open", names[0], choices=(), answer=None),
    ]
    jsonl.write(home / "data" / "clips.jsonl", clips)
    jsonl.write(home / "data" / "questions.jsonl", questions)
    cue = Cue(clip=names[0], modality="video", name="smile", text="a smile", present=True)
    jsonl.write(home / "data" / "cues.jsonl", [cue])
    certain = [ask(f"c{number}", names[number % 4], answer=number % 4) for number in range(9)]
    jsonl.write(home / "certain" / "clips.jsonl", donors)
    jsonl.write(home / "certain" / "questions.jsonl", certain)
    return home


@pytest.fixture(scope="session")
def exported(asked, tmp_path_factory):
    """Export the questions for six people, with three answers each; only to be copied."""
    out = tmp_path_factory.mktemp("exported") / "people"
    certain = asked / "certain"
    wanted = ProjectPlan(people=6, training=certain, gold=certain, train_items=2, gold_each=2)
    made = export_potato(gather_items([asked / "data"]), out, wanted)
    assert (made.items, made.gold, made.training) == (5, 4, 2)
    return out


@pytest.fixture
def project(exported, tmp_path):
    """Give a copy of the project, to be answered."""
    shutil.copytree(exported, tmp_path / "people")
    return read_project(tmp_path / "people")
