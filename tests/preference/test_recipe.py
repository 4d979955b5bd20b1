"""Recipes are refused whole, with every mistake named."""

from collections.abc import Callable
from pathlib import Path

import pytest

import avere.recipes
from avere import settings
from avere.errors import SettingsError
from avere.preference.recipe import TrainingRecipe, merge, parse_loss, shipped

(FOLDER,) = avere.recipes.__path__
TRAIN = Path(FOLDER) / "train"
TINY = TRAIN / "avem_dpo_tiny.yaml"


def test_every_mistake_is_listed() -> None:
    with pytest.raises(SettingsError) as caught:
        settings.read(TINY, TrainingRecipe, ["loss.betta=1", "loss.beta=-1", "optimiser.epochs=0", "sed=1"])
    for part in (
        "betta: no such key; did you mean 'beta'",
        "beta: Input should be greater",
        "optimiser.epochs",
        "sed: no such key; did you mean 'seed'",
    ):
        assert part in str(caught.value)


def test_an_unknown_loss_is_answered_with_the_nearest() -> None:
    with pytest.raises(SettingsError, match="'avem-dpo'; did you mean 'avem_dpo'"):
        settings.read(TINY, TrainingRecipe, ["loss.name=avem-dpo"])


def test_full_training_of_bfloat16_weights_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"set model.dtype=float32 with autocast=bfloat16"):
        settings.read(TINY, TrainingRecipe, ["adapter={kind: full}", "model.dtype=bfloat16"])


def test_a_base_gives_what_is_left_out_and_overrides_win() -> None:
    derived = settings.read(TRAIN / "avem_dpo_derived_tiny.yaml", TrainingRecipe, ["loss.beta=0.3"])
    tiny = settings.read(TINY, TrainingRecipe)
    assert derived.loss == {**tiny.loss, "tpd_form": "derived", "beta": 0.3}
    assert derived.model_copy(update={"loss": tiny.loss, "base": None}) == tiny


def test_another_loss_replaces_the_section_of_the_base() -> None:
    assert settings.read(TRAIN / "sft_tiny.yaml", TrainingRecipe).loss == {"name": "sft"}
    assert settings.read(TRAIN / "avem_dpo_7b_full.yaml", TrainingRecipe).adapter.kind == "full"


def test_an_unknown_base_is_refused() -> None:
    with pytest.raises(SettingsError, match="no shipped training recipe is called 'nothing'"):
        settings.check({"base": "nothing"}, TrainingRecipe, "test")


def test_merge_leaves_what_it_reads() -> None:
    below = {"loss": {"name": "dpo", "beta": 0.1}}
    assert merge(below, {"loss": {"beta": 0.2}}) == {"loss": {"name": "dpo", "beta": 0.2}}
    assert below == {"loss": {"name": "dpo", "beta": 0.1}}


def test_published_values_replacement_recipe_and_defaults() -> None:
    published = {"beta": 0.1, "lambda_av": 1.0, "beta_vr": 0.5, "beta_er": 0.5, "gamma_tpd": 0.2}
    recipe = settings.read(TRAIN / "avem_dpo_7b_lora.yaml", TrainingRecipe)
    for config in (parse_loss(recipe.loss).config, parse_loss({"name": "avem_dpo"}).config):
        assert published.items() <= config.model_dump().items()
    optimiser = recipe.optimiser
    assert (optimiser.learning_rate, optimiser.records_per_step, optimiser.warmup_ratio) == (5e-7, 64, 0.1)


@pytest.mark.parametrize("name", ["mdpo", "vista_dpo", "omni_dpo", "mod_dpo"])
def test_the_recipe_of_a_rival_states_every_default_with_its_source(name: str) -> None:
    loss = shipped(f"{name}_tiny")["loss"]
    assert loss == {"name": name, **parse_loss({"name": name}).config.model_dump()}
    text = (TRAIN / f"{name}_tiny.yaml").read_text(encoding="utf-8").partition("loss:")[2]
    assert all("#" in line for line in text.splitlines() if line.strip() and "name:" not in line)


def test_every_value_that_a_paper_publishes_names_it() -> None:
    text = (TRAIN / "avem_dpo_7b_lora.yaml").read_text(encoding="utf-8")
    for key in ("rank", "alpha", "beta", "lambda_av", "gamma_tpd", "learning_rate", "records_per_step"):
        (line,) = [line for line in text.splitlines() if line.strip().startswith(f"{key}:")]
        assert "arXiv 2602.07054" in line


def test_shipped_recipes_differ_from_their_base_only_where_they_say(
    recipe: Callable[..., TrainingRecipe],
) -> None:
    for file in TRAIN.glob("*_tiny.yaml"):
        data = settings.parse(file.read_text(encoding="utf-8"), file.name)
        if isinstance(data, dict) and "base" in data:
            changed = {
                key for key, value in shipped(file.stem).items() if value != shipped(data["base"]).get(key)
            }
            assert changed == set(data)


def test_four_bit_weights_are_not_trained_in_full() -> None:
    with pytest.raises(SettingsError, match=r"model\.quantise=nf4 freezes the weights.*adapter\.kind=lora"):
        settings.read(TRAIN / "avem_dpo_7b_full.yaml", TrainingRecipe, ["model.quantise=nf4"])
