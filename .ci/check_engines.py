"""Check `avere export rl` and DPO rows: engines read them with their own code, plug-ins reward as we do."""

import importlib.util
import json
import os
import sys
import tempfile
from pathlib import Path

from _environments import lay_over, run_command

SWIFT, VERL = "ms-swift==4.6.0", "verl==0.9.1"
BESIDE = ("hydra-core==1.3.2", "pyarrow==26.0.1", "jaxtyping==0.3.11")
"""What verl's configuration and our export need and ms-swift does not bring."""
INSIDE = "--inside"
CLIPS = "3"


def main() -> int:
    """Make an environment with both engines, export into it and compare there; return the exit code.

    Of verl only its configuration is needed, and none of what it computes with.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python = lay_over(folder / "env", (SWIFT, *BESIDE), ("--no-deps", VERL))
        avere = (python, "-m", "avere")
        world, data = folder / "world", folder / "data"
        run_command(*avere, "world", "make", "--clips", CLIPS, "--workers", "1", "--out", world)
        run_command(*avere, "construct", world, "--out", data)
        for engine in ("ms-swift", "verl"):
            run_command(*avere, "export", "rl", engine, folder / engine, "--data", data)
        run_command(*avere, "data", "export", "ms-swift", data, "--out", folder / "rows")
        run_command(python, "-E", Path(__file__), INSIDE, folder, USE_HF="1")
    return 0


def load(file: Path):
    """Import a plug-in as an engine does."""
    spec = importlib.util.spec_from_file_location(f"plugin_{file.parent.name.replace('-', '_')}", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def ours(texts, truths, folder: Path) -> list[float]:
    """Compute the rewards as `avere` does."""
    from avere.preference.online.plugin import reward_texts

    return reward_texts(texts, truths, folder / "rewards.json")


def check_swift(folder: Path) -> None:
    """Let ms-swift parse the configuration, take the rows and compute rewards by its own table."""
    from swift.arguments import RLHFArguments
    from swift.cli.main import parse_yaml_args
    from swift.rewards import orms
    from swift.template.template_inputs import TemplateInputs
    from transformers import HfArgumentParser

    words = [str(folder / "grpo.yaml")]
    parse_yaml_args(words)
    # Without what follows the parsing, which asks a hub for the model.
    read, unknown = HfArgumentParser([RLHFArguments]).parse_known_args(words)
    assert unknown == [], unknown
    assert (read.rlhf_type, read.truncation_strategy, read.reward_funcs) == ("grpo", "delete", ["avere"])
    assert read.num_generations == 8
    assert os.environ["USE_AUDIO_IN_VIDEO"] == "false"

    rows = [json.loads(line) for line in (folder / "prompts.jsonl").read_text().splitlines()]
    for row in rows:
        told = TemplateInputs.from_dict(row).chosen
        assert (len(told.videos), len(told.audios)) == (1, 1)
        assert told.messages[0]["content"].startswith("<video><audio>")
        assert Path(told.videos[0]).is_file()
        assert Path(told.audios[0]).is_file()
    load(folder / "plugin.py")
    texts, truths = [rows[0]["messages"][0]["content"]] * len(rows), [row["truth"] for row in rows]
    assert orms["avere"]()(texts, truth=truths, id=[row["id"] for row in rows]) == ours(texts, truths, folder)
    print(f"{SWIFT} reads the configuration and {len(rows)} prompts, and its reward is ours")


def check_rows(file: Path) -> None:
    """Let ms-swift read DPO rows: both sides have their own media."""
    from swift.dataset.preprocessor import RowPreprocessor
    from swift.template.template_inputs import TemplateInputs

    rows = [json.loads(line) for line in file.read_text().splitlines()]
    swapped = 0
    for row in rows:
        assert row.keys() - {"id"} <= set(RowPreprocessor.standard_keys), row.keys()
        both = TemplateInputs.from_dict(row)
        assert both.rejected.videos == row["rejected_videos"]
        assert both.rejected.audios == row["rejected_audios"]
        different = (both.chosen.videos, both.chosen.audios) != (both.rejected.videos, both.rejected.audios)
        assert different == (both.chosen.messages == both.rejected.messages)
        swapped += different
    assert 0 < swapped < len(rows)
    print(f"{SWIFT} reads {len(rows)} DPO rows, {swapped} of them with other rejected media")


def list_strange(theirs, ours, name=""):
    """List the keys of ours that an engine's configuration has not; what is open there may hold any."""
    for key, value in ours.items():
        if key not in theirs:
            yield f"{name}{key}"
        elif isinstance(value, dict) and theirs[key]:
            yield from list_strange(theirs[key], value, f"{name}{key}.")


def check_verl(folder: Path) -> None:
    """Let verl's configuration take ours on top, and compute a reward by the function that it would call."""
    from hydra import compose, initialize_config_dir
    from omegaconf import OmegaConf
    from pyarrow import parquet

    # Without what verl computes with, its package cannot be imported: its files are named instead.
    own = Path(importlib.util.find_spec("verl").origin).parent / "trainer" / "config"
    with initialize_config_dir(str(folder), version_base=None):
        read = compose("grpo", overrides=[f"hydra.searchpath=[file://{own}]"])
    with initialize_config_dir(str(own), version_base=None):
        theirs = OmegaConf.to_container(compose("ppo_trainer"))
    said = OmegaConf.to_container(OmegaConf.load(folder / "grpo.yaml"))
    strange = list(list_strange(theirs, {key: said[key] for key in said.keys() - {"defaults", "hydra"}}))
    assert strange == [], strange
    assert read.algorithm.adv_estimator == "grpo"
    assert read.actor_rollout_ref.rollout.n == 8
    assert read.actor_rollout_ref.rollout.response_length == 128  # of verl's own, taken from ours
    assert Path(read.reward.custom_reward_function.path) == folder / "plugin.py"
    rows = parquet.read_table(folder / "prompts.parquet").to_pylist()
    score = getattr(load(folder / "plugin.py"), read.reward.custom_reward_function.name)
    for row in rows:
        assert Path(row["videos"][0]["video"]).is_file()
        truth, text = row["reward_model"]["ground_truth"], "Yes, it is the broad smile."
        found = score(row["data_source"], text, truth, extra_info=row["extra_info"])
        assert [found] == ours([text], [truth], folder)
    print(f"{VERL} reads the configuration, and the reward of {len(rows)} prompts is ours")


if __name__ == "__main__":
    if INSIDE in sys.argv:
        home = Path(sys.argv[-1])
        check_verl(home / "verl")
        check_swift(home / "ms-swift")
        check_rows(home / "rows" / "dpo.jsonl")
    else:
        sys.exit(main())
