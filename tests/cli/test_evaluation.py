"""The verbs ``evaluate``, ``score`` and ``report``, one after the other as a person types them."""

import pytest

from avere.cli.main import run
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


def test_the_road(data, tmp_path, capsys):
    for rule in ("always-yes", "always-no"):
        given = [
            "evaluate",
            "--model",
            f"scripted:{rule}",
            "--data",
            str(data),
            "--out",
            str(tmp_path / rule),
        ]
        assert run(given) == 0
    assert "50.0" in capsys.readouterr().out
    (tmp_path / "always-no" / "summary.json").unlink()
    assert run(["score", str(tmp_path / "always-no"), "--draws", "50"]) == 0
    page = tmp_path / "page.html"
    folders = [str(tmp_path / rule) for rule in ("always-yes", "always-no")]
    assert run(["report", *folders, "--out", str(page)]) == 0
    assert "always-no" in page.read_text(encoding="utf-8")


def test_mistakes_are_one_line(data, tmp_path, capsys):
    assert run(["score", str(tmp_path)]) == 2
    assert run(["report", str(tmp_path)]) == 2
    given = ["evaluate", "--model", "scripted:always-yes", "--data", str(data), "--out", str(tmp_path / "x")]
    assert run([*given, "--conditions", "av,deaf"]) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 3
    assert all(line.startswith("avere: ") for line in lines)
