"""What engines get: prompts with media in their form, a plug-in whose rewards are ours, a configuration."""

import json
import math
import shutil
from pathlib import Path
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
    assert MODEL in (config.get("model"), config.get("actor_rollout_ref", {}).get("model", {}).get("path"))
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
