"""Rounds of online training: the shipped tiny base, real clips; killed rounds go on to the same bytes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from avere import models, settings
from avere.errors import AvereError, SettingsError
from avere.models.packing.model import LocalModel
from avere.preference.trainer import PreferenceTrainer
from avere.records import runs
from avere.study.online_recipe import OnlineRecipe
from avere.study.online_rounds import run_rounds
from avere.study.recipe import StudyRecipe
from avere.study.round_results import RoundResult, as_curves, as_table
from avere.study.run import run_study

SUM = {"cue_precision": {"weight": 1}, "cue_recall": {"weight": 1}, "yes_no": {"weight": 1}}
GIVEN: dict[str, Any] = {
    "world": {"split": "biased", "clips": 2, "identities": 2, "seed": 41},
    "rounds": 2,
    "sampling": {"count": 3, "max_tokens": 20, "temperature": 1.5, "prompts": 3, "prompts_at_once": 2},
    "learning": {"form": "groups", "rewards": {"sum": SUM}},
    "training": {
        "recipe": "grpo_tiny",
        "set": {"optimiser.records_per_step": 4, "run.checkpoint_every": 1},
    },
}


def build(**changes: Any) -> OnlineRecipe:
    return settings.check({**GIVEN, **changes}, OnlineRecipe, "test")


def bytes_of(out: Path) -> dict[str, bytes]:
    """Read what rounds leave behind, but for times and paths."""
    kept = (
        "samples.jsonl",
        "pairs.jsonl",
        "summary.json",
        "adapter_model.safetensors",
        "scores.jsonl",
        "table.md",
    )
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.name in kept and "checkpoint" not in path.as_posix()
    }


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("rounds") / "whole"
    test = {"split": "balanced", "clips": 1, "identities": 1, "seed": 42}
    results = run_rounds(build(test=test), out)
    assert [one.number for one in results] == [0, 1, 2]
    assert all(one.trained for one in results[1:])
    return out


def dying_at(call: int, method: Callable[..., Any]) -> Callable[..., Any]:
    """Make a method that is interrupted at one of its calls."""
    calls: list[None] = []

    def work(*given: Any, **named: Any) -> Any:
        calls.append(None)
        if len(calls) == call:
            raise KeyboardInterrupt
        return method(*given, **named)

    return work


def test_rounds_begin_with_the_policy_of_the_last_one(whole: Path) -> None:
    lines = (whole / "table.md").read_text().splitlines()
    assert len(lines) == 2 + 3
    assert lines[0].startswith("| round | reference | records | reward |")
    references = [line.split("|")[2].strip() for line in lines[3:]]
    assert len(set(references)) == 2
    assert (whole / "rounds" / "1" / "merged" / "model.safetensors").is_file()
    assert not (whole / "rounds" / "2" / "merged").exists()
    assert {path.name for path in (whole / "runs").iterdir()} == {"round-0", "round-1", "round-2"}
    log = (whole / "rounds" / "1" / "policy" / "log.jsonl").read_text()
    for name in ("reward", "loss/kl", "clipped", "sampling/difference", "start/difference_max"):
        assert f'"{name}"' in log


def test_killed_rounds_go_on_to_the_same_bytes(whole: Path, tmp_path: Path, monkeypatch: Any) -> None:
    out = tmp_path / "killed"
    recipe = build(test={"split": "balanced", "clips": 1, "identities": 1, "seed": 42})
    for owner, name, call in (
        (LocalModel, "sample", 2),
        (PreferenceTrainer, "compute_loss", 2),
        (LocalModel, "merge", 1),
        (LocalModel, "sample", 1),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(owner, name, dying_at(call, getattr(owner, name)))
            with pytest.raises(KeyboardInterrupt):
                run_rounds(recipe, out)
    run_rounds(recipe, out)
    assert bytes_of(out) == bytes_of(whole)
    with pytest.raises(AvereError, match="holds rounds of another recipe"):
        run_rounds(build(), out)


def test_a_round_in_which_all_answers_are_alike_stops_or_is_passed_over(whole: Path, tmp_path: Path) -> None:
    data = whole / "data" / "prompts"
    cold = {**GIVEN["sampling"], "temperature": 1e-4, "prompts": 1}
    stopping = build(world=None, data=str(data), sampling=cold, rounds=1)
    with pytest.raises(AvereError, match=r"no record can be made of 3 samples \(1: all answers are"):
        run_rounds(stopping, tmp_path / "stops")
    learning = {**GIVEN["learning"], "on_nothing": "skip"}
    going = build(world=None, data=str(data), sampling=cold, learning=learning)
    results = run_rounds(going, tmp_path / "goes")
    assert [(one.records, one.trained) for one in results[1:]] == [(0, False), (0, False)]
    assert results[1].reference == results[2].reference
    assert "(not trained)" in (tmp_path / "goes" / "table.md").read_text()


def test_an_arm_of_a_study_is_asked_with_the_policy_of_its_last_round(tmp_path: Path) -> None:
    given = {
        "pairs": GIVEN["world"],
        "test": {"split": "balanced", "clips": 1, "identities": 1, "seed": 42},
        "watched": {"split": "balanced", "clips": 1, "identities": 1, "seed": 43},
        "set": GIVEN["training"]["set"],
        "online": {"rounds": 1, "sampling": GIVEN["sampling"], "learning.rewards": {"sum": SUM}},
        "arms": {"grpo": {"recipe": "grpo_tiny", "online": "online_grpo"}},
    }
    out = tmp_path / "study"
    experiment = run_study(settings.check(given, StudyRecipe, "test"), out)
    rounds = out / "models" / "grpo-0" / "rounds"
    assert (rounds / "1" / "policy" / "metrics.json").is_file()
    asked = runs.read_info(experiment.run("grpo", 0))
    assert asked is not None
    assert asked.models[0].fingerprint == models.load(str(rounds / "1" / "policy")).fingerprint
    assert not (out / "models" / "grpo-0" / "cache").exists()
    assert "grpo" in (out / "table.md").read_text()

    watched = (out / "models" / "grpo-0" / "table.md").read_text().splitlines()
    assert watched[0].endswith("test: named cues displaced |")
    assert watched[2].startswith("| base |")
    assert watched[2].endswith(".0 |")
    assert [path.name for path in (out / "models" / "grpo-0" / "runs").iterdir()] == ["round-1"]
    for folder in (out, out / "models" / "grpo-0"):
        assert (folder / "rounds.png").read_bytes().startswith(b"\x89PNG")


def test_tables_and_curves_show_what_is_known() -> None:
    results = [
        RoundResult(number=0, measures={"stress_auroc": 61.25}),
        RoundResult(number=1, reference="abcdef0123", records=5, trained=True, rewards={"reward": 0.5},
                    habits={"hallucinated": 0.25}, measures={"stress_auroc": 70}),
    ]  # fmt: skip
    assert as_curves(results) == {
        "reward of its answers": {0: 50},
        "test: stress AUROC": {0: 61.25, 1: 70},
    }
    assert as_table(results).splitlines()[2:] == [
        "| base |  |  |  |  | 61.2 |",
        "| 1 | abcdef01 | 5 | 0.500 | 25.0 % | 70.0 |",
    ]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"sampling": {"count": 1}}, "sampling.count=1 leaves no answers to compare for"),
        ({"data": "x"}, "prompts are either made of a world or read from data"),
        ({"world": None}, "prompts are either made of a world or read from data"),
        ({"training": {"recipe": "sft_tiny"}}, "loss 'sft' does not learn from learning.form=groups"),
        ({"training": {"recipe": "grpo_tinny"}}, "grpo_tinny"),
        ({"rounds": 0}, "greater than or equal to 1"),
        ({"learning": {"form": "groups"}}, "learning.rewards: Field required"),
        ({"test": {"split": "biased", "clips": 1, "identities": 1, "seed": 41}}, "share a seed"),
    ],
)  # fmt: skip
def test_recipes_that_cannot_be_are_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        build(**changes)
