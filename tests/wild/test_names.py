"""Names that become paths, words that come near YAML and lines: nothing leads elsewhere or breaks them."""

import json
import subprocess
import sys

import pytest

from avere import catalogue, files, settings
from avere.benchmark import BenchmarkData
from avere.errors import AvereError, RecordError
from avere.exchange import harnesses
from avere.exchange.formats._shelf import file_name
from avere.interfaces import HarnessExporter
from avere.records import Clip, Provenance, Question
from avere.study.recipe import StudyRecipe

BAD = [
    "",
    " ",
    ".",
    "..",
    "../x",
    "/etc/x",
    "a/b",
    "a\\b",
    "C:x",
    "a\nb",
    "a\0b",
    "a\u2028b",
    "x" * 101,
    "愤" * 80,
]
ODD = "Which?\n- {x}: !function os.system #\u2028' \"\u0085 \x0b{tokens}"


@pytest.mark.parametrize("name", BAD)
def test_names_that_lead_elsewhere_are_refused_in_one_line(name, tmp_path):
    with pytest.raises(AvereError, match=r"^the task .* can name no file") as caught:
        files.safe_name(name, "task")
    assert "\n" not in str(caught.value)
    if name != "a/b":
        with pytest.raises(RecordError, match="an id that can be no file name"):
            file_name(name, ".mp4")
    for harness in ("lmms_eval", "inspect"):
        with pytest.raises(AvereError, match=r"^the task .* can name no file"):
            catalogue.find(harnesses.PACKAGE, harness, HarnessExporter).export(
                asked(name), tmp_path / "task", 8
            )
    assert not (tmp_path / "task").exists()


def asked(task):
    question = Question(
        id="q",
        clip="c",
        task=task,
        text=ODD,
        choices=(ODD, "No"),
        answer=0,
        target="video",
        made_by=Provenance(version="0"),
    )
    return BenchmarkData((question,), {"c": Clip(id="c", source="t")}, (), (), {})


PROBE = """
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location("emorealm", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
print(json.dumps(list(module.rows())))
"""


def test_words_of_questions_reach_the_rows_whole_and_no_yaml(tmp_path):
    task = "a, {b} 'c' #d"
    catalogue.find(harnesses.PACKAGE, "lmms_eval", HarnessExporter).export(asked(task), tmp_path / "task", 8)
    command = [sys.executable, "-I", "-S", "-c", PROBE, str(tmp_path / "task" / "emorealm.py")]
    (row,) = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    assert row["choices"] == [ODD, "No"]
    text = (tmp_path / "task" / f"avere_emorealm_{task}.yaml").read_text(encoding="utf-8")
    told = settings.parse(text.replace("!function ", ""), "the task")
    assert isinstance(told, dict)
    assert (told["task"], told["test_split"]) == (f"avere_emorealm_{task}", task)
    assert "Which" not in text


@pytest.mark.parametrize("name", ["../x", "a/b", "", "x" * 101])
def test_arms_and_pairs_of_a_study_name_folders(name):
    world = {"split": "biased", "clips": 2, "identities": 1}
    recipe = {
        "pairs": {**world, "seed": 1},
        "test": {**world, "seed": 2},
        "arms": {"dpo": {"recipe": "dpo"}},
    }
    settings.check(recipe, StudyRecipe, "here")
    cases: list[dict[str, object]] = [{"arms": {name: {"recipe": "dpo"}}}, {"other_pairs": {name: {}}}]
    for wrong in cases:
        with pytest.raises(AvereError, match=r"^here: .*the (arm|name of pairs) .* can name no file"):
            settings.check(recipe | wrong, StudyRecipe, "here")
