"""The verb ``online``: learn from the policy's own answers, in one step or in rounds."""

from pathlib import Path
from typing import Annotated

import typer

from avere.errors import AvereError

ROAD = "Train"
app = typer.Typer(help="Learn from the policy's own answers.", no_args_is_help=True)

Overrides = Annotated[
    list[str] | None, typer.Option("--set", help="key.sub=value, to change the recipe; repeatable.")
]


@app.command()
def data(
    samples: Annotated[Path, typer.Argument(help="Folder that `avere sample` filled.")],
    *,
    recipe: Annotated[
        str, typer.Option(help="A YAML file or a shipped recipe; its section `learning` counts.")
    ] = "online_grpo",
    form: Annotated[
        str | None, typer.Option(help="pairs, groups (GRPO) or best (fine-tuning); else as the recipe says.")
    ] = None,
    overrides: Overrides = None,
    out: Annotated[Path, typer.Option(help="Folder for pairs.jsonl, clips.jsonl, rewards and counts.")],
) -> None:
    """Reward sampled answers and make records of them, for `avere train`.

    For example: avere online data samples --form pairs --out mined
    """
    from avere import settings
    from avere.preference.online.records import make_records
    from avere.recipes import locate_recipe
    from avere.study.online_recipe import OnlineRecipe

    if out.resolve() == samples.resolve():
        raise AvereError(f"'{out}' holds the samples; give another --out for the records")
    path = locate_recipe(recipe, "online")
    changes = [*(overrides or []), *([f"learning.form={form}"] if form else [])]
    made = make_records(samples, settings.read(path, OnlineRecipe, changes).learning, out)
    print(f"{made.records} records of {made.samples} samples of {made.prompts} prompts: {out}")
    for reason, count in (made.skipped | made.unrewarded).items():
        print(f"{count:>6}  {reason}")
    for name, value in made.rewards.items():
        print(f"{value:6.3f}  mean {name}")
    for name, value in made.habits.items():
        print(f"{value:6.3f}  {name}")


@app.command()
def run(
    recipe: Annotated[str, typer.Argument(help="A YAML file, or the name of a shipped recipe.")],
    *,
    overrides: Overrides = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder; a stopped run goes on. Default: the name.")
    ] = None,
) -> None:
    """Train in rounds: sample, make records, train, evaluate, and again with the policy that came of it.

    For example: avere online run online_grpo --set rounds=2 --out online
    """
    from avere import settings
    from avere.recipes import locate_recipe
    from avere.study.online_recipe import OnlineRecipe
    from avere.study.online_rounds import TABLE, run_rounds

    path = locate_recipe(recipe, "online")
    folder = out or Path(path.stem)
    run_rounds(settings.read(path, OnlineRecipe, overrides or []), folder)
    print((folder / TABLE).read_text(encoding="utf-8"), end="")
    print(f"table: {folder / TABLE}")
