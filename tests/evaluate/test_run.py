"""Evaluations: whole, resumable, repeatable, and no failure lost."""

import json

import pytest

from avere.analyse import read_summary, summarise_run
from avere.errors import AvereError, MediaError
from avere.evaluate import evaluate_model, rescore_run
from avere.evaluate.plan import Shard
from avere.evaluate.recipe import EvaluationRecipe
from avere.interfaces import Reply
from avere.records import Clip, jsonl


def rows(out, name):
    return [json.loads(line) for line in (out / name).read_text(encoding="utf-8").splitlines()]


def test_all_questions_of_some_clips_go_together(folder, tmp_path, fake):
    model = fake()
    evaluate_model(model, folder, tmp_path / "run", recipe=EvaluationRecipe(clips_at_once=2))
    assert model.calls == [8, 4]
    scores = rows(tmp_path / "run", "scores.jsonl")
    assert [score["read_as"] for score in scores[:3]] == ["log-prob", "log-prob", "description"]


def test_the_numbers_of_a_model_that_always_says_yes(folder, tmp_path, fake):
    out = tmp_path / "run"
    evaluate_model(fake(), folder, out)
    summarise_run(out, draws=50)
    measures = read_summary(out).conditions["av"].measures
    assert measures["stress_accuracy/supporting"].value == 100.0
    assert measures["stress_yes_rate/displaced"].value == 100.0
    assert measures["accuracy/reasoning_stress_video"].value == 50.0
    assert measures["description/supporting"].value == 100.0
    assert measures["description/recall"].value == 100.0
    assert measures["mean_accuracy"].value is None


def test_resumed_is_uninterrupted(folder, tmp_path, fake):
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    evaluate_model(fake(), folder, whole)
    evaluate_model(fake(), folder, stopped, limit=1)
    with (stopped / "journal.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"key": "cut o')
    model = fake()
    evaluate_model(model, folder, stopped)
    assert model.calls == [8]
    for out in (whole, stopped):
        summarise_run(out, draws=50)
    for name in ("scores.jsonl", "summary.json"):
        assert (whole / name).read_bytes() == (stopped / name).read_bytes()


def test_nothing_is_asked_twice(folder, tmp_path, fake):
    evaluate_model(fake(), folder, tmp_path / "run")
    model = fake()
    evaluate_model(model, folder, tmp_path / "run")
    assert model.seen == []


def test_scoring_again_needs_no_model_and_changes_nothing(folder, tmp_path, fake):
    path = evaluate_model(fake(), folder, tmp_path / "run")
    before = path.read_bytes()
    path.unlink()
    assert rescore_run(tmp_path / "run").read_bytes() == before


def test_an_unreadable_clip_costs_only_its_own_questions(folder, tmp_path, fake):
    out = tmp_path / "run"
    evaluate_model(fake(ill=("c1",)), folder, out)
    statuses = {row["question"]: row["status"] for row in rows(out, "journal.jsonl")}
    assert {name for name, status in statuses.items() if status != "ok"} == {"c1/s", "c1/d", "c1/v"}
    assert statuses["c1/s"] == "media error"
    summarise_run(out, draws=50)
    found = read_summary(out).conditions["av"]
    assert found.status == {"media error": 3, "ok": 6}
    assert found.measures["stress_accuracy/supporting"].value == pytest.approx(66.6667)
    assert found.measures["description/unparsed"].value == pytest.approx(33.3333)


def test_a_defect_is_not_hidden(folder, tmp_path, fake):
    model = fake()
    model.score = lambda _: 1 / 0
    with pytest.raises(ZeroDivisionError):
        evaluate_model(model, folder, tmp_path / "run")


def test_a_model_that_only_speaks_is_read_by_its_words(folder, tmp_path, speaker):
    out = tmp_path / "run"
    evaluate_model(speaker(), folder, out)
    scores = rows(out, "scores.jsonl")
    assert {score["read_as"] for score in scores} == {"strict", "description"}
    summarise_run(out, draws=50)
    measures = read_summary(out).conditions["av"].measures
    assert measures["stress_yes_rate/supporting"].value == 0.0
    assert measures["stress_auroc"].value is None


def test_both_reads_words_and_keeps_log_probabilities(folder, tmp_path, fake):
    out = tmp_path / "run"
    evaluate_model(fake(), folder, out, recipe=EvaluationRecipe(closed="both"))
    score = rows(out, "scores.jsonl")[0]
    assert score["read_as"] == "strict"
    assert score["parts"]["chosen"] == 1.0
    assert score["parts"]["yes_minus_no"] == 1.9
    # the words chose the option that log-probabilities find unlikely: 1 / (1 + e^1.9)
    assert score["parts"]["confidence"] == 0.130108


def test_conditions_take_media_away(folder, tmp_path, fake):
    model = fake()
    evaluate_model(
        model, folder, tmp_path / "run", recipe=EvaluationRecipe(conditions=("text", "a", "v")), limit=1
    )
    given = [(prompt.audio is not None, prompt.video is not None) for prompt in model.seen]
    assert sorted(set(given)) == [(False, False), (False, True), (True, False)]
    assert sorted(read_summary_conditions(tmp_path / "run")) == ["a", "text", "v"]


def read_summary_conditions(out):
    summarise_run(out, draws=10)
    return read_summary(out).conditions


def test_options_in_every_order(folder, tmp_path, fake):
    out = tmp_path / "run"
    evaluate_model(fake(), folder, out, recipe=EvaluationRecipe(conditions=("av", "rotate")))
    asked = [row for row in rows(out, "journal.jsonl") if row["condition"] == "rotate-1"]
    assert [row["question"] for row in asked] == [f"c{i}/{kind}" for i in range(3) for kind in "sd"]
    scores = {row["key"]: row for row in rows(out, "scores.jsonl")}
    assert {scores[row["key"]]["parts"]["chosen"] for row in asked} == {1.0}
    summarise_run(out, draws=20)
    found = read_summary(out)
    assert list(found.conditions) == ["av"]
    assert found.controls["position_consistency/reasoning_stress_video"].value == 0.0
    assert found.controls["letter_prior/2 options/A"].value == 100.0


def test_what_changes_nothing_is_told_and_not_run(folder, tmp_path, fake):
    clips = [
        clip.model_copy(update={"source": "emoworld"}) for clip in jsonl.read(folder / "clips.jsonl", Clip)
    ]
    jsonl.write(folder / "clips.jsonl", clips)
    out, model = tmp_path / "run", fake()
    evaluate_model(model, folder, out, recipe=EvaluationRecipe(conditions=("av", "blur-captions")))
    assert {row["condition"] for row in rows(out, "journal.jsonl")} == {"av"}
    summarise_run(out, draws=10)
    assert read_summary(out).skipped == {"blur-captions": "not applicable: no clip bears captions"}
    with pytest.raises(AvereError, match="nothing to ask: blur-captions: not applicable"):
        evaluate_model(
            model, folder, tmp_path / "other", recipe=EvaluationRecipe(conditions=("blur-captions",))
        )


def test_every_ill_fate_keeps_its_name_and_its_place_in_the_denominator(folder, tmp_path, fake):
    fates = {
        "media error": MediaError("no picture"),
        "out-of-memory": MemoryError("of memory"),
        "refused": AvereError("will not"),
    }
    for status, error in fates.items():
        out, model = tmp_path / status, fake()

        def ill(candidates, score=model.score, error=error):
            if any(candidate.prompt.video.path.stem == "c1" for candidate in candidates):
                raise error
            return score(candidates)

        model.score = ill
        evaluate_model(model, folder, out)
        told = {(row["status"], row["reason"]) for row in rows(out, "journal.jsonl") if row["status"] != "ok"}
        assert told == {(status, str(error))}
        summarise_run(out, draws=10)
        found = read_summary(out).conditions["av"]
        assert found.status == {"ok": 7, status: 2}
        assert found.unscored == {status: 2}
        assert found.measures["stress_accuracy/supporting"].value == pytest.approx(66.6667)


def test_what_cannot_be_read_is_unparsed_and_wrong(folder, tmp_path, speaker):
    out, model = tmp_path / "run", speaker()
    model.respond = lambda prompts, **_: (Reply(index=i, text="perhaps") for i, _ in enumerate(prompts))
    evaluate_model(model, folder, out)
    summarise_run(out, draws=10)
    found = read_summary(out).conditions["av"]
    assert found.status == {"ok": 3, "unparsed": 6}
    assert found.measures["description/unparsed"].value == 100.0
    assert found.measures["unscored"].value == 100.0
    assert found.measures["stress_accuracy/supporting"].value == 0.0


def test_a_model_that_knows_nothing_earns_chance(folder, tmp_path, fake):
    out, model = tmp_path / "run", fake()
    model.score = lambda candidates: [-1.0] * len(candidates)
    model.respond = lambda prompts, **_: (Reply(index=i, text="perhaps") for i, _ in enumerate(prompts))
    evaluate_model(model, folder, out)
    summarise_run(out, draws=10)
    measures = read_summary(out).conditions["av"].measures
    assert measures["accuracy/reasoning_stress_video"].value == 50.0
    assert measures["ties"].value == 100.0


def test_parts_are_put_together(folder, tmp_path, fake):
    evaluate_model(fake(), folder, tmp_path / "whole")
    out, seen = tmp_path / "parts", []
    for number in (2, 0, 1):
        model = fake()
        path = evaluate_model(model, folder, out, shard=Shard(number, 3))
        assert path == out / f"journal-{number}-of-3.jsonl"
        seen.append(sum(model.calls))
    assert sum(seen) == 12
    assert not (out / "scores.jsonl").exists()
    assert rescore_run(out).read_bytes() == (tmp_path / "whole" / "scores.jsonl").read_bytes()
    model = fake()
    evaluate_model(model, folder, out)
    assert model.seen == []


def test_a_run_folder_holds_one_model(folder, tmp_path, fake):
    evaluate_model(fake(), folder, tmp_path / "run")
    with pytest.raises(AvereError, match="give another --out"):
        evaluate_model(fake(fingerprint="f2"), folder, tmp_path / "run")


def test_refusals(folder, tmp_path, fake):
    (folder / "clips.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(AvereError, match=r"3 clips are asked about but not among the clips"):
        evaluate_model(fake(), folder, tmp_path / "run")
