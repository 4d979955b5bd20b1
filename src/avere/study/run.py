"""Running a study from recipe to report."""

import json
from pathlib import Path

from pydantic import ValidationError

from avere import files
from avere.analyse.directions import direction_of
from avere.errors import AvereError
from avere.records import jsonl
from avere.report import arms
from avere.report.page import write_page
from avere.report.rounds import draw_rounds
from avere.study import figures, table
from avere.study._stages import Stages
from avere.study.experiment import Experiment
from avere.study.hypotheses import as_markdown
from avere.study.recipe import BASE, StudyRecipe
from avere.study.round_results import PICTURE

RECIPE, TABLE, CELLS, NUMBERS, PAGE = "recipe.json", "table.md", "cells.jsonl", "numbers.json", "report.html"
FOREST, CURVES, EFFECTS = "forest.png", "curves.png", "effects.png"


def run_study(recipe: StudyRecipe, out: Path, workers: int = 1, minutes: float | None = None) -> Experiment:
    """Do every stage that is not done yet, so many at a time; write table, numbers, plots, report to ``out``.

    Cells that were not run, because the minutes were over or because they failed, are said to be so.

    Raises:
        AvereError: ``out`` holds a study of another recipe, a curve has no values, a stage failed, or time is
            too short.
    """
    file = out / RECIPE
    if file.exists() and not _is_of(recipe, file):
        raise AvereError(f"'{out}' holds a study of another recipe; give another folder")
    experiment = Experiment(recipe, out)
    for key in recipe.curves:
        figures.places(experiment, key)
    out.mkdir(parents=True, exist_ok=True)
    files.write_text(file, recipe.model_dump_json(indent=2) + "\n")
    total = sum(map(len, experiment.stages())) + 1
    stages = Stages(out, total, minutes, experiment.inputs)
    try:
        experiment.go(stages, workers)
    except AvereError:
        if experiment.is_filled(BASE):
            write(experiment, stages)
        raise
    if not experiment.is_filled(BASE):
        raise AvereError("the base was not asked in time, so there is no table; give more minutes")
    write(experiment, stages)
    return experiment


def write(experiment: Experiment, stages: Stages) -> None:
    """Write table, a line a cell, numbers and plots of what is there; the report once all is."""
    out, recipe = experiment.out, experiment.recipe
    gains = table.gains(experiment, [*dict.fromkeys((*table.SHOWN, *figures.DISEASES))])
    made = table.markdown(experiment, gains)
    if recipe.hypotheses:
        made += "\n" + as_markdown(table.findings(experiment))
    files.write_text(out / TABLE, made)
    jsonl.write(out / CELLS, table.cells(experiment, stages.seconds))
    files.write_bytes(out / FOREST, arms.forest(figures.panels(gains)))
    directions = [direction_of(name) for name in figures.DISEASES]
    files.write_bytes(out / EFFECTS, arms.effects(figures.panels(gains, figures.DISEASES), directions))
    if recipe.curves:
        files.write_bytes(out / CURVES, arms.curves(figures.curves(experiment, gains)))
    if rounds := figures.rounds(experiment):
        files.write_bytes(out / PICTURE, draw_rounds(rounds))
    shown = [
        experiment.run(BASE),
        *(experiment.run(n, recipe.seeds_of(n)[0]) for n in recipe.page or recipe.arms),
    ]
    if all(run.found for run in table.rows(experiment)):
        stages.run("report", lambda: write_page(shown, out / PAGE))
    numbers = table.as_json(experiment, stages.seconds)
    files.write_text(out / NUMBERS, json.dumps(numbers, indent=1) + "\n")


def _is_of(recipe: StudyRecipe, file: Path) -> bool:
    """True where a stored recipe is this one; what an older version did not write has its default."""
    try:
        return StudyRecipe.model_validate_json(file.read_bytes()) == recipe
    except ValidationError:
        return False
