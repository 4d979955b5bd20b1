"""Studies: worlds stand apart, and arms become training recipes."""

from typing import Any

import pytest

from avere import settings
from avere.cli.recipes import locate
from avere.errors import SettingsError
from avere.study import table
from avere.study.experiment import Experiment
from avere.study.recipe import Arm, Recipe
from avere.study.run import _is_of


def test_worlds_that_share_a_seed_are_refused():
    with pytest.raises(SettingsError, match="share a seed"):
        settings.read(locate("demo"), Recipe, ["test.seed=301"])


def test_an_arm_is_its_recipe_on_the_data_of_the_study(tmp_path):
    experiment = Experiment(settings.read(locate("method"), Recipe), tmp_path)
    arm = experiment.recipe.arms["dpo_both"]
    made = experiment.training(arm, seed=2, rate=1e-3)
    assert made.loss["name"] == "dpo"
    assert made.seed == 2
    assert made.optimiser.learning_rate == 1e-3
    assert made.optimiser.records_per_step == 16
    assert made.data.pairs == tmp_path / "data" / "pairs" / "pairs.jsonl"


@pytest.mark.parametrize(
    ("recipe", "key", "value"),
    [
        ("avem_dpo_tiny", "lambda_av", 0),
        ("avem_dpo_tiny", "rejected", "either"),
        ("avem_dpo_tiny", "gamma_tpd", 0),
        ("omni_dpo_tiny", "only_falsifying", True),
    ],
)
def test_an_ablation_is_an_arm_that_sets_one_key(tmp_path, recipe, key, value):
    experiment = Experiment(settings.read(locate("demo"), Recipe), tmp_path)
    whole, without = (
        experiment.training(Arm(recipe=recipe, set=changes), seed=0, rate=None)
        for changes in ({}, {f"loss.{key}": value})
    )
    assert whole.loss.get(key) != value
    assert without == whole.model_copy(update={"loss": {**whole.loss, key: value}})


def test_every_arm_of_the_full_table_is_trained_and_asked_with_every_seed(tmp_path):
    recipe = settings.read(locate("method"), Recipe)
    names = [name for group in Experiment(recipe, tmp_path).stages() for name in group]
    for arm in recipe.arms:
        assert f"search {arm}, 0.0025" in names
        for seed in recipe.seeds:
            assert names.index(f"train {arm}, seed {seed}") < names.index(f"evaluate {arm}, seed {seed}")


WITH_VCD = ["arms.vcd.wrapper=vcd", "arms.vcd.set={alpha: 0.5}"]


def test_an_arm_that_wraps_the_base_is_asked_once_and_never_trained(tmp_path):
    experiment = Experiment(settings.read(locate("method"), Recipe, WITH_VCD), tmp_path)
    steps = {name: work for group in experiment.stages() for name, work in group.items()}
    assert [name for name in steps if "vcd" in name] == ["evaluate vcd"]
    step: Any = steps["evaluate vcd"]
    assert step.args == ("vcd:tiny", "test", tmp_path / "runs" / "vcd", {"alpha": 0.5})
    folders = table.rows(experiment)
    assert folders["vcd"] == experiment.run("vcd", seed=2) == tmp_path / "runs" / "vcd"
    assert [name for name in folders if name.startswith("sft")] == [f"sft, seed {seed}" for seed in range(3)]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (["arms.vcd.set={alpha: 0.5}"], "give one"),
        (["arms.vcd.recipe=dpo", "arms.vcd.wrapper=vcd"], "give one"),
        (["arms.vcd.wrapper=vdc"], "no model is called 'vdc'"),
    ],
)
def test_an_arm_is_trained_or_wraps(changes, text):
    with pytest.raises(SettingsError, match=text):
        settings.read(locate("method"), Recipe, changes)


def test_a_study_is_known_again_though_an_older_version_wrote_less(tmp_path):
    recipe = settings.read(locate("demo"), Recipe)
    stored = tmp_path / "recipe.json"
    stored.write_text(recipe.model_dump_json(exclude_defaults=True))
    assert _is_of(recipe, stored)
    assert not _is_of(settings.read(locate("demo"), Recipe, ["seeds=[7]"]), stored)
    stored.write_text("{}")
    assert not _is_of(recipe, stored)
