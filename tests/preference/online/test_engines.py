"""What engines get: prompts with media in their form, a plug-in whose rewards are ours, a configuration."""

import json
import math
import os
import shutil
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from tests.preference.online.making import ASKED_PROMPT, CLIPS, CUES, FACE_PROMPT, VOICE_PROMPT, furnish

from avere import settings
from avere.errors import AvereError, RecordError
from avere.media import write_sound, write_video
from avere.preference.online import plugin
from avere.preference.online.exporting import export_prompts, list_engines
from avere.preference.online.rewarding import RewardRecipe

RULES = RewardRecipe(sum={"cue_precision": {"weight": 1}, "yes_no": {"weight": 1}})
MODEL = "Qwen/Qwen2.5-Omni-7B"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import numpy as np

    folder = tmp_path_factory.mktemp("engines") / "data"
    silent = {"c1": CLIPS["c1"].model_copy(update={"audio": None})}
    furnish(folder, [FACE_PROMPT, ASKED_PROMPT, VOICE_PROMPT], {**CLIPS, **silent}, CUES)
    wave = np.zeros(8000, dtype=np.float32)
    write_video(folder / "media.mp4", np.zeros((4, 32, 32, 3), dtype=np.uint8), 8, wave=wave, rate=16_000)
    write_sound(folder / "media.wav", wave, 16_000)
    return folder


@pytest.mark.parametrize("engine", list_engines())
def test_prompts_media_plugin_and_configuration_are_written(engine: str, data: Path, tmp_path: Path) -> None:
    made = export_prompts(engine, data, tmp_path / "out", RULES, MODEL)
    assert made.rows == 2
    assert dict(made.left_out) == {"their clip lacks what is asked about": 1}
    assert (tmp_path / "out" / "videos" / "c0.mp4").is_file()
    assert (tmp_path / "out" / "audios" / "c0.wav").is_file()
    config: Any = settings.parse((tmp_path / "out" / "grpo.yaml").read_text(), "grpo.yaml")
    trained = {
        "ms-swift": lambda: config["model"],
        "nemo-rl": lambda: config["policy"]["model_name"],
        "verl": lambda: config["actor_rollout_ref"]["model"]["path"],
    }
    assert trained[engine]() == MODEL
    text = (tmp_path / "out" / "grpo.yaml").read_text()
    assert text.count("Trap:") >= 4
    assert str(tmp_path / "out") in text
    assert "{" not in text.replace("{video", "").replace('{"video"', "")


def test_a_row_of_ms_swift_has_a_placeholder_for_each_medium(data: Path, tmp_path: Path) -> None:
    export_prompts("ms-swift", data, tmp_path / "out", RULES, MODEL)
    rows = [json.loads(line) for line in (tmp_path / "out" / "prompts.jsonl").read_text().splitlines()]
    assert rows[0]["messages"] == [{"role": "user", "content": f"<video><audio>{FACE_PROMPT.prompt}"}]
    assert rows[0]["videos"] == [str(tmp_path / "out" / "videos" / "c0.mp4")]
    assert rows[0]["audios"] == [str(tmp_path / "out" / "audios" / "c0.wav")]
    truths = [row["truth"] for row in rows]
    texts = ["The broad smile and the red shirt.", "No, the broad smile."]
    assert plugin.reward_texts(texts, truths, tmp_path / "out" / "rewards.json") == [0.5, 1.0]


def test_the_plugin_of_verl_is_run_as_it_stands(data: Path, tmp_path: Path) -> None:
    """That of ms-swift needs ms-swift: continuous integration imports it there."""
    from importlib.util import module_from_spec, spec_from_file_location

    from pyarrow import parquet

    export_prompts("verl", data, tmp_path / "out", RULES, MODEL)
    row = parquet.read_table(tmp_path / "out" / "prompts.parquet").to_pylist()[0]
    assert row["prompt"][0]["content"] == f"<video><audio>{FACE_PROMPT.prompt}"
    assert row["videos"] == [{"video": str(tmp_path / "out" / "videos" / "c0.mp4")}]
    spec = spec_from_file_location("avere_plugin", tmp_path / "out" / "plugin.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    truth = row["reward_model"]["ground_truth"]
    assert module.compute_score("avere", "The broad smile.", truth) == 1.0
    assert module.compute_score("avere", "The red shirt.", truth, extra_info={}) == 0.0


@pytest.fixture
def nemo_rl(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Stand in for NeMo RL, which no package index has, with the names that its source has."""
    registered: dict[str, Any] = {"actors": {}, "environments": {"vlm": "its own"}, "processors": {}}
    told: dict[str, dict[str, Any]] = {
        "ray": {"remote": lambda what: what},
        "nemo_rl.data.datasets.raw_dataset": {"RawDataset": object},
        "nemo_rl.data.processors": {
            "vlm_hf_data_processor": lambda row, *_: row,
            "register_processor": registered["processors"].__setitem__,
        },
        "nemo_rl.environments.interfaces": {"EnvironmentInterface": object, "EnvironmentReturn": dict},
        "nemo_rl.distributed.ray_actor_environment_registry": {
            "ACTOR_ENVIRONMENT_REGISTRY": registered["actors"]
        },
        "nemo_rl.distributed.virtual_cluster": {"PY_EXECUTABLES": SimpleNamespace(SYSTEM="python")},
        "nemo_rl.environments.utils": {"ENV_REGISTRY": registered["environments"]},
    }
    for name, held in told.items():
        module = ModuleType(name)
        vars(module).update(held)
        monkeypatch.setitem(sys.modules, name, module)
    return registered


def test_nemo_rl_gets_prompts_rewards_and_a_script_that_registers_both(
    nemo_rl: dict[str, Any], data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its names are stood in for; what the plug-in makes of rows and answers is run as it stands."""
    import runpy

    out, tree = tmp_path / "out", tmp_path / "tree" / "examples"
    export_prompts("nemo-rl", data, out, RULES, MODEL)
    tree.mkdir(parents=True)
    (tree / "run_vlm_grpo.py").write_text("import avere_rollouts\nstarted = avere_rollouts\n")
    monkeypatch.chdir(tree.parent)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setenv("PYTHONPATH", "theirs")
    monkeypatch.delitem(sys.modules, "avere_rollouts", raising=False)
    started = runpy.run_path(str(out / "train.py"))["avere_rollouts"]
    assert os.environ["PYTHONPATH"].split(os.pathsep) == [str(out), "theirs"]
    assert nemo_rl["environments"]["vlm"] == {"actor_class_fqn": "avere_rollouts.AvereRewards"}
    assert nemo_rl["actors"] == {"avere_rollouts.AvereRewards": "python"}

    prompts = started.AverePrompts(out / "prompts.jsonl", split_validation_size=0)
    asked = prompts.preprocessor(prompts.dataset[0])
    assert [part["type"] for part in asked["messages"][0]["content"]] == ["video", "audio", "text"]
    assert asked["messages"][0]["content"][0]["video"] == str(out / "videos" / "c0.mp4")
    assert asked["messages"][0]["content"][1]["audio"].shape == (8000,)
    assert asked["messages"][0]["content"][2]["text"] == FACE_PROMPT.prompt
    made = nemo_rl["processors"]["avere"](asked, None, None, 8192, 0)
    assert made == asked

    truths = [row["truth"] for row in prompts.dataset]
    said = ["The broad smile and the red shirt.", "No, the broad smile."]
    logs = [[{"role": "user", "content": "?"}, {"role": "assistant", "content": one}] for one in said]
    environment = started.AvereRewards({"num_workers": 1})
    stepped = environment.step(logs, [{"ground_truth": truth} for truth in truths])
    assert stepped["rewards"].tolist() == [0.5, 1.0]
    assert stepped["terminateds"].tolist() == [1.0, 1.0]
    told = environment.global_post_process_and_metrics({"rewards": stepped["rewards"]})[1]
    assert told == {"accuracy": 0.75}


def test_rewards_that_fail_are_no_numbers_for_engines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from avere.preference.online.rewards import yes_no
    from avere.preference.online.truth import know_prompts

    (truth,) = know_prompts([ASKED_PROMPT], CLIPS, CUES).values()
    skipping = RULES.model_copy(update={"on_fault": "skip"})
    (tmp_path / "rewards.json").write_text(skipping.model_dump_json())
    monkeypatch.setattr(yes_no, "reward", lambda *_: math.inf)
    (value,) = plugin.reward_texts(["No."], [truth.model_dump_json()], tmp_path / "rewards.json")
    assert math.isnan(value)
    with pytest.raises(RecordError, match="a row's truth: not a Truth"):
        plugin.reward_texts(["No."], ["{}"], tmp_path / "rewards.json")
    with pytest.raises(AvereError, match="1 answers came with 2 truths"):
        plugin.reward_texts(["No."], ["{}", "{}"], tmp_path / "rewards.json")


def test_what_cannot_be_exported_is_refused(data: Path, tmp_path: Path) -> None:
    with pytest.raises(AvereError, match="did you mean 'ms_swift'"):
        export_prompts("ms-swft", data, tmp_path / "out", RULES, MODEL)
    with pytest.raises(AvereError, match="holds the prompts themselves"):
        export_prompts("verl", data, data, RULES, MODEL)
    nothing = RewardRecipe(sum={"wheel_f1": {"weight": 1, "wheels": tmp_path / "wheels.yaml"}})
    copy = shutil.copytree(data, tmp_path / "data")
    with pytest.raises(
        AvereError, match=r"no prompt of '.*' can be used \(2: no reward of the recipe applies"
    ):
        export_prompts("verl", copy, tmp_path / "out", nothing, MODEL)


def test_the_command_tells_what_it_wrote(data: Path, tmp_path: Path, command: Any) -> None:
    said = command("export", "rl", "ms-swift", tmp_path / "out", "--data", data)
    assert said.code == 0
    assert said.out.split()[:2] == ["2", "prompts"]
    assert str(tmp_path / "out" / "grpo.yaml") in said.out
    for words, told in (
        (["rl", "swift", tmp_path / "out"], "did you mean 'ms-swift'"),
        (["rl", "verl"], "say where the files go"),
        (["inspect", tmp_path / "out", tmp_path / "more"], "a harness takes one folder"),
    ):
        said = command("export", *words, "--data", data)
        assert (said.code, told in said.err) == (2, True), said.err
