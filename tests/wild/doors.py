"""Every verb of the command line with words that work, and the files that these words name."""

import json
from pathlib import Path

from avere.cli.main import run
from avere.construct import build
from avere.construct.recipe import ConstructionRecipe
from avere.models import qwen_omni
from avere.world.make import make_world

ASKED = "--model scripted:always-yes"
TRAINED = (
    "train {home}/recipe.yaml --set model.source={home}/model --set data.pairs={home}/data/pairs.jsonl "
    "--set data.clips={home}/data/clips.jsonl"
)
VERBS = {
    "ablate": "ablate {home}/study.yaml --minutes 0 --out {out}",
    "analyse attention": "analyse attention {home}/own --model {home}/model --clips 1",
    "analyse audit": "analyse audit {home}/data --out {out}/probes.jsonl",
    "analyse blind": "analyse blind" + 5 * " {home}/run" + " --out {out}/blind.jsonl",
    "analyse occlude": "analyse occlude {home}/own --model {home}/model --clips 1",
    "analyse shapley": f"analyse shapley {{home}}/run {ASKED} --clips 1",
    "analyse swap": "analyse swap {home}/own --model {home}/model --clips 1",
    "ask": f"ask {{home}}/data/media What? {ASKED} --out {{out}}/answers.csv",
    "compare": "compare {home}/run {home}/other --draws 20 --json {out}/numbers.json",
    "construct": "construct {home}/data --out {out}",
    "construct annotated": "construct {home}/data --annotator scripted_annotator:{home}/data --out {out} "
    "--validator scripted_annotator:{home}/data?second=1",
    "corpora check": "corpora check folder {home}/data/labels.csv --no-fingerprints --json {out}/found.json",
    "corpora import": "corpora import folder {home}/data/labels.csv --out {out}/clips.jsonl",
    "data card": "data card {home}/data",
    "data check": "data check {home}/data/pairs.jsonl",
    "data export datasets": "data export datasets {home}/data --out {out}",
    "data export emorealm": "data export emorealm {home}/data --out {out}",
    "data export published": "data export published {home}/data --out {out}",
    "data import": "data import {home}/data/rows.jsonl --form trl --out {out}",
    "data show": "data show {home}/data/pairs.jsonl --first 1 --html {out}/pairs.html",
    "demo": "demo --set base={home}/model --set pairs.clips=100000 --out {out}",
    "evaluate": f"evaluate {ASKED} --data {{home}}/data --limit 1 --out {{out}}",
    "export inspect": "export inspect {out} --data {home}/data",
    "export lmms-eval": "export lmms-eval {out} --data {home}/data",
    "import": "import published {home}/preds --data {home}/published/EmoReAlM/emorealm_v1.json --model m "
    "--out {out}",
    "judge": "judge {home}/run --judge scripted:always-yes",
    "merge": "merge {home}/adapter {out} --device cpu",
    "online data": "online data {home}/samples --recipe {home}/online.yaml --out {out}",
    "online run": "online run {home}/online.yaml --out {out}",
    "recipes check": "recipes check {home}/recipe.yaml --kind train",
    "recipes copy": "recipes copy dpo_both_tiny {out}.yaml",
    "report csv": "report {home}/run {home}/other --out {out}/report.csv",
    "report html": "report {home}/run --out {out}/report.html",
    "report latex": "report {home}/run --to latex --out {out}/report.tex",
    "report png": "report {home}/run {home}/other --out {out}/report.png",
    "sample": "sample {home}/data --model {home}/model --count 2 --max-tokens 2 --prompts 1 --out {out}",
    "score": "score {home}/run --draws 20",
    "train": f"{TRAINED} --out {{out}}",
    "train --dry-run": f"{TRAINED} --dry-run --flops 1e9",
    "verify export label-studio": "verify export label-studio {home}/data --out {out}",
    "world make": "world make --clips 1 --workers 1 --out {out}",
    "world show": "world show {home}/data --faces 2 --out {out}/sheet.png",
}
WITHOUT_FILES = {"doctor", "models", "recipes ls", "recipes show", "corpora ls"}
ELSEWHERE = {"convert", "show"}
"""Tried in the tests of conversion, which have checkpoints to convert, and in a browser by `check-extra`."""
REASONS = {f"analyse {what}" for what in ("attention", "occlude", "shapley", "swap")}
WRITES_INPUT = REASONS | {"data card", "judge", "score"}
"""They write into the folder that they read."""
WRITES_NOTHING = {"data check", "recipes check", "train --dry-run"}
RECIPE = """
base: dpo_both_tiny
model: {options: {frames: 1, size: [28, 28]}}
adapter: {kind: lora, rank: 2, alpha: 2}
optimiser: {epochs: 1, learning_rate: 0.01}
"""
STUDY = """
base: tiny
pairs: {split: biased, clips: 2, identities: 2, seed: 1}
test: {split: balanced, clips: 2, identities: 2, seed: 2}
arms: {dpo: {recipe: dpo_both_tiny}}
seeds: [0]
"""
ONLINE = """
world: {split: biased, clips: 100000, identities: 2, seed: 1}
rounds: 1
learning: {form: groups, on_nothing: skip, rewards: {sum: {form: {weight: 1}}}}
training: {recipe: grpo_tiny}
"""


def words(verb: str, home: Path, out: Path) -> list[str]:
    """Word a verb about the files of a home."""
    return [word.format(home=home, out=out) for word in VERBS[verb].split()]


def furnish(home: Path) -> None:
    """Make one small file or folder of every kind that a verb reads."""
    data = home / "data"
    make_world(2, "balanced", 3, data, 2, workers=1)
    build.build_from_cues(data, data, ConstructionRecipe())
    assert run(["data", "export", "emorealm", str(data), "--out", str(home / "published")]) == 0
    rows = home / "published" / "EmoReAlM" / "emorealm_v1.json"
    (home / "preds").mkdir()
    (home / "preds" / f"{json.loads(rows.read_text())[0]['id']}.txt").write_text("(A) Yes")

    (medium,) = sorted((data / "media").glob("*00.mp4"))
    row = {"prompt": "What?", "chosen": "a", "rejected": "b", "videos": [str(medium)]}
    (data / "rows.jsonl").write_text(json.dumps(row) + "\n")
    (data / "labels.csv").write_text(f"path,label\nmedia/{medium.name},sad\n")
    qwen_omni.example(home / "model")
    (home / "recipe.yaml").write_text(RECIPE)
    (home / "study.yaml").write_text(STUDY)
    (home / "online.yaml").write_text(ONLINE)
    assert run(words("train", home, home / "adapter")) == 0
    assert run(words("sample", home, home / "samples")) == 0
    for name in ("run", "other"):
        told = ["evaluate", *ASKED.split(), "--data", str(data), "--limit", "1", "--out", str(home / name)]
        assert run([*told, "--controls", "av,text"]) == 0
    asked = ["evaluate", "--model", str(home / "model"), "--data", str(data)]
    assert run([*asked, "--out", str(home / "own")]) == 0
