"""Studies: worlds stand apart, and arms become training recipes."""

from typing import Any

import pytest

from avere import settings
from avere.analyse import MEASURES
from avere.errors import AvereError, SettingsError
from avere.preference.recipe import TrainingRecipe
from avere.recipes import locate_recipe
from avere.study import figures, table
from avere.study.experiment import Experiment
from avere.study.recipe import Arm, StudyRecipe
from avere.study.run import _is_of, run_study
from avere.study.search import Setting


def test_worlds_that_share_a_seed_are_refused():
    with pytest.raises(SettingsError, match="share a seed"):
        settings.read(locate_recipe("demo"), StudyRecipe, ["test.seed=301"])


def test_rounds_are_watched_on_the_clips_of_the_search_or_on_clips_of_their_own():
    watched = "watched={split: balanced, clips: 3, identities: 1, seed: 77}"
    with pytest.raises(SettingsError, match="rounds are watched on the clips of the search"):
        settings.read(locate_recipe("method"), StudyRecipe, [watched])
    online = settings.read(locate_recipe("online", "study"), StudyRecipe)
    assert online.development == online.watched
    with pytest.raises(SettingsError, match="share a seed"):
        settings.read(locate_recipe("online", "study"), StudyRecipe, ["watched.seed=211"])


def test_an_arm_is_its_recipe_on_the_data_of_the_study(tmp_path):
    experiment = Experiment(settings.read(locate_recipe("method"), StudyRecipe), tmp_path)
    arm = experiment.recipe.arms["dpo_both"]
    made = experiment.training(arm, seed=2, setting=Setting(1e-3))
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
    experiment = Experiment(settings.read(locate_recipe("demo"), StudyRecipe), tmp_path)
    whole, without = (
        experiment.training(Arm(recipe=recipe, set=changes), seed=0, setting=None)
        for changes in ({}, {f"loss.{key}": value})
    )
    assert whole.loss.get(key) != value
    assert without == whole.model_copy(update={"loss": {**whole.loss, key: value}})


def test_an_arm_sets_what_the_command_line_sets(tmp_path):
    """A key of any depth, as `avere train --set` takes it; what an arm sets stays its own."""
    experiment = Experiment(settings.read(locate_recipe("demo"), StudyRecipe), tmp_path)
    arm = Arm(recipe="dpo_both_tiny", set={"model.options": {"size": [56, 56]}, "model.options.frames": 2})
    made = experiment.training(arm, seed=0, setting=None)
    file = tmp_path / "recipe.yaml"
    file.write_text("base: dpo_both_tiny\ndata: {pairs: p.jsonl, clips: c.jsonl}\nseed: 0\n")
    read = settings.read(file, TrainingRecipe, ["model.options={size: [56, 56]}", "model.options.frames=2"])
    assert made.model.options == read.model.options == {"size": [56, 56], "frames": 2}
    assert arm.set["model.options"] == {"size": [56, 56]}
    with pytest.raises(SettingsError, match=r"cannot set 'seed\.deep': 'seed' is a value, not a section"):
        experiment.training(Arm(recipe="dpo_both_tiny", set={"seed.deep": 1}), seed=0, setting=None)


def test_every_arm_of_the_full_table_is_trained_and_asked_with_every_seed(tmp_path):
    recipe = settings.read(locate_recipe("method"), StudyRecipe)
    names = [name for group in Experiment(recipe, tmp_path).stages() for name in group]
    tried = [name.removeprefix("search ") for name in names if name.startswith("search")]
    free = ["sft", "dpo_both_free", "avem_dpo_free"]
    anchored = ["dpo_both", "avem_dpo", "mdpo", "vista_dpo", "omni_dpo", "mod_dpo"]
    rates, weights = ("0.0012", "0.0025"), ("0.2", "1")
    assert sorted(tried) == sorted(
        [f"{arm}, {rate}" for arm in free for rate in rates]
        + [f"{arm}, {rate}-{weight}" for arm in anchored for rate in rates for weight in weights]
    )
    cells = [name for name in names if name.startswith("train and evaluate")]
    six = [name for name, arm in recipe.arms.items() if arm.seeds is None]
    assert six == [
        *("sft", "dpo_both", "avem_dpo", "avem_dpo_derived", "without_pmp", "without_erp", "without_tpd")
    ]
    asked = [(seed, arm) for seed in range(6) for arm in recipe.arms if seed < 2 or arm in six]
    assert cells == [f"train and evaluate {arm}, seed {seed}" for seed, arm in asked]


def test_the_arms_of_hypotheses_share_their_seeds_and_are_what_the_protocol_says(tmp_path):
    recipe = settings.read(locate_recipe("method"), StudyRecipe)
    assert [*recipe.hypotheses] == ["H1", "H2", "H3a", "H3b", "H3c", "H4"]
    for one in recipe.hypotheses.values():
        assert recipe.seeds_of(one.better) == recipe.seeds_of(one.than) == recipe.seeds
        assert one.measure in MEASURES
    for without, key in (("pmp", "lambda_av"), ("erp", "rejected"), ("tpd", "gamma_tpd")):
        whole, part = (recipe.arms[name].set for name in ("avem_dpo", f"without_{without}"))
        assert {**part} == {**whole, f"loss.{key}": part[f"loss.{key}"]}


@pytest.mark.parametrize("name", ["demo", "first", "gate", "method", "ablation", "noise", "online"])
def test_every_arm_of_a_shipped_study_is_a_training_recipe(tmp_path, name):
    experiment = Experiment(settings.read(locate_recipe(name), StudyRecipe), tmp_path)
    for arm in experiment.recipe.trained.values():
        assert experiment.training(arm, seed=0, setting=None).data.pairs.parent.name == (arm.pairs or "pairs")


def test_an_arm_may_learn_in_rounds_from_its_own_answers_to_the_prompts_of_its_pairs(tmp_path):
    experiment = Experiment(settings.read(locate_recipe("online"), StudyRecipe), tmp_path)
    arms = experiment.recipe.arms
    made = experiment.rounds(arms["online_grpo_errors"], seed=2, setting=Setting(1e-3))
    assert (made.rounds, made.sampling.count) == (4, 8)
    assert (made.sampling.prompts, made.learning.records) == (1000, 400)
    assert (made.data, made.world, made.test) == (tmp_path / "data" / "errors", None, None)
    assert (made.sampling.seed, made.seed, made.learning.form) == (200, 200, "groups")
    trained = made.train(2, {})
    assert (trained.loss["name"], trained.optimiser.learning_rate, trained.seed) == ("grpo", 1e-3, 201)
    assert experiment.rounds(arms["online_grpo"], 0, None).train(1, {}).optimiser.learning_rate == 2.5e-3
    assert experiment.rounds(arms["online_grpo_all"], 0, None).learning.records is None
    for name in ("online_sft", "online_dpo", "online_avem_dpo"):
        loss = experiment.rounds(arms[name], 0, None).train(1, {}).loss
        assert {f"loss.{key}": value for key, value in loss.items()}.items() >= (
            {key: value for key, value in arms[name].set.items() if key.startswith("loss.")}.items()
        )
    with pytest.raises(SettingsError, match="does not learn from"):
        experiment.rounds(Arm(recipe="sft_tiny", online="online_grpo"), 0, None)
    with pytest.raises(AvereError, match="online_grpo"):
        experiment.rounds(Arm(recipe="grpo_tiny", online="online_grop"), 0, None)


def test_arms_of_a_curve_differ_in_its_key_and_nowhere_else(tmp_path):
    experiment = Experiment(settings.read(locate_recipe("ablation"), StudyRecipe), tmp_path)
    for key, arms in experiment.recipe.curves.items():
        values = [figures.value(experiment, arm, key) for arm in arms]
        assert values == sorted(set(values))
        losses = [experiment.training(experiment.recipe.arms[arm], 0, None) for arm in arms]
        moved = {"loss.beta_vr": ("beta_vr", "beta_er")}.get(key, (key.partition(".")[2],))
        rest = [{k: v for k, v in one.loss.items() if k not in moved} for one in losses]
        assert all(one == rest[0] for one in rest)
        assert len({one.model_copy(update={"loss": {}}).model_dump_json() for one in losses}) == 1


def test_a_curve_over_what_an_arm_does_not_say_is_refused_before_anything_is_made(tmp_path):
    recipe = settings.read(locate_recipe("demo"), StudyRecipe, ["curves={loss.gamma_tpd: [dpo, avem_dpo]}"])
    with pytest.raises(AvereError, match="arm 'dpo' has no number under"):
        run_study(recipe, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_learning_rate_is_set_searched_or_taken_from_another_arm(tmp_path):
    recipe = settings.read(locate_recipe("method"), StudyRecipe)
    assert "avem_dpo" in recipe.searched
    assert "without_tpd" not in recipe.searched
    fixed = settings.read(
        locate_recipe("first"), StudyRecipe, ["arms.sft.set={optimiser.learning_rate: 1.0e-3}"]
    )
    assert "sft" not in fixed.searched
    ablation = settings.read(
        locate_recipe("ablation"), StudyRecipe, ["set={optimiser.learning_rate: 3.0e-4}"]
    )
    experiment = Experiment(ablation, tmp_path)
    assert experiment.training(experiment.recipe.arms["sft"], 0, None).optimiser.learning_rate == 3e-4


WITH_VCD = ["arms.vcd.wrapper=vcd", "arms.vcd.set={alpha: 0.5}"]


def test_an_arm_that_wraps_the_base_is_asked_once_and_never_trained(tmp_path):
    experiment = Experiment(settings.read(locate_recipe("first"), StudyRecipe, WITH_VCD), tmp_path)
    steps = {name: work for group in experiment.stages() for name, work in group.items()}
    assert [name for name in steps if "vcd" in name] == ["evaluate vcd"]
    step: Any = steps["evaluate vcd"]
    assert step.args == ("vcd:tiny", "test", tmp_path / "runs" / "vcd", {"alpha": 0.5})
    folders = {row.label: row.run for row in table.rows(experiment)}
    assert folders["vcd"] == experiment.run("vcd", seed=2) == tmp_path / "runs" / "vcd"
    assert [name for name in folders if name.startswith("sft")] == [f"sft, seed {seed}" for seed in range(3)]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (["arms.new.set={alpha: 0.5}"], "give one"),
        (["arms.vcd.recipe=dpo", "arms.vcd.wrapper=vcd"], "give one"),
        (["arms.vcd.wrapper=vdc"], "no model is called 'vdc'"),
        (["arms.vcd.wrapper=vcd", "arms.vcd.pairs=yes_no"], "not trained"),
        (["arms.vcd.wrapper=vcd", "arms.vcd.online=online_sft"], "not trained"),
        (["arms.sft.rounds={rounds: 2}"], "name it under online"),
        (["arms.sft.pairs=yes_on"], "did you mean 'yes_no'"),
        (["arms.sft.rate_of=avem_dpo_yes_no"], "no searched arm"),
        (["curves={loss.beta: [sft, avem]}"], "no trained arm is called 'avem'"),
        (["other_pairs.yes_no.set={yes: 1}"], "yes: no such key"),
    ],
)
def test_an_arm_is_trained_or_wraps(changes, text):
    with pytest.raises(SettingsError, match=text):
        settings.read(locate_recipe("first"), StudyRecipe, changes)


def test_a_study_is_known_again_though_an_older_version_wrote_less(tmp_path):
    recipe = settings.read(locate_recipe("demo"), StudyRecipe)
    stored = tmp_path / "recipe.json"
    stored.write_text(recipe.model_dump_json(exclude_defaults=True))
    assert _is_of(recipe, stored)
    assert not _is_of(settings.read(locate_recipe("demo"), StudyRecipe, ["seeds=[7]"]), stored)
    stored.write_text("{}")
    assert not _is_of(recipe, stored)
