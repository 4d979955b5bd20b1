"""Running a study from recipe to report."""

import json
from pathlib import Path

from pydantic import ValidationError

from avere.errors import AvereError
from avere.report.page import report
from avere.study import table
from avere.study.experiment import BASE, Experiment
from avere.study.recipe import Recipe

RECIPE, TABLE, NUMBERS, PAGE = "recipe.json", "table.md", "numbers.json", "report.html"


def run(recipe: Recipe, out: Path, workers: int = 1) -> Experiment:
    """Do every stage that is not done yet, so many at a time; write table, numbers and report to ``out``.

    Raises:
        AvereError: ``out`` holds a study of another recipe.
    """
    file = out / RECIPE
    if file.exists() and not _is_of(recipe, file):
        raise AvereError(f"'{out}' holds a study of another recipe; give another folder")
    out.mkdir(parents=True, exist_ok=True)
    file.write_text(recipe.model_dump_json(indent=2) + "\n", encoding="utf-8")
    experiment = Experiment(recipe, out)
    stages = experiment.go(workers)
    shown = [experiment.run(BASE), *(experiment.run(name, recipe.seeds[0]) for name in recipe.arms)]
    stages.run("report", lambda: report(shown, out / PAGE))
    numbers = table.as_json(experiment, stages.seconds)
    (out / NUMBERS).write_text(json.dumps(numbers, indent=1) + "\n", encoding="utf-8")
    (out / TABLE).write_text(table.markdown(experiment), encoding="utf-8")
    return experiment


def _is_of(recipe: Recipe, file: Path) -> bool:
    """Tell whether a stored recipe is this one; what an older version did not write has its default."""
    try:
        return Recipe.model_validate_json(file.read_bytes()) == recipe
    except ValidationError:
        return False
