"""A folder holds one run: ``run.json`` says which, another one is refused and changes nothing."""

import json
import subprocess
import sys

import pytest

from avere.analyse import read_run, read_summary, summarise_run
from avere.benchmark import name_benchmark, read_data
from avere.cli.main import run as command
from avere.errors import AvereError
from avere.evaluate import estimate_cost, evaluate_model, rescore_run
from avere.evaluate.plan import Shard, list_items
from avere.evaluate.recipe import EvaluationRecipe
from avere.interfaces import Reply
from avere.records import Clip, Question, journal, jsonl, runs
from avere.report.page import write_page


def info(out):
    return json.loads((out / "run.json").read_text(encoding="utf-8"))


def contents(out):
    return {path.name: path.read_bytes() for path in sorted(out.iterdir())}


def asked(out):
    lines = (out / "journal.jsonl").read_text(encoding="utf-8").splitlines()
    return sorted((row["question"], row["condition"]) for row in map(json.loads, lines))


def test_a_run_says_what_it_is(folder, tmp_path, fake):
    out = tmp_path / "run"
    evaluate_model(fake(), folder, out)
    found = info(out)
    assert found["begun"] <= found["ended"]
    assert found["recipe"] == EvaluationRecipe().model_dump(mode="json")
    assert found["models"] == [{"name": "fake", "fingerprint": "f1", "options": {}, "role": "model"}]
    assert (found["verb"], found["benchmark"], found["seed"]) == ("evaluate", "emorealm", 0)
    assert set(found["data"]) == {"questions", "clips", "cues"}
    again = tmp_path / "again"
    evaluate_model(fake(), folder, again)
    assert {key for key, value in info(again).items() if value != found[key]} <= {"begun", "ended"}


def other_model(folder, out, fake):
    evaluate_model(fake(fingerprint="f2"), folder, out)


def other_recipe(folder, out, fake):
    evaluate_model(fake(), folder, out, recipe=EvaluationRecipe(closed="both", seed=3))


def other_questions(folder, out, fake):
    kept = [
        one.model_copy(update={"id": f"new {one.id}"})
        for one in jsonl.read(folder / "questions.jsonl", Question)
    ]
    jsonl.write(folder / "questions.jsonl", kept)
    evaluate_model(fake(), folder, out)


def other_media(folder, out, fake):
    (folder / "media" / "c1.mp4").write_bytes(b"another film")
    evaluate_model(fake(), folder, out)


def other_part(folder, out, fake):
    evaluate_model(fake(fingerprint="f2"), folder, out, shard=Shard(0, 2))


@pytest.mark.parametrize(
    ("other", "named"),
    [
        (other_model, "model fake has fingerprint f1 there and f2 here"),
        (other_recipe, "recipe closed is log-prob there and both here; recipe seed is 0 there and 3 here"),
        (other_questions, "other questions"),
        (other_media, r"question 'c1/s' \(av\) was about other media"),
        (other_part, "model fake has fingerprint f1 there and f2 here"),
    ],
)
def test_a_refused_run_changes_no_byte(folder, tmp_path, fake, other, named):
    out = tmp_path / "run"
    evaluate_model(fake(), folder, out)
    with (out / "journal.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"key": "cut o')
    before = contents(out)
    with pytest.raises(AvereError, match=rf"'.*run' holds another run: {named}.*; give another --out"):
        other(folder, out, fake)
    assert contents(out) == before


def test_media_may_move(folder, tmp_path, fake):
    evaluate_model(fake(), folder, tmp_path / "run", limit=2)
    model = fake()
    evaluate_model(model, folder.rename(tmp_path / "moved"), tmp_path / "run")
    assert {prompt.video.path.stem for prompt in model.seen} == {"c2"}


def test_a_run_grows_and_never_shrinks(folder, tmp_path, fake):
    whole, out = tmp_path / "whole", tmp_path / "run"
    evaluate_model(fake(), folder, whole, recipe=EvaluationRecipe(conditions=("av", "a")))
    evaluate_model(fake(), folder, out, limit=2)
    assert info(out)["limit"] == 2
    evaluate_model(fake(), folder, out)
    grown = contents(out)
    model = fake()
    evaluate_model(model, folder, out, limit=1, recipe=EvaluationRecipe(clips_at_once=1))
    assert (model.seen, contents(out)) == ([], grown)
    evaluate_model(model, folder, out, limit=1, recipe=EvaluationRecipe(conditions=("a",)))
    assert len(model.calls) == 1
    assert (info(out)["recipe"]["conditions"], info(out)["ended"]) == (["av", "a"], None)
    evaluate_model(fake(), folder, out, recipe=EvaluationRecipe(conditions=("a",)))
    assert info(out)["ended"] is not None
    assert asked(out) == asked(whole)
    for name in ("questions.jsonl", "clips.jsonl", "cues.jsonl", "scores.jsonl"):
        assert (out / name).read_bytes() == (whole / name).read_bytes()


def test_parts_end_with_the_last_one(folder, tmp_path, fake):
    out = tmp_path / "run"
    ends = []
    for number in (1, 0, 2):
        evaluate_model(fake(), folder, out, shard=Shard(number, 3))
        ends.append(info(out)["ended"])
    assert ends[:2] == [None, None]
    assert ends[2] is not None


def test_a_second_process_changes_nothing(folder, tmp_path, fake):
    """While a run goes on, the same command in another process is refused; the first one ends as ever."""
    out, model, said = tmp_path / "run", fake(), []
    score = model.score

    def slow(candidates):
        before = contents(out)
        words = [sys.executable, "-c", SECOND, str(folder), str(out)]
        said.append(subprocess.run(words, capture_output=True, text=True, check=False))
        assert contents(out) == before
        return score(candidates)

    model.score = slow
    evaluate_model(model, folder, out, recipe=EvaluationRecipe(clips_at_once=3))
    assert [(one.returncode, one.stderr.count("\n")) for one in said] == [(2, 1)]
    assert "another process is writing" in said[0].stderr
    evaluate_model(fake(), folder, tmp_path / "alone")
    assert (out / "scores.jsonl").read_bytes() == (tmp_path / "alone" / "scores.jsonl").read_bytes()


SECOND = """
import sys
from pathlib import Path
from avere.errors import AvereError
from avere.evaluate import evaluate_model

class Fake:
    name, fingerprint = "fake", "f1"

try:
    evaluate_model(Fake(), Path(sys.argv[1]), Path(sys.argv[2]), limit=1)
except AvereError as error:
    print(error, file=sys.stderr)
    sys.exit(2)
"""


def test_of_two_that_start_together_one_run_comes(folder, tmp_path):
    out = tmp_path / "run"
    words = ["evaluate", "--model", "scripted:always-yes", "--data", str(folder), "--out", str(out)]
    both = [
        subprocess.Popen([sys.executable, "-m", "avere.cli.main", *words], stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    ends = [(one.communicate()[1].decode(), one.returncode) for one in both]
    assert {code for _, code in ends} <= {0, 2}
    assert any(code == 0 for _, code in ends)
    assert all(code == 0 or "another process is writing" in said for said, code in ends)
    assert len(asked(out)) == 9
    assert info(out)["ended"] is not None


def test_what_was_too_slow_is_asked_again(folder, tmp_path, fake):
    out, slow = tmp_path / "run", fake()

    def respond(prompts, **_):
        for index, prompt in enumerate(prompts):
            late = prompt.video.path.stem == "c1"
            yield Reply(
                index=index, text="", status="timeout" if late else "ok", reason="after 9 s" if late else None
            )

    slow.respond = respond
    with pytest.raises(
        AvereError,
        match=r"^1 questions got no answer \(1 timeout\), the first because: after 9 s; all others",
    ):
        evaluate_model(slow, folder, out)
    assert ("c1/v", "av") not in asked(out)
    assert info(out)["ended"] is None
    model = fake()
    evaluate_model(model, folder, out)
    assert [prompt.video.path.stem for prompt in model.seen] == ["c1"]
    assert ("c1/v", "av") in asked(out)


def test_a_dry_run_refuses_what_the_run_would(folder, tmp_path, fake):
    evaluate_model(fake(), folder, tmp_path / "run")
    with pytest.raises(AvereError, match="recipe closed is log-prob there and reply here"):
        estimate_cost(fake(), folder, tmp_path / "run", recipe=EvaluationRecipe(closed="reply"))


def old_line(question, logs, **changes):
    """One prediction as version 0.1 wrote it."""
    made_by = {"recipe": "emorealm closed=log-prob", "model": "f1", "seed": 0, "version": "0.1.0"}
    line = {
        "key": f"{question}-key",
        "question": question,
        "condition": "av",
        "model": "fake",
        "reply": "",
        "choice_log_probs": logs,
        "status": "ok",
        "seconds": 0.01,
        "made_by": made_by,
    }
    return json.dumps({**line, **changes}) + "\n"


@pytest.fixture
def old(folder, tmp_path):
    """A run folder without ``run.json``, of two clips, the second of which was too slow."""
    out = tmp_path / "old"
    out.mkdir()
    clips = list(jsonl.read(folder / "clips.jsonl", Clip))[:2]
    jsonl.write(out / "clips.jsonl", clips)
    questions = [
        one for one in jsonl.read(folder / "questions.jsonl", Question) if one.id[:2] in {"c0", "c1"}
    ]
    jsonl.write(out / "questions.jsonl", [one for one in questions if one.choices])
    (out / "cues.jsonl").write_text("", encoding="utf-8")
    (out / "journal.jsonl").write_text(
        old_line("c0/s", [-0.1, -2.0])
        + old_line("c0/d", [-2.0, -0.1])
        + old_line("c0/s", [-0.1, -2.0], condition="permute-1", key="p")
        + old_line("c1/s", None, status="timeout", reason="after 9 s"),
        encoding="utf-8",
    )
    return out


def test_an_old_folder_is_scored_and_reported(old, capsys):
    assert name_benchmark(old) == "emorealm"
    rescore_run(old)
    summarise_run(old, draws=20)
    found = read_summary(old).conditions["av"]
    assert found.status == {"not asked": 1, "ok": 2, "timeout": 1}
    assert found.measures["accuracy/reasoning_stress_video"].value == 50.0
    assert sorted(read_run(old).predictions) == ["av", "rotate-1"]
    write_page([old], old / "report.html")
    assert "fake" in (old / "report.html").read_text(encoding="utf-8")
    assert command(["score", str(old), "--draws", "20"]) == 0
    assert "fake" in capsys.readouterr().out


def as_old(out):
    """Make a folder what version 0.1 would have left."""
    (out / "run.json").unlink()
    text = (out / "journal.jsonl").read_text(encoding="utf-8")
    (out / "journal.jsonl").write_text(text.replace("evaluate/emorealm", "emorealm closed=log-prob"), "utf-8")


def test_an_old_run_goes_on(folder, tmp_path, fake):
    out = tmp_path / "run"
    evaluate_model(fake(), folder, out, limit=2)
    as_old(out)
    kept = contents(out)
    with pytest.raises(AvereError, match="model fake has fingerprint f1 there and f2 here"):
        evaluate_model(fake(fingerprint="f2"), folder, out)
    assert contents(out) == kept
    evaluate_model(fake(), folder, out, limit=1)
    assert info(out)["limit"] == 2
    assert {name: text for name, text in contents(out).items() if name != "run.json"} == kept
    model = fake()
    evaluate_model(model, folder, out)
    assert {prompt.video.path.stem for prompt in model.seen} == {"c2"}
    other_questions_of(folder)
    as_old(out)
    with pytest.raises(AvereError, match="other questions"):
        evaluate_model(fake(), folder, out)


def test_an_old_run_with_rotated_options_goes_on(folder, tmp_path, fake):
    """Version 0.1 called the condition ``permute-1``, in the journal and in the keys."""
    out, recipe = tmp_path / "run", EvaluationRecipe(conditions=("av", "rotate"))
    evaluate_model(fake(), folder, out, recipe=recipe, limit=2)
    as_old(out)
    former = {
        item.key: item.former_key
        for items in list_items(read_data("emorealm", recipe.config(), folder), recipe, "f1")
        for item in items
    }
    text = (out / "journal.jsonl").read_text(encoding="utf-8").replace("rotate-", "permute-")
    assert text.count("permute-1") == sum(key != other for key, other in former.items() if key in text) > 0
    for key, other in former.items():
        text = text.replace(key, other)
    (out / "journal.jsonl").write_text(text, encoding="utf-8")
    model = fake()
    evaluate_model(model, folder, out, recipe=recipe)
    assert {prompt.video.path.stem for prompt in model.seen} == {"c2"}
    evaluate_model(fake(), folder, tmp_path / "whole", recipe=recipe)
    for name in ("questions.jsonl", "clips.jsonl"):
        assert (out / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    old, new = (
        {(one.question, one.condition): one.reply for one in journal.read(run).values()}
        for run in (out, tmp_path / "whole")
    )
    assert old == new
    with pytest.raises(AvereError, match="model fake has fingerprint"):
        evaluate_model(fake(fingerprint="f2"), folder, out, recipe=recipe)


def other_questions_of(folder):
    changed = [
        one.model_copy(update={"text": "Otherwise?"}) if one.id == "c0/s" else one
        for one in jsonl.read(folder / "questions.jsonl", Question)
    ]
    jsonl.write(folder / "questions.jsonl", changed)


def test_a_wrong_file_is_named(folder, tmp_path, fake):
    out = tmp_path / "run"
    evaluate_model(fake(), folder, out)
    (out / "run.json").write_text("{}", encoding="utf-8")
    with pytest.raises(AvereError, match=r"run\.json: not a RunInfo: verb"):
        evaluate_model(fake(), folder, out)
    assert runs.read_info(tmp_path) is None
