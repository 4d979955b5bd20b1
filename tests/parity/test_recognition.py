"""The published reading and scoring of emotion labels: every recorded decision and number."""

import json
from pathlib import Path
from typing import Any

import pytest

from avere.benchmark.compat import emotion_label, recognition_by_class, recognition_metrics
from avere.benchmark.compat._labels import without_denials

RECORDED: Any = json.loads(Path(__file__).with_name("ravdess_parity.json").read_text(encoding="utf-8"))
LABELS = RECORDED["emotion_index_order"]
RUNS = RECORDED["runs"]


@pytest.fixture(params=RUNS)
def run(request):
    return RUNS[request.param]


def read(item):
    return None if item["prediction"] is None else emotion_label(item["prediction"], LABELS)


def test_every_decision(run):
    for item in run["items"]:
        if item["prediction"] is not None:
            assert read(item) == item["emotion"], item
            assert (read(item) is None) == (item["error"] is not None) == (not item["counted"])


def test_what_the_filter_leaves(run):
    for item in run["items"]:
        expected = item["text_without_negative_sentences"]
        if item["prediction"] is not None and expected is not None:
            text = item["prediction"].strip().lower()
            assert without_denials(text if text.endswith(".") else text + ".") == expected


def test_every_number(run):
    truth, said = [item["truth"] for item in run["items"]], [read(item) for item in run["items"]]
    expected = run["metrics"]
    found = recognition_metrics(truth, said, LABELS)
    assert sum(one is not None for one in said) == run["counted_items"]
    assert found["accuracy"] == expected["overall_accuracy"]
    assert found["f1_macro"] == expected[RECORDED["f1_key"]]
    assert found["uar"] == expected["unweighted_avg_recall"]
    assert found["war"] == expected["weighted_avg_recall"]
    by_class = recognition_by_class(truth, said, LABELS)
    for label, numbers in expected["metrics_per_class"].items():
        wanted = {name: float("nan") if value is None else value for name, value in numbers.items()}
        assert by_class[label] == pytest.approx(wanted, abs=0, rel=0, nan_ok=True)
    assert set(by_class) == set(expected["metrics_per_class"])
