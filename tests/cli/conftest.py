"""A benchmark of two clips on disk, which needs no media."""

import pytest

from avere.records import Clip, Cue, Provenance, Question, jsonl


@pytest.fixture
def data(tmp_path):
    made = Provenance(version="0")
    home = tmp_path / "data"
    jsonl.write(home / "clips.jsonl", [Clip(id=f"c{i}", source="t") for i in range(2)])
    jsonl.write(
        home / "cues.jsonl",
        [
            Cue(
                clip="c0",
                modality="video",
                name="smile",
                text="broad smile",
                present=True,
                evidence_of="happiness",
            )
        ],
    )
    jsonl.write(
        home / "questions.jsonl",
        [
            Question(
                id=f"c{i}",
                clip=f"c{i}",
                task="modality_agreement",
                text="Do they agree?",
                choices=("Yes", "No"),
                answer=i,
                target="audiovisual",
                made_by=made,
            )
            for i in range(2)
        ],
    )
    return home
