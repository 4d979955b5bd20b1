"""The verb ``export``: write a benchmark as a task of another harness, or prompts for a training engine."""

from pathlib import Path
from typing import Annotated

import typer

from avere.errors import AvereError

ROAD = "Share"
RL = "rl"


def export(
    harness: Annotated[
        str, typer.Argument(help="lmms-eval or inspect; or rl, and then an ENGINE and a folder.")
    ],
    folder: Annotated[
        Path, typer.Argument(help="Folder for the task; after rl the engine: ms-swift, nemo-rl or verl.")
    ],
    to: Annotated[Path | None, typer.Argument(help="After rl and the engine: the folder.")] = None,
    *,
    data: Annotated[
        Path, typer.Option(help="Folder with questions.jsonl (rl: pairs.jsonl) and clips.jsonl.")
    ],
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first so many clips.")] = None,
    recipe: Annotated[
        str, typer.Option(help="For rl: the recipe of online training whose rewards count.")
    ] = "online_grpo",
    model: Annotated[str, typer.Option(help="For rl: what the engine trains.")] = "Qwen/Qwen2.5-Omni-7B",
) -> None:
    """Write the closed questions of a benchmark as a task that another harness runs; it needs no avere there.

    With rl, write prompts, media, a plug-in with our rewards and the configuration of a training engine;
    avere must be installed where that computes rewards.

    For example: avere export lmms-eval plugin --data data/test
    or: avere export rl ms-swift swift --data data/train
    """
    if harness == RL:
        _export_prompts(str(folder), to, data, recipe, model)
        return
    if to is not None:
        raise AvereError(
            f"'{to}': a harness takes one folder; only `avere export rl ENGINE DIR` takes two words"
        )
    _export_task(harness, folder, data, limit)


def _export_prompts(engine: str, out: Path | None, data: Path, recipe: str, model: str) -> None:
    from avere import settings
    from avere.errors import unknown_name
    from avere.preference.online.exporting import export_prompts, list_engines
    from avere.recipes import locate_recipe
    from avere.study.online_recipe import OnlineRecipe

    if engine not in list_engines():
        raise unknown_name("engine", engine, list_engines())
    if out is None:
        raise AvereError(f"say where the files go: avere export rl {engine} DIR --data {data}")
    path = locate_recipe(recipe, "online")
    made = export_prompts(engine, data, out, settings.read(path, OnlineRecipe).learning.rewards, model)
    print(f"{made.rows:>6}  prompts")
    for reason, count in made.left_out.most_common():
        print(f"{count:>6}  left out: {reason}")
    for file in made.files:
        print(file)


def _export_task(harness: str, folder: Path, data: Path, limit: int | None) -> None:
    from avere import catalogue
    from avere.benchmark import read_data
    from avere.errors import unknown_name
    from avere.evaluate.recipe import EvaluationRecipe
    from avere.exchange import harnesses
    from avere.interfaces import HarnessExporter

    known = harnesses.names(HarnessExporter)
    if harness not in known:
        raise unknown_name("harness", harness, (*known, RL))
    recipe = EvaluationRecipe()
    made = catalogue.find(harnesses.PACKAGE, known[harness], HarnessExporter).export(
        read_data(recipe.benchmark, recipe.config(), data, limit), folder, recipe.closed_tokens
    )
    for task, count in made.tasks.items():
        print(f"{count:>6}  {task}")
    if made.left_out:
        print(f"{made.left_out:>6}  left out: open, or without a known answer")
    print(folder)
