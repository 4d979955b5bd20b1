"""EmoReAlM: both media always, choices as the published prompt has them, the published file."""

import json
from pathlib import Path

import pytest

from avere.benchmark import emorealm
from avere.errors import AvereError
from avere.records import Clip, Medium, Provenance, Question, jsonl

CLIP = Clip(id="c", video=Path("c.mp4"), audio=Path("c.wav"), source="test")
ROW = {
    "id": "7",
    "video": "part_1/1.mp4",
    "task": "reasoning_stress_audio",
    "question": "Does the laughter show joy?",
    "choices": ["(A) Yes", "(B) No"],
    "answer": "B",
}


def question(**fields):
    given = {
        "id": "q",
        "clip": "c",
        "task": "reasoning_stress_audio",
        "text": "Does it?",
        "choices": ("Yes", "No"),
        "answer": 1,
        "target": "audio",
        "made_by": Provenance(version="0"),
    }
    return Question(**{**given, **fields})


@pytest.mark.parametrize("target", ["audio", "video", "audiovisual"])
def test_both_media_whatever_the_target(target):
    prompt = emorealm.prompt(question(target=target), CLIP)
    assert prompt.text == "Does it? (A) Yes (B) No"
    assert (prompt.video, prompt.audio) == (Medium(path=Path("c.mp4")), Medium(path=Path("c.wav")))


def test_a_track_that_is_not_there_is_not_given():
    assert emorealm.prompt(question(), CLIP.model_copy(update={"audio": None})).audio is None


def test_an_open_question_is_asked_in_its_own_words():
    asked = question(choices=(), answer=None, task="description_audio")
    assert emorealm.prompt(asked, CLIP).text == "Does it?"
    assert emorealm.options(asked) == ()


def test_published_file(tmp_path):
    file = tmp_path / "emorealm_v1.json"
    file.write_text(json.dumps([ROW]), encoding="utf-8")
    (found,) = emorealm.questions(file)
    assert (found.clip, found.choices, found.answer, found.target) == ("part_1/1", ("Yes", "No"), 1, "audio")


@pytest.mark.parametrize("wrong", [{"answer": "C"}, {"choices": None}, {"task": None}])
def test_a_wrong_entry_is_named(tmp_path, wrong):
    file = tmp_path / "emorealm_v1.json"
    file.write_text(json.dumps([ROW, {**ROW, **wrong}]), encoding="utf-8")
    with pytest.raises(AvereError, match="entry 1"):
        list(emorealm.questions(file))


def test_more_choices_than_letters_are_refused(tmp_path):
    jsonl.write(tmp_path / "questions.jsonl", [question(choices=tuple(map(str, range(27))))])
    with pytest.raises(AvereError, match="question 'q' has 27 choices, and there is one letter for 26 only"):
        list(emorealm.questions(tmp_path))
