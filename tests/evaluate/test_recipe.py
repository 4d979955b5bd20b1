"""The recipe of an evaluation is read whole or refused whole."""

from importlib import resources
from pathlib import Path

import pytest

from avere import settings
from avere.errors import SettingsError
from avere.evaluate.recipe import EvaluationRecipe


def test_the_shipped_recipe_says_the_defaults():
    path = Path(str(resources.files("avere.recipes"))) / "evaluate" / "emorealm.yaml"
    assert settings.read(path, EvaluationRecipe) == EvaluationRecipe()


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"benchmark": "emorealm2"}, "no benchmark is called 'emorealm2'; did you mean 'emorealm'"),
        ({"conditions": ()}, "name one or more of av, text"),
        ({"conditions": ("av", "av")}, "each once"),
        ({"conditions": ("text", "rotate")}, "name av beside it"),
        ({"closed": "guess"}, "closed"),
        ({"temperature": 1}, "temperature"),
    ],
)
def test_mistakes_are_named(given, why):
    with pytest.raises(SettingsError, match=why):
        settings.check(given, EvaluationRecipe, "recipe")
