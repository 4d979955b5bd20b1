"""The verb ``judge``: have a model score the descriptions of a run of EMER."""

from pathlib import Path
from typing import Annotated

import typer


def judge(
    out: Annotated[Path, typer.Argument(help="Folder that `avere evaluate --recipe emer` wrote.")],
    model: Annotated[
        str,
        typer.Option(help="The judge: what `avere evaluate --model` takes."),
    ],
    *,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the judge's replies.")] = 0,
) -> None:
    """Have a judge score every description that is not judged yet, then score the run.

    For example: avere judge runs/emer --model Qwen/Qwen2.5-Omni-7B
    """
    from avere import models
    from avere.analyse import summarise
    from avere.cli.score import show
    from avere.evaluate import judge as run
    from avere.evaluate import rescore

    run(out, models.load(model), seed)
    rescore(out)
    summarise(out)
    show(out)
