"""The plots of a study: every gain at its value, with its interval, under its name to the letter."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_hex

from avere.analyse import MEASURES, Comparison, Interval
from avere.errors import AvereError
from avere.report import _figures, arms
from avere.report.arms import Dot
from avere.study import figures

ODD = ("avem_dpo", "a$x_1$b", "_hidden", "cost $5", r"\frac{$", "$", "100 % \\$")
STRESS, AUROC, SUPPORTING = (MEASURES[name].title for name in figures.DRAWN)


def gain(measure: str, difference: float | None, low=None, high=None, seeds=None) -> Comparison:
    over = None if seeds is None else Interval(value=difference, low=seeds[0], high=seeds[1], n=3)
    return Comparison(
        measure=measure, difference=difference, low=low, high=high, p=None, clips=40, seeds=3, over_seeds=over
    )


@pytest.fixture
def drawn(monkeypatch):
    """Return the figures that were drawn; each is also encoded, as it would be."""
    kept: list[Any] = []
    encode = _figures.encode_png

    def keep(figure):
        kept.append(figure)
        return encode(figure)

    monkeypatch.setattr(arms, "encode_png", keep)
    return kept


def lines(axes) -> list[tuple[list[float], list[float]]]:
    """Return the ends of every line but those of the base and the dots."""
    return [
        (np.asarray(line.get_xdata()).tolist(), np.asarray(line.get_ydata()).tolist())
        for line in axes.get_lines()
        if line.get_marker() == "None"
    ]


def dots(axes) -> list[tuple[float, float, str]]:
    """Return the place of every dot and the colour within."""
    return [
        (float(line.get_xdata()[0]), float(line.get_ydata()[0]), line.get_markerfacecolor())
        for line in axes.get_lines()
        if line.get_marker() == "o"
    ]


def test_panels_hold_the_gains_of_every_arm():
    gains = {
        "dpo": {
            "stress_score": gain("stress_score", 4.5, 1.5, 7.0, (-1.0, 9.0)),
            "stress_auroc": gain("stress_auroc", 2.0),
            "description/supporting": gain("description/supporting", None),
        },
        "not run": {},
    }
    assert figures.panels(gains) == {
        STRESS: {"dpo": Dot(4.5, 1.5, 7.0, (-1.0, 9.0)), "not run": None},
        AUROC: {"dpo": Dot(2.0), "not run": None},
        SUPPORTING: {"dpo": None, "not run": None},
    }


def test_a_forest_has_a_row_an_arm_in_order(drawn):
    """Filled: both intervals leave out zero; hollow: one holds it, or there is none."""
    rows = {
        "sure": Dot(4.5, 1.5, 7.0, (0.5, 9.0)),
        "unsure by seeds": Dot(-3.0, -5.0, -1.0, (-7.0, 1.0)),
        "gone": None,
        "few": Dot(2.0),
    }
    assert arms.forest({"Stress score": rows}).startswith(b"\x89PNG")
    (axes,) = drawn[0].axes
    assert axes.get_title() == "Stress score"
    assert [text.get_text() for text in axes.get_yticklabels()] == [
        *("sure", "unsure by seeds", "gone (not run)", "few")
    ]
    assert dots(axes) == [(4.5, 0, arms.SOLID), (-3.0, 1, "white"), (2.0, 3, "white")]
    base, *spans = lines(axes)
    assert base[0] == [0, 0]
    assert spans == [
        *(([0.5, 9.0], [0, 0]), ([1.5, 7.0], [0, 0])),
        *(([-7.0, 1.0], [1, 1]), ([-5.0, -1.0], [1, 1])),
    ]
    bottom, top = axes.get_ylim()
    assert (bottom > 3, top < 0) == (True, True)


def test_effects_are_tinted_by_what_is_surely_better_or_worse(drawn):
    sure, unsure = Dot(4.5, 1.5, 7.0, (0.5, 9.0)), Dot(-3.0, -5.0, -1.0, (-7.0, 1.0))
    panels = {title: {"$a_1": sure, "b": unsure, "gone": None} for title in ("Up", "Down")}
    arms.effects(panels, [1, -1])
    (axes,) = drawn[0].axes
    assert [text.get_text() for text in axes.get_yticklabels()] == ["$a_1", "b", "gone"]
    assert [text.get_text() for text in axes.get_xticklabels()] == ["Up", "Down"]
    told = {text.get_position(): text.get_text() for text in axes.texts}
    for column in range(2):
        assert [told[column, row] for row in range(3)] == ["+4.5", "-3.0", "–"]
    tinted = [
        (bar.get_x(), bar.get_y(), to_hex(bar.get_facecolor(), keep_alpha=True)) for bar in axes.patches
    ]
    wanted = [(-0.5, arms.BETTER), (0.5, arms.WORSE)]
    assert tinted == [(left, -0.5, tint.lower()) for left, tint in wanted]


def test_curves_have_a_column_a_setting_and_a_row_a_measure(drawn):
    along = [(0.1, Dot(1.0, 0.5, 1.5)), (0.4, Dot(-2.0, -3.0, 1.0))]
    flat = [(0.1, Dot(0.0)), (0.4, Dot(3.0))]
    arms.curves({"loss.$beta$": {"A $x$": along, "B": flat}, "seed": {"A $x$": flat, "B": along}})
    upper_left, upper_right, lower_left, lower_right = drawn[0].axes
    assert dots(upper_left) == dots(lower_right) == [(0.1, 1.0, arms.SOLID), (0.4, -2.0, "white")]
    assert dots(upper_right) == dots(lower_left) == [(0.1, 0.0, "white"), (0.4, 3.0, "white")]
    assert upper_left.get_ylabel() == "A $x$,\ngain over the base"
    assert (lower_left.get_xlabel(), lower_right.get_xlabel()) == ("loss.$beta$", "seed")
    base, between, *spans = lines(upper_left)
    assert (base[1], between) == ([0, 0], ([0.1, 0.4], [1.0, -2.0]))
    assert spans == [([0.1, 0.1], [0.5, 1.5]), ([0.4, 0.4], [-3.0, 1.0])]


def test_names_are_no_formulas_in_a_forest(drawn):
    arms.forest({f"Panel $ of {name}": dict.fromkeys(ODD, Dot(1.0, 0.5, 2.0)) for name in ODD[:2]})
    first = drawn[0].axes[0]
    assert [text.get_text() for text in first.get_yticklabels()] == list(ODD)
    assert not any(text.get_parse_math() for text in first.get_yticklabels())


@pytest.mark.parametrize("name", ODD)
def test_names_stand_in_legends_to_the_letter(name):
    """A legend leaves out what begins with an underscore, and reads what stands between dollars."""
    curve = (np.array([1.0, 50.0, 100.0]), np.array([0.0, 10.0, 30.0]))
    page = _figures.risk_coverage({name: curve, "other": curve})
    shown = name.replace("&", "&amp;")
    assert f">{shown}<" in page.replace("> ", ">")
    assert ">other<" in page


def test_a_curve_places_arms_by_a_number_of_their_recipes():
    recipes = {"a": {"loss": {"beta": 0.4}}, "b": {"loss": {"beta": 0.1}}, "c": {"loss": {"beta": "high"}}}
    experiment: Any = SimpleNamespace(
        recipe=SimpleNamespace(curves={"loss.beta": ["a", "b"]}, arms={n: n for n in recipes}, seeds=[0]),
        training=lambda arm, *_: SimpleNamespace(model_dump=lambda: recipes[arm]),
    )
    gains = {
        arm: {name: gain(name, value) for name in figures.DRAWN} for arm, value in (("a", 1.0), ("b", 2.0))
    }
    found = figures.curves(experiment, gains)
    assert found == {
        "loss.beta": {title: [(0.1, Dot(2.0)), (0.4, Dot(1.0))] for title in (STRESS, AUROC, SUPPORTING)}
    }
    for arm, key in (("c", "loss.beta"), ("a", "loss.gamma"), ("a", "loss")):
        with pytest.raises(AvereError, match=f"arm '{arm}' has no number under '{key}'"):
            figures.value(experiment, arm, key)
