"""A recipe is read whole or refused whole."""

from collections.abc import Mapping
from typing import Annotated, Literal

import pytest
from pydantic import Field, ValidationError

from avere import settings
from avere.errors import SettingsError


class Loss(settings.Settings):
    beta: float
    form: str = "published"


class Recipe(settings.Settings):
    seed: int = 0
    loss: Loss


@pytest.fixture
def recipe(tmp_path):
    path = tmp_path / "recipe.yaml"
    path.write_text("seed: 3\nloss:\n  beta: 0.1\n")
    return path


class Lora(settings.Settings):
    kind: Literal["lora"] = "lora"
    rank: int = 1


class Full(settings.Settings):
    kind: Literal["full"] = "full"
    frozen: bool = False


class Nested(settings.Settings):
    adapter: Annotated[Lora | Full, Field(discriminator="kind")] = Lora()
    arms: tuple[Lora, ...] = ()
    named: Mapping[str, Loss] = {}


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"adaptor": {}}, "adaptor: no such key; did you mean 'adapter'?"),
        ({"adapter": {"kind": "lora", "rnak": 1}}, "adapter.lora.rnak: no such key; did you mean 'rank'?"),
        ({"arms": [{"rankk": 1}]}, "arms.0.rankk: no such key; did you mean 'rank'?"),
        ({"named": {"a": {"beta": 1, "from": "x"}}}, "named.a.from: no such key; did you mean 'form'?"),
        ({"arms": [{"zzz": 1}]}, "arms.0.zzz: no such key; there are kind, rank"),
    ],
)
def test_a_wrong_key_comes_with_the_nearest_right_one_at_every_level(data, told):
    with pytest.raises(SettingsError) as caught:
        settings.check(data, Nested, "x.yaml")
    assert str(caught.value) == f"x.yaml: {told}"


def test_a_file_becomes_a_typed_value(recipe):
    assert settings.read(recipe, Recipe) == Recipe(seed=3, loss=Loss(beta=0.1))


def test_it_is_frozen(recipe):
    with pytest.raises(ValidationError, match="frozen"):
        setattr(settings.read(recipe, Recipe), "seed", 4)  # noqa: B010 - mypy knows that it cannot be set


def test_overrides_are_applied_in_order_and_checked(recipe):
    read = settings.read(recipe, Recipe, ["loss.beta=0.2", "loss.beta=5e-1", "loss.form=derived"])
    assert read.loss == Loss(beta=0.5, form="derived")
    with pytest.raises(SettingsError, match=r"loss\.beta: .*number"):
        settings.read(recipe, Recipe, ["loss.beta=much"])


def test_every_mistake_is_listed_at_once(recipe):
    recipe.write_text("sed: 3\nloss:\n  beta: high\n  gamma: 1\n")
    with pytest.raises(SettingsError) as caught:
        settings.read(recipe, Recipe)
    text = str(caught.value)
    assert text.startswith(f"{recipe}: ")
    assert "\n" not in text
    for key in ("sed:", "loss.beta:", "loss.gamma:"):
        assert key in text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "holds no keys"),
        ("- 1\n- 2\n", "holds no keys"),
        ("a: [1", "is not YAML"),
        ("\ta: 1", "is not YAML"),
    ],
)
def test_what_is_no_mapping_is_refused(recipe, text, reason):
    recipe.write_text(text)
    with pytest.raises(SettingsError, match=reason):
        settings.read(recipe, Recipe)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SettingsError, match=r"nowhere\.yaml.*give .*file"):
        settings.read(tmp_path / "nowhere.yaml", Recipe)


@pytest.mark.parametrize(
    ("override", "reason"),
    [
        ("loss.beta", r"write key\.sub=value"),
        ("=3", r"write key\.sub=value"),
        ("seed.deep=1", "is a value, not a section"),
    ],
)
def test_a_wrong_override_says_how_to_write_it(recipe, override, reason):
    with pytest.raises(SettingsError, match=reason):
        settings.read(recipe, Recipe, [override])


@pytest.mark.parametrize(("written", "meant"), [("5e-7", 5e-7), ("1e3", 1000.0), (".5", 0.5)])
def test_numbers_are_written_as_in_papers(recipe, written, meant):
    recipe.write_text(f"loss: {{beta: {written}}}\n")
    assert settings.read(recipe, Recipe).loss.beta == meant


@pytest.mark.parametrize("word", ["no", "yes", "off", "on"])
def test_words_stay_words(recipe, word):
    recipe.write_text(f"loss: {{beta: 1, form: {word}}}\n")
    assert settings.read(recipe, Recipe).loss.form == word


class Listed(settings.Settings):
    steps: list[Loss]


def test_a_number_names_an_item_of_a_list(recipe):
    recipe.write_text("steps: [{beta: 1}, {beta: 2}]\n")
    assert settings.read(recipe, Listed, ["steps.1.beta=3"]).steps[1].beta == 3
    with pytest.raises(SettingsError, match="none of the 2 items"):
        settings.read(recipe, Listed, ["steps.2.beta=3"])


def test_aliases_that_stand_for_billions_are_refused_at_once():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    with pytest.raises(SettingsError, match="repeats itself by aliases"):
        settings.parse("\n".join(lines), "a stranger's recipe")
    with pytest.raises(SettingsError, match="repeats itself"):
        settings.parse("a: &a [*a]", "a stranger's recipe")
    assert settings.parse("a: &a [1, 2]\nb: *a", "a recipe") == {"a": [1, 2], "b": [1, 2]}


def test_a_recipe_of_megabytes_is_refused():
    with pytest.raises(SettingsError, match="at most 200,000"):
        settings.parse("a: " + "x" * 2_000_000, "a stranger's recipe")
