"""Summaries: repeatable bytes, exact round trip, faults named."""

import pytest

from avere.analyse import MEASURES, read_summary, summarise_run
from avere.analyse.runs import read_run
from avere.analyse.table import read_table
from avere.errors import AvereError, RecordError
from avere.records import Clip, Prediction, Provenance, Question, Score, jsonl

MADE = Provenance(version="0", model="print")


@pytest.fixture
def run(tmp_path):
    questions = [
        Question(
            id=f"q{i}",
            clip=f"c{i // 2}",
            task="reasoning_basic_audio",
            text="?",
            choices=("a", "b"),
            answer=0,
            target="audio",
            made_by=MADE,
        )
        for i in range(6)
    ]
    predictions = [
        Prediction(
            key=f"k{i}", question=f"q{i}", condition="av", model="m", reply="A", status="ok", made_by=MADE
        )
        for i in range(5)
    ]
    jsonl.write(tmp_path / "questions.jsonl", questions)
    jsonl.write(tmp_path / "clips.jsonl", [Clip(id=f"c{i}", source="t") for i in range(3)])
    jsonl.write(tmp_path / "cues.jsonl", [])
    jsonl.write(tmp_path / "journal.jsonl", predictions)
    jsonl.write(
        tmp_path / "scores.jsonl",
        [Score(key=f"k{i}", value=float(i < 3) if i < 4 else None, reason=None) for i in range(5)],
    )
    return tmp_path


def test_what_was_not_asked_and_not_scored_is_counted(run):
    summarise_run(run, draws=30)
    found = read_summary(run).conditions["av"]
    assert (found.questions, found.clips) == (6, 3)
    assert found.status == {"not asked": 1, "ok": 5}
    assert found.unscored == {"no reason": 1}
    assert found.measures["basic_accuracy"].value == 50.0
    assert found.measures["unscored"].value == pytest.approx(33.3333)
    assert set(found.measures) == set(MEASURES)


def test_same_run_same_bytes(run):
    first = summarise_run(run, draws=30).read_bytes()
    assert summarise_run(run, draws=30).read_bytes() == first


def test_an_unknown_condition_is_named(run):
    with pytest.raises(AvereError, match="no condition 'text'; it has av"):
        read_table(read_run(run), "text")


def test_no_summary_no_run(tmp_path):
    with pytest.raises(RecordError, match="make it with `avere score`"):
        read_summary(tmp_path)
    with pytest.raises(AvereError, match=r"holds no scores\.jsonl"):
        read_run(tmp_path)
