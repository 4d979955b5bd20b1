"""The verb ``demo``: unfaithful reasoning measured, repaired and measured again, in minutes on a CPU."""

from pathlib import Path
from typing import Annotated

import typer

ROAD = "Begin"


def demo(
    out: Annotated[Path, typer.Option(help="Folder of the study; a stopped one goes on.")] = Path("demo"),
    json: Annotated[Path | None, typer.Option(help="Also write the numbers here.")] = None,
    overrides: Annotated[
        list[str] | None, typer.Option("--set", help="key.sub=value, to change the recipe.")
    ] = None,
) -> None:
    """Make clips, measure the tiny base, train it with DPO and with AVEm-DPO, measure all three again.

    For example: avere demo --out demo --json demo/numbers.json
    """
    import shutil

    from avere import settings
    from avere.cli.ablate import show_arms
    from avere.files import check_writable
    from avere.recipes import locate_recipe
    from avere.study.recipe import StudyRecipe
    from avere.study.run import NUMBERS, run_study

    check_writable(out)
    experiment = run_study(settings.read(locate_recipe("demo"), StudyRecipe, overrides or []), out)
    show_arms(experiment)
    if json is not None:
        shutil.copyfile(out / NUMBERS, json)
    print("One seed and few clips prove nothing; the full table: avere ablate method --out method")
