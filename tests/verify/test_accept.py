"""From answers to a verified benchmark, its card, and what others must settle."""

import json

import pytest

from avere.benchmark import emorealm
from avere.errors import AvereError
from avere.records import Clip, Question, jsonl
from avere.verify.accept import accept_items, estimate_accuracy
from avere.verify.import_verdicts import import_verdicts
from avere.verify.items import gather_items
from avere.verify.potato_project import export_potato
from avere.verify.potato_settings import ProjectPlan
from avere.verify.project import read_project
from people import shipped_rule, write_states

from .conftest import ask

SLOW = 30.0


@pytest.fixture
def answered(project):
    """Answer rightly, but for two questions: one gets another answer, one all kinds of them."""
    turns = {"q2": 0}

    def answer(token, item):
        right = item.question.answer
        if item.role == "question" and item.question.id == "q5":
            return 1 - right, SLOW
        if item.role == "question" and item.question.id == "q2":
            turns["q2"] += 1
            return turns["q2"] % 4, SLOW
        return right, SLOW

    write_states(project, answer, 3, 0)
    import_verdicts(project.folder)
    return project


def test_what_people_accept_is_a_benchmark(answered, tmp_path):
    out = tmp_path / "verified"
    made = accept_items(answered.folder, out, shipped_rule())
    assert {one.id: one.outcome for one in made.decisions} == {
        **{"emotion: happy/1": "accepted", "q2": "adjudicate", "q3": "accepted"},
        **{"q4": "accepted", "q5": "dropped"},
    }
    kept = list(emorealm.questions(out))
    assert [one.id for one in kept] == ["emotion: happy/1", "q3", "q4"]
    assert kept == [one for one in jsonl.read(out / "questions.jsonl", Question)]
    clips = jsonl.read_by_id(out / "clips.jsonl", Clip)
    assert set(clips) == {one.clip for one in kept}
    assert all(clip.audio and clip.audio.exists() for clip in clips.values())
    assert (out / "cues.jsonl").exists()
    card = (out / "README.md").read_text()
    assert "5 items asked: 3 accepted, 1 dropped, 1 without a majority, 0 waiting" in card
    assert "| people answer otherwise | 1 |" in card
    assert "<script" not in card


def test_ties_go_to_a_project_of_the_same_kind(answered, asked, tmp_path):
    out = tmp_path / "verified"
    accept_items(answered.folder, out, shipped_rule())
    items = gather_items([out / "adjudicate"])
    assert list(items.questions) == ["q2"]
    second = tmp_path / "second"
    certain = asked / "certain"
    wanted = ProjectPlan(people=1, per_question=1, training=certain, gold=certain, train_items=0, gold_each=0)
    export_potato(items, second, wanted)
    write_states(read_project(second), lambda _, item: (item.question.answer, SLOW), 1, 0)
    import_verdicts(second)
    made = accept_items(answered.folder, out, shipped_rule(), [second])
    (q2,) = [one for one in made.decisions if one.id == "q2"]
    assert (q2.outcome, q2.settled) == ("accepted", True)
    assert not (out / "adjudicate").exists()
    assert "1 ties settled by others" in (out / "README.md").read_text()


def test_what_waits_can_be_asked_again(answered, tmp_path):
    out = tmp_path / "verified"
    made = accept_items(answered.folder, out, shipped_rule(min_people=4))
    assert {one.outcome for one in made.decisions} == {"waiting"}
    assert len(gather_items([out / "waiting"]).questions) == 5
    assert (out / "questions.jsonl").read_text() == ""


def test_decided_cues_are_what_construct_takes(donors, asked, tmp_path):
    from avere.annotate import decisions
    from avere.annotate.annotations import Waiting
    from avere.records import Cue

    home = tmp_path / "queue"
    cues = [
        Cue(clip=donors[n].id, modality="audio", name="laugh", text="a laugh", present=True) for n in range(2)
    ]
    jsonl.write(home / "clips.jsonl", donors)
    rows = [
        Waiting(id=f"{cue.clip}/audio/laugh", clip=cue.clip, cue=cue, said=(), agreement=None, question="?")
        for cue in cues
    ]
    jsonl.write(home / "queue.jsonl", rows)
    out = tmp_path / "people"
    export_potato(
        gather_items([home / "queue.jsonl"]), out, ProjectPlan(people=3, train_items=0, gold_each=0)
    )
    first = rows[0].id
    write_states(read_project(out), lambda _, item: (0 if item.question.id == first else 2, SLOW), 3, 0)
    import_verdicts(out)
    accept_items(out, tmp_path / "verified", shipped_rule())
    found = decisions.read(tmp_path / "verified/decisions.jsonl")
    assert found == {rows[0].id: "keep", rows[1].id: "drop"}


def test_questions_of_somebody_are_not_written_over(answered, asked):
    with pytest.raises(AvereError, match="would replace"):
        accept_items(answered.folder, asked / "data", shipped_rule())


def test_accuracy_of_people_counts_answers_and_resamples_clips():
    from avere.records import Verdict

    def said(*answers):
        return [Verdict(question="q", person="p", keep=True, answer=one, at="") for one in answers]

    rows = [(ask(f"q{n}", f"c{n}"), said(1, 1, 0 if n % 2 else 1)) for n in range(40)]
    found = estimate_accuracy(rows)
    # 40 questions, three answers each; 20 of the 120 answers are wrong.
    assert found.value == pytest.approx(100 * 100 / 120, abs=1e-3)
    assert found.low is not None
    assert found.high is not None
    assert found.low < 100 * 100 / 120 < found.high
    assert estimate_accuracy([]).reason == "nothing to measure"
    assert estimate_accuracy(rows[:3]).reason == "only 3 clips"


def test_from_the_command_line(answered, command, tmp_path):
    folder = answered.folder
    said = command("verify", "import", folder)
    assert (said.code, said.out.splitlines()[0]) == (0, "15 verdicts, 12 answers to hidden items")
    said = command("verify", "status", folder)
    assert "questions by their answers: 5 with 3; 3 are wanted" in said.out
    assert "disputed: 1" in said.out
    said = command("verify", "accept", folder, "--out", tmp_path / "v", "--set", "min_gold_items=9")
    assert said.code == 0
    assert "     3  accepted" in said.out
    assert f"avere verify export potato {tmp_path / 'v/adjudicate'}" in said.out
    people = [json.loads(line) for line in (tmp_path / "v/people.jsonl").open()]
    assert people[-1]["task"] == "all"
    said = command("verify", "accept", folder, "--out", tmp_path / "v", "--set", "majority=0.4")
    assert said.code == 2
    assert "majority" in said.err


def test_exports_from_the_command_line(asked, command, tmp_path):
    certain = asked / "certain"
    words = (
        "verify",
        "export",
        "potato",
        asked / "data",
        "--people",
        3,
        "--training",
        certain,
        "--gold",
        certain,
    )
    said = command(*words, "--train-items", 1, "--gold-each", 1, "--out", tmp_path / "p")
    assert said.code == 0
    assert said.out.splitlines()[0] == "5 items, 1 hidden ones, 1 to practise on, 3 links"
    assert "left out: 1 open, without choices" in said.out
    again = command(*words, "--out", tmp_path / "p")
    assert (again.code, "holds a project already" in again.err) == (2, True)
    few = command(*words, "--per-question", 4, "--out", tmp_path / "q")
    assert "3 people cannot give 4 answers" in few.err
    many = command(*words, "--train-items", 99, "--out", tmp_path / "q")
    assert "99" not in many.out
    assert "has 9 items, and 101 are wanted" in many.err
    assert not (tmp_path / "q").exists()
