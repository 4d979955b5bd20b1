"""Models that answer by habit earn chance, all the way from asking to the summary."""

import pytest

from avere import models
from avere.analyse import read_summary, summarise_run
from avere.evaluate import evaluate_model


@pytest.mark.parametrize("rule", ["always-yes", "always-no", "always-a"])
def test_habits_earn_fifty(folder, tmp_path, rule):
    """One supporting and one displaced question a clip: yes and no are right equally often."""
    out = tmp_path / "run"
    evaluate_model(models.load(f"scripted:{rule}"), folder, out)
    summarise_run(out, draws=50)
    measures = read_summary(out).conditions["av"].measures
    assert measures["accuracy/reasoning_stress_video"].value == 50.0
    assert measures["unscored"].value == 0.0
    assert measures["stress_yes_rate/supporting"].value == (0.0 if rule == "always-no" else 100.0)
