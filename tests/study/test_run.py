"""A miniature study from recipe to plots: settings and pairs of an arm, cells that were not run, failures."""

import json

import pytest

from avere.cli.main import run
from avere.models import tiny
from avere.records import Clip, PreferencePair, jsonl
from avere.study.table import SHOWN, ArmRun

WORDS = ["Does the face look happy because of the broad smile? (A) Yes (B) No The voice sounds sad."]
RECIPE = """
pairs: {split: biased, clips: 16, identities: 4, seed: 301}
records: 8
test: {split: balanced, clips: 6, identities: 4, seed: 302}
set: {optimiser.learning_rate: 1.0e-3}
other_pairs:
  yes_no: {set: {yes_no: 1, corruption: noise, falsifying: false}}
  told: {annotated_by: {annotator: "scripted_annotator:{world}", validators: ["scripted_annotator:{world}"]}}
arms:
  avem_dpo: {recipe: avem_dpo_tiny, set: {run.log_every: 1}}
  without_tpd: {recipe: avem_dpo_tiny, pairs: yes_no, set: {loss.gamma_tpd: 0, run.log_every: 1}}
curves:
  loss.gamma_tpd: [without_tpd, avem_dpo]
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    tiny.build(tiny.smallest(), WORDS, folder / "model", seed=0)
    (folder / "mini.yaml").write_text(RECIPE)
    arguments = ["ablate", str(folder / "mini.yaml"), "--base", str(folder / "model")]
    arguments += ["--out", str(folder / "out")]
    assert run(arguments) == 0
    return folder / "out", arguments


def test_what_an_arm_sets_reaches_the_trainer(study):
    out, _ = study
    said = {}
    for name in ("avem_dpo", "without_tpd"):
        made = json.loads((out / "models" / f"{name}-0" / "recipe.json").read_text())
        log = (out / "models" / f"{name}-0" / "log.jsonl").read_text()
        said[name] = (made["loss"]["gamma_tpd"], made["optimiser"]["learning_rate"], "tpd/offset" in log)
    assert said == {"avem_dpo": (0.2, 1e-3, True), "without_tpd": (0, 1e-3, False)}


def test_an_arm_may_learn_from_pairs_that_are_made_otherwise(study):
    out, _ = study
    own, other = (
        list(jsonl.read(out / "data" / name / "pairs.jsonl", PreferencePair)) for name in ("pairs", "yes_no")
    )
    assert len(own) == len(other) == 8
    asked = [pair for pair in other if pair.chosen.startswith(("Yes", "No"))]
    assert [pair.chosen.partition(",")[0] for pair in asked] == ["Yes", "No", "Yes", "No"]
    assert {pair.corruption.video and pair.corruption.video.kind for pair in other} == {"noise"}
    assert not any(pair.chosen.startswith(("Yes", "No")) for pair in own)
    digests = {
        name: json.loads((out / "models" / f"{name}-0" / "run.json").read_text())["data"]["pairs"]
        for name in ("avem_dpo", "without_tpd")
    }
    assert digests["avem_dpo"] != digests["without_tpd"]


def test_pairs_may_be_made_by_annotators_of_the_same_clips(study):
    out, _ = study
    told = list(jsonl.read(out / "data" / "told" / "pairs.jsonl", PreferencePair))
    clips = {clip.id for clip in jsonl.read(out / "worlds" / "pairs" / "clips.jsonl", Clip)}
    assert 0 < len(told) <= 8
    assert {pair.clip for pair in told} <= clips
    assert {pair.made_by.recipe for pair in told if pair.made_by} == {"annotated"}
    assert (out / "data" / "told" / "construction.json").is_file()


def test_plots_and_a_line_a_cell_are_written(study):
    out, _ = study
    for name in ("forest.png", "curves.png", "effects.png"):
        assert (out / name).read_bytes().startswith(b"\x89PNG")
    cells = list(jsonl.read(out / "cells.jsonl", ArmRun))
    assert [(cell.arm, cell.seed) for cell in cells] == [("base", None), ("avem_dpo", 0), ("without_tpd", 0)]
    assert all(set(cell.measures) == set(SHOWN) for cell in cells)


def test_a_cell_that_was_not_run_says_so(study, capsys):
    out, arguments = study
    (out / "runs" / "without_tpd-0" / "summary.json").unlink()
    times = json.loads((out / "stages.json").read_text())
    del times["train and evaluate without_tpd, seed 0"]
    (out / "stages.json").write_text(json.dumps(times))
    assert run([*arguments, "--minutes", "0"]) == 0
    assert "left for another time" in capsys.readouterr().out
    lines = (out / "table.md").read_text().splitlines()
    assert [line for line in lines if "without_tpd" in line] == [
        f"| without_tpd | {' | '.join(['not run'] * 9)} |",
        f"| without_tpd | 0 | {' | '.join(['not run'] * 9)} |",
    ]
    assert not any("not run" in line for line in lines if "avem_dpo" in line)
    assert [cell.arm for cell in jsonl.read(out / "cells.jsonl", ArmRun)] == ["base", "avem_dpo"]


def test_without_the_base_there_is_no_table(study, capsys):
    out, arguments = study
    other = [*arguments[:-1], str(out.with_name("late"))]
    assert run([*other, "--minutes", "0"]) == 2
    assert "give more minutes" in capsys.readouterr().err


def test_arms_share_what_the_encoders_and_the_reference_gave(study):
    out, _ = study
    for world, folder in (("pairs", "features"), ("test", "asked")):
        media = [*(out / "worlds" / world / "media").iterdir()]
        assert 0 < len([*(out / "cache" / folder).glob("*.safetensors")]) <= len(media)
    assert [*(out / "cache").glob("*.jsonl")]
    assert not any(
        (out / "models" / f"{name}-0" / "features").exists() for name in ("avem_dpo", "without_tpd")
    )
