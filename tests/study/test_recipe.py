"""Studies: worlds stand apart, and arms become training recipes."""

import pytest

from avere import settings
from avere.cli.recipes import locate
from avere.errors import SettingsError
from avere.study.experiment import Experiment
from avere.study.recipe import Arm, Recipe


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
