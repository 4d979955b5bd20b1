"""Tasks exported to other harnesses run on their own and read as we do; their records come back whole."""

import json
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from avere import catalogue, media
from avere.analyse import read_summary, summarise_run
from avere.answers import strict
from avere.benchmark.compat import emorealm_metrics
from avere.cli.main import run
from avere.errors import AvereError
from avere.evaluate import rescore_run
from avere.evaluate.import_run import RunSource, asked, import_run
from avere.exchange import harnesses
from avere.interfaces import HarnessExporter, HarnessReader
from avere.media.probing import probe
from avere.records import Clip, Prediction, Provenance, Question, Score, journal, jsonl

MADE = Provenance(version="0")
QUESTIONS = [
    Question(
        id=f"q{number}",
        clip=f"c{number % 2}",
        task=task,
        text="Which?",
        choices=choices,
        answer=number % len(choices) if choices else None,
        target="audiovisual",
        made_by=MADE,
    )
    for number, (task, choices) in enumerate(
        [
            ("modality_agreement", ("Yes", "No")),
            ("modality_agreement", ("Yes", "No")),
            ("reasoning_basic_audio", ("laughter", "a sob", "a gasp", "a hum")),
            ("description_audio", ()),
        ]
    )
]
REPLIES = {"q0": "(A) Yes", "q1": "Yes", "q2": "A smile"}
"""Strict: right, wrong, unread; the published script: right, wrong, wrong (C is right)."""


@pytest.fixture
def data(tmp_path):
    home = tmp_path / "data"
    clips = [
        Clip(id=f"c{i}", video=home / f"c{i}.mp4", audio=home / f"c{i}.wav", source="t") for i in range(2)
    ]
    jsonl.write(home / "clips.jsonl", clips)
    jsonl.write(home / "questions.jsonl", QUESTIONS)
    return home


@pytest.fixture(autouse=True)
def no_media(monkeypatch):
    """Let every video have sound, so that none is opened."""
    monkeypatch.setattr(media, "probe", lambda _: SimpleNamespace(has_audio=True))


def lmms_eval(folder, replies):
    """Write samples as lmms-eval does, a file a task."""
    choices = {question.id: list(question.choices) for question in QUESTIONS}
    for number, (name, reply) in enumerate(replies.items()):
        row = {
            "doc_id": number,
            "filtered_resps": reply,
            "avere": {"id": name, "choices": choices.get(name, [])},
        }
        path = folder / "model" / f"1_samples_avere_emorealm_{number}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(row) + "\n")
    return folder


def inspect(folder, replies):
    """Write a log as inspect_ai does."""
    folder.mkdir()
    samples = [
        {"id": name, "output": {"completion": reply}, "metadata": {"clip": "c"}}
        for name, reply in replies.items()
    ]
    (folder / "log.json").write_text(json.dumps({"version": 2, "samples": samples}))
    return folder


def published(folder, replies):
    """Write predictions as the published code does."""
    folder.mkdir()
    for name, reply in replies.items():
        (folder / f"{name}.txt").write_text(reply)
    return folder


WRITERS = {"lmms-eval": lmms_eval, "inspect": inspect, "published": published}


def test_every_harness_is_tested():
    assert set(harnesses.names(HarnessReader)) == set(WRITERS)


@pytest.mark.parametrize("harness", sorted(WRITERS))
def test_old_words_are_read_by_every_parser(harness, data, tmp_path):
    records = WRITERS[harness](tmp_path / "records", REPLIES)
    out = tmp_path / "run"
    assert import_run(RunSource(harness, [records], "old"), data, out) == (3, 1, 0)
    values = {
        parser: [score.value for score in jsonl.read(rescore_run(out, parser), Score)]
        for parser in ("strict", "compat-avere")
    }
    assert values == {"strict": [1, 0, None], "compat-avere": [1, 0, 0]}


@pytest.mark.parametrize("harness", sorted(WRITERS))
def test_what_has_no_reply_stays_and_counts_as_wrong(harness, data, tmp_path):
    records = WRITERS[harness](tmp_path / "records", {"q1": "B"})
    assert import_run(RunSource(harness, [records], "old"), data, tmp_path / "all") == (1, 3, 0)
    rescore_run(tmp_path / "all")
    summarise_run(tmp_path / "all", draws=2)
    numbers = read_summary(tmp_path / "all").conditions["av"]
    assert numbers.status == {"ok": 1, "not asked": 3}
    assert numbers.measures["accuracy/modality_agreement"].value == 50
    part = RunSource(harness, [records], "old")
    assert import_run(part, data, tmp_path / "part", only_answered=True) == (1, 0, 3)
    assert list(jsonl.read(tmp_path / "part" / "questions.jsonl", Question)) == QUESTIONS[1:2]


def test_the_published_files_give_the_published_numbers(tmp_path, capsys):
    rows = [
        {
            "id": f"v{number}",
            "video": f"part_1/{number}.mp4",
            "task": task,
            "question": "Which?",
            "choices": [f"({letter}) {text}" for letter, text in zip("ABCD", choices, strict=False)],
            "answer": answer,
        }
        for number, (task, choices, answer) in enumerate(
            [
                ("modality_agreement", ("Yes", "No"), "A"),
                ("modality_agreement", ("Yes", "No"), "B"),
                ("reasoning_basic_audio", ("a hum", "a sob", "a gasp", "a cry"), "A"),
            ]
        )
    ]
    (tmp_path / "emorealm.json").write_text(json.dumps(rows))
    said = {"v0": "A", "v1": "(B) No", "v2": "there is a sob"}
    records = published(tmp_path / "preds", said)
    given = ["import", "published", str(records), "--data", str(tmp_path / "emorealm.json")]
    assert run([*given, "--out", str(tmp_path / "run"), "--model", "AVERE-7B"]) == 0
    assert "3 replies; 0 questions without one" in capsys.readouterr().out
    values = [score.value for score in jsonl.read(rescore_run(tmp_path / "run", "compat-avere"), Score)]
    # The article of "a sob" counts as the letter A.
    assert values == [1, 1, 1]
    assert emorealm_metrics(rows, said, parse=False)["average_accuracy"] == 100


@pytest.mark.parametrize(
    ("replies", "message"),
    [
        ({"q9": "A"}, "no closed question of .* is called 'q9'"),
        ({"q3": "A"}, "no closed question of .* is called 'q3'"),
    ],
)
@pytest.mark.parametrize("harness", sorted(WRITERS))
def test_records_of_other_questions_are_refused(harness, replies, message, data, tmp_path):
    records = WRITERS[harness](tmp_path / "records", replies)
    with pytest.raises(AvereError, match=message):
        import_run(RunSource(harness, [records], "old"), data, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_other_options_and_two_runs_are_refused(data, tmp_path):
    records = lmms_eval(tmp_path / "records", {"q0": "A"})
    (file,) = records.rglob("*.jsonl")
    file.write_text(file.read_text().replace("No", "Never"))
    with pytest.raises(AvereError, match="'q0' had other options"):
        import_run(RunSource("lmms-eval", [records], "old"), data, tmp_path / "run")
    two = [published(tmp_path / name, {"q0": reply}) for name, reply in (("x", "A"), ("y", "B"))]
    with pytest.raises(AvereError, match="differ on 'q0'; give the files of one run"):
        import_run(RunSource("published", two, "old"), data, tmp_path / "run")


def test_a_run_is_never_written_over(data, tmp_path):
    records = published(tmp_path / "records", REPLIES)
    import_run(RunSource("published", [records], "old"), data, tmp_path / "run")
    with pytest.raises(AvereError, match="holds a run already"):
        import_run(RunSource("published", [records], "old"), data, tmp_path / "run")


def test_mistakes_are_one_line(data, tmp_path, capsys):
    (tmp_path / "log.eval").touch()
    (tmp_path / "empty").mkdir()
    rest = ["--data", str(data), "--out", str(tmp_path / "run"), "--model", "m"]
    for harness, path in (("inspect", "log.eval"), ("lmms-eval", "empty"), ("published", "empty")):
        assert run(["import", harness, str(tmp_path / path), *rest]) == 2
    assert run(["import", "lmms", str(tmp_path), *rest]) == 2
    assert run(["export", "published", str(tmp_path / "x"), "--data", str(data)]) == 2
    assert run(["export", "lmms-eval", str(tmp_path / "avere_emorealm"), "--data", str(data)]) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 6
    assert "inspect log dump" in lines[0]
    assert "did you mean 'lmms-eval'?" in lines[3]
    assert "give another name" in lines[5]


PROBE = """
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location("emorealm", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
assert not any(name.startswith("avere") for name in sys.modules)
rows = list(module.rows())
said = json.loads(sys.argv[2])
print(json.dumps({
    "splits": sorted(module.DATA["data_files"]),
    "messages": module.doc_to_messages(rows[0]),
    "visual": module.doc_to_visual(rows[0]),
    "results": [module.process_results(row, [said[row["id"]]]) for row in rows],
}))
"""


def test_an_exported_task_runs_without_this_package(data, tmp_path, capsys):
    assert run(["export", "lmms-eval", str(tmp_path / "task"), "--data", str(data)]) == 0
    assert "1  left out" in capsys.readouterr().out
    command = [
        sys.executable,
        "-I",
        "-S",
        "-c",
        PROBE,
        str(tmp_path / "task" / "emorealm.py"),
        json.dumps(REPLIES),
    ]
    found = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    assert found["splits"] == ["modality_agreement", "reasoning_basic_audio"]
    (turn,) = found["messages"]
    assert [part["type"] for part in turn["content"]] == ["video", "audio", "text"]
    assert turn["content"][2]["text"] == "Which? (A) Yes (B) No"
    assert found["visual"] == [turn["content"][0]["url"]]
    assert [row["accuracy_score"] for row in found["results"]] == [1, 0, 0]
    assert [row["avere"]["id"] for row in found["results"]] == ["q0", "q1", "q2"]


def undefined(file):
    """List the names that a file uses and nowhere defines: it must run without this package."""
    words = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--isolated",
        "--select",
        "F821",
        "--output-format",
        "concise",
    ]
    done = subprocess.run([*words, "--quiet", str(file)], capture_output=True, text=True, check=False)
    return done.stdout


def test_the_inspect_task_is_python_and_shows_both_media(data, tmp_path):
    given = asked(data)
    catalogue.find(harnesses.PACKAGE, "inspect", HarnessExporter).export(given, tmp_path / "task", 8)
    text = (tmp_path / "task" / "emorealm.py").read_text()
    assert undefined(tmp_path / "task" / "emorealm.py") == ""
    assert "from avere" not in text
    assert "max_tokens=8" in text
    assert strict.parse.__doc__ is not None
    assert strict.parse.__doc__ in text
    row = json.loads((tmp_path / "task" / "questions" / "reasoning_basic_audio.jsonl").read_text())
    assert row["audio"] == "../data/c0.wav"
    assert row["answer"] == "C"


def test_media_that_harnesses_cannot_take_are_written_anew(data, tmp_path, monkeypatch):
    monkeypatch.setattr(media, "probe", probe)
    frames = np.zeros((4, 32, 32, 3), dtype=np.uint8)
    wave = np.sin(np.arange(16_000, dtype=np.float32) / 20)
    silent, heard, wav = (data / name for name in ("silent.mp4", "heard.mp4", "a.wav"))
    media.write_video(silent, frames, 4)
    media.write_video(heard, frames, 4, wave=wave)
    media.write_sound(wav, wave, 16_000)
    clips = [
        Clip(id="c0", video=silent, audio=wav, source="t"),
        Clip(id="c1", video=heard, audio=heard, source="t"),
    ]
    jsonl.write(data / "clips.jsonl", clips)
    folder = tmp_path / "task"
    catalogue.find(harnesses.PACKAGE, "lmms_eval", HarnessExporter).export(asked(data), folder, 8)
    assert undefined(folder / "emorealm.py") == ""
    lines = (folder / "questions" / "modality_agreement.jsonl").read_text().splitlines()
    first, second = map(json.loads, lines)
    assert (first["video"], first["audio"], first["both"]) == (
        "../data/silent.mp4",
        "../data/a.wav",
        "media/00000.mov",
    )
    both = probe(folder / first["both"])
    assert both.has_video
    assert both.has_audio
    assert np.allclose(media.sound(folder / first["both"]), wave, atol=1e-3)
    assert (second["audio"], second["both"]) == ("media/00001.wav", "../data/heard.mp4")
    assert len(media.sound(folder / second["audio"])) >= 16_000


def test_keys_tell_runs_apart(data, tmp_path):
    records = published(tmp_path / "records", REPLIES)
    for model in ("one", "two"):
        import_run(RunSource("published", [records], model), data, tmp_path / model)
    keys = [set(journal.read(tmp_path / model)) for model in ("one", "two")]
    assert not keys[0] & keys[1]
    found = next(iter(journal.read(tmp_path / "one").values()))
    assert isinstance(found, Prediction)
    assert found.made_by.recipe == "import/emorealm"
