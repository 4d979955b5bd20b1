"""Judging descriptions: four scores, one repair, one judge and one prompt a file, nothing twice."""

import json
import shutil

import pytest
from tests.benchmark import layouts

from avere import prompts
from avere.analyse import read_summary, summarise_run
from avere.errors import AvereError
from avere.evaluate import evaluate_model, rate_descriptions, rescore_run
from avere.evaluate.recipe import EvaluationRecipe
from avere.interfaces import Reply
from avere.models import scripted
from avere.records import Rating, jsonl, runs

GOOD = json.dumps({"clue_overlap": 6, "label_overlap": 8, "spurious": 10, "hallucination": 4})


class Judge:
    """Says what is prepared, ask by ask, and remembers what it was asked."""

    def __init__(self, *replies, fingerprint="j1"):
        self.name, self.fingerprint = "judge", fingerprint
        self.replies, self.asked = list(replies), []

    def respond(self, prompts, *, max_tokens, seed, schema=None):
        del max_tokens, seed, schema
        for index, prompt in enumerate(prompts):
            self.asked.append(prompt)
            yield Reply(index=index, text=self.replies.pop(0))


@pytest.fixture
def out(tmp_path, donors):
    data = tmp_path / "data"
    data.mkdir()
    layouts.emer(data, donors)
    teller = scripted.Scripted(lambda prompt: "He sighs and looks down." if prompt.video else "", "teller")
    evaluate_model(teller, data, tmp_path / "run", recipe=EvaluationRecipe(benchmark="emer"))
    return tmp_path / "run"


def numbers(out):
    rescore_run(out)
    summarise_run(out, draws=20)
    return read_summary(out).conditions["av"]


def test_four_scores_with_the_digest_of_the_prompt(out):
    model = Judge(GOOD, f"```json\n{GOOD}\n```")
    rate_descriptions(out, model)
    first, second = jsonl.read(out / "judgements.jsonl", Rating)
    assert first.scores == second.scores
    assert first.made_by.prompt == prompts.digest("emer_judge")
    assert first.made_by.model == "j1"
    assert "He sighs and looks down." in model.asked[0].text
    assert model.asked[0].video is None
    found = numbers(out)
    assert [found.measures[name].value for name in ("clue_overlap", "hallucination")] == [6, 4]
    assert found.measures["judged_mean"].value == 7
    assert found.unscored == {}


def test_one_repair_then_a_reason_and_nothing_leaves_the_denominator(out):
    model = Judge("Very good!", '{"clue_overlap": 11}', GOOD, "No.")
    rate_descriptions(out, model)
    assert model.asked[2].history[0].response == "Very good!"
    assert "no JSON object" in model.asked[2].text
    mended, ill = jsonl.read(out / "judgements.jsonl", Rating)
    assert (mended.scores["label_overlap"], mended.replies) == (8, ("Very good!", GOOD))
    assert (ill.scores, ill.reason) == ({}, "it holds no JSON object")
    found = numbers(out)
    assert found.measures["label_overlap"].value == 4
    assert found.measures["unscored"].value == 50
    assert found.unscored == {"the judge: it holds no JSON object": 1}


def test_nothing_is_judged_twice_and_judges_are_not_mixed(out):
    rate_descriptions(out, Judge(GOOD, GOOD))
    idle = Judge()
    rate_descriptions(out, idle)
    assert idle.asked == []
    before = {file: file.read_bytes() for file in out.rglob("*") if file.is_file()}
    with pytest.raises(AvereError, match="another judging: judge judge has fingerprint j1 there and j2 here"):
        rate_descriptions(out, Judge(GOOD, fingerprint="j2"))
    with pytest.raises(AvereError, match="another judging: recipe seed is 0 there and 1 here"):
        rate_descriptions(out, idle, seed=1)
    assert {file: file.read_bytes() for file in out.rglob("*") if file.is_file()} == before
    shutil.rmtree(out / "judged")  # as version 0.1 left it
    with pytest.raises(AvereError, match="by another judge or another prompt"):
        rate_descriptions(out, Judge(GOOD, fingerprint="j2"))


def test_run_json_says_who_judged_what(out):
    rate_descriptions(out, Judge(GOOD, GOOD), seed=3)
    found = runs.read_info(out / "judged")
    assert found is not None
    assert (found.verb, found.benchmark, found.seed) == ("judge", "emer", 3)
    assert [(one.name, one.fingerprint, one.role) for one in found.models] == [("judge", "j1", "judge")]
    digest = prompts.digest("emer_judge")
    assert found.recipe == {"prompt": "emer_judge", "max_tokens": 400, "seed": 3, "prompt_digest": digest}
    assert set(found.data) == {"answers"}
    assert found.ended is not None


def test_a_judge_that_breaks_off_is_asked_the_rest_alone(out):
    class Dying(Judge):
        def respond(self, prompts, **how):
            for reply in super().respond(prompts, **how):
                yield reply
                raise ConnectionError("the line is dead")

    with pytest.raises(AvereError, match="judge cannot be reached"):
        rate_descriptions(out, Dying(GOOD, GOOD))
    assert not (out / "judgements.jsonl").exists()
    second = Judge(GOOD)
    rate_descriptions(out, second)
    assert len(second.asked) == 1
    assert [one.replies for one in jsonl.read(out / "judgements.jsonl", Rating)] == [(GOOD,), (GOOD,)]


def test_ratings_of_an_earlier_version_count_and_a_refusal_has_its_reason(out):
    rate_descriptions(out, Judge(GOOD, GOOD))
    first, second = jsonl.read(out / "judgements.jsonl", Rating)
    shutil.rmtree(out / "judged")
    jsonl.write(out / "judgements.jsonl", [first])

    class Refusing(Judge):
        def respond(self, prompts, **_):
            yield from (Reply(index=i, text="", status="refused", reason="no") for i, _ in enumerate(prompts))

    rate_descriptions(out, Refusing())
    kept, refused = jsonl.read(out / "judgements.jsonl", Rating)
    assert kept == first
    assert (refused.key, refused.scores, refused.reason) == (second.key, {}, "it gave no reply: refused")


def test_without_a_judge_there_is_no_score(out):
    found = numbers(out)
    assert found.measures["unscored"].value == 100
    assert found.unscored == {"not judged, see `avere judge`": 2}


def test_only_runs_of_descriptions_are_judged(tmp_path, donors):
    data = tmp_path / "data"
    data.mkdir()
    layouts.cmm(data, donors)
    evaluate_model(
        scripted.load("scripted:always-yes"), data, tmp_path / "run", recipe=EvaluationRecipe(benchmark="cmm")
    )
    with pytest.raises(AvereError, match="a run of cmm, which needs no judge"):
        rate_descriptions(tmp_path / "run", Judge())


def test_the_verb_scores_such_a_run_by_one_judge(out, command):
    assert "Mean of the four" in command("judge", out, "--model", "scripted:always-yes").out
    assert "by one judge" in command("judge", out, *["--judge", "scripted:always-yes"] * 2).err
    assert "no journal.jsonl" in command("judge", out / "clips", "--judge", "scripted:always-yes").err
