"""The published scorer of EmoReAlM: every recorded decision and number of the official functions."""

import json
from pathlib import Path
from typing import Any

import pytest

from avere.benchmark import emorealm
from avere.benchmark.compat import emorealm_correct, emorealm_metrics
from avere.benchmark.compat._emorealm import choice_text, plain, reply_text
from avere.errors import AvereError
from avere.records import Clip

RECORDED: Any = json.loads(Path(__file__).with_name("emorealm_parity.json").read_text(encoding="utf-8"))
ITEMS = RECORDED["items"]
PARSE = {"false": False, "true": True}


def predictions(items):
    return {item["id"]: item["prediction"] for item in items}


@pytest.mark.parametrize(("form", "parse"), [("correct_match", False), ("correct_parse", True)])
def test_every_decision(form, parse):
    answered = [item for item in ITEMS if item["prediction"] is not None]
    found = {
        item["id"]: emorealm_correct(item["prediction"], item["answer"], item["choices"], parse=parse)
        for item in answered
    }
    assert found == {item["id"]: item[form] for item in answered}
    assert len(found) == len(ITEMS) - 2


@pytest.mark.parametrize("form", PARSE)
def test_every_number(form):
    found = emorealm_metrics(ITEMS, predictions(ITEMS), parse=PARSE[form])
    assert found == RECORDED["metrics_by_use_parse_answer"][form]


@pytest.mark.parametrize("case", RECORDED["per_task_function_results"], ids=lambda case: case["task"])
def test_every_task_alone(case):
    items = [item for item in ITEMS if item["task"] == case["task"]]
    found = emorealm_metrics(items, predictions(items), parse=case["use_parse_answer"])
    expected = {f"{case['task']}_{name}": value for name, value in case["metrics"].items()}
    assert found == expected | {"average_accuracy": case["metrics"]["overall_accuracy"]}


@pytest.mark.parametrize("form", PARSE)
@pytest.mark.parametrize("case", RECORDED["edge_cases"], ids=lambda case: case["name"])
def test_every_edge(case, form):
    expected = case["result_by_use_parse_answer"][form]
    given = case["items"], predictions(case["items"])
    if "metrics" in expected:
        assert emorealm_metrics(*given, parse=PARSE[form]) == expected["metrics"]
    else:
        kind = ZeroDivisionError if "ZeroDivisionError" in expected["error"] else AvereError
        with pytest.raises(kind):
            emorealm_metrics(*given, parse=PARSE[form])


def test_option_texts():
    for case in RECORDED["choice_prefix_stripping"]:
        assert choice_text(case["input"]) == case["output"], case
    for item in ITEMS:
        assert [choice_text(choice) for choice in item["choices"]] == item["choice_texts_stripped"]
        assert [plain(choice) for choice in item["choices"]] == item["choice_texts_normalized"]


def test_generated_texts():
    for case in RECORDED["output_postprocessing"]["cases"]:
        assert reply_text(case["input"]) == case["output"], case


def test_our_prompt_is_the_published_one(tmp_path):
    """Wherever the options carry letters as the published file has them."""
    rows = [item for item in ITEMS if item["reader_prompt"] and item["choices"][0].startswith("(A) ")]
    file = tmp_path / "emorealm_v1.json"
    file.write_text(json.dumps([{**row, "answer": row["answer"].upper()} for row in rows]), encoding="utf-8")
    clip = Clip(id="c", source="test")
    asked = [emorealm.prompt(question, clip).text for question in emorealm.questions(file)]
    assert asked == [row["reader_prompt"] for row in rows]
    assert len(rows) > 70
