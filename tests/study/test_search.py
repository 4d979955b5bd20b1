"""The rule by which arms find their settings."""

import pytest

from avere import settings
from avere.analyse import Interval
from avere.recipes import locate_recipe
from avere.study.recipe import StudyRecipe
from avere.study.search import TUNED, Setting, choose_setting, mean_of_tuned


def reached(mean: float, broken: float):
    """Measures whose tuned ones all have one value."""
    values = dict.fromkeys(TUNED, mean) | {"description/unparsed": broken}
    return {name: Interval(value=value, low=None, high=None, n=100) for name, value in values.items()}


BASE = reached(60, 20)


def test_the_best_mean_is_chosen_of_those_that_break_at_most_five_points_more():
    tried = {Setting(1e-3): reached(61, 10), Setting(2e-3): reached(65, 25), Setting(4e-3): reached(70, 25.1)}
    assert choose_setting(tried, BASE) == Setting(2e-3)


def test_where_all_break_too_many_the_fewest_are_taken():
    tried = {Setting(1e-3): reached(61, 40), Setting(2e-3): reached(70, 60)}
    assert choose_setting(tried, BASE) == Setting(1e-3)


def test_what_was_not_measured_counts_as_nothing():
    lacking = reached(50, 0) | {TUNED[0]: Interval(value=None, low=None, high=None, n=0)}
    assert mean_of_tuned(lacking) == pytest.approx(40)


def test_only_arms_with_an_anchor_and_no_weight_of_their_own_try_weights():
    lines = [
        "search.anchor_weights=[0.5, 1.0]",
        "arms.sft.set={loss.normalise: mean}",
        "arms.dpo_both.set={loss.anchor: nll}",
        "arms.avem_dpo.set={loss.anchor: nll, loss.anchor_weight: 2.0}",
    ]
    recipe = settings.read(locate_recipe("first"), StudyRecipe, lines)
    assert recipe.search is not None
    rates = recipe.search.learning_rates
    alone, both = [Setting(rate) for rate in rates], [Setting(r, w) for r in rates for w in (0.5, 1.0)]
    found = {name: recipe.search.settings(recipe.arms[name]) for name in ("sft", "dpo_both", "avem_dpo")}
    assert found == {"sft": alone, "dpo_both": both, "avem_dpo": alone}
    assert both[0].changes() == {"optimiser.learning_rate": rates[0], "loss.anchor_weight": 0.5}
