"""The verb ``evaluate``: ask a model a benchmark, score the answers and print the headline."""

from pathlib import Path
from typing import Annotated

import typer

ROAD = "Evaluate"

Conditions = Annotated[
    str | None,
    typer.Option(
        "--conditions",
        "--controls",
        help="Of av, v, a, text, swap-audio, swap-video, swap-both, shuffle-frames, blur-captions, rotate, "
        "with commas between; in place of the recipe's.",
    ),
]
Budget = Annotated[
    float | None,
    typer.Option(min=0, help="Most to spend on a model behind an API, in the prices' currency."),
]
DryRun = Annotated[
    bool,
    typer.Option("--dry-run", help="Print calls, tokens and price for a model behind an API; ask nothing."),
]


def evaluate(
    *,
    model: Annotated[
        str,
        typer.Option(
            help="tiny, scripted:RULE, a model folder, a hub repository, openai:MODEL@URL or gemini:MODEL."
        ),
    ],
    data: Annotated[Path, typer.Option(help="Folder of the benchmark's data, as docs/evaluating.md lists.")],
    out: Annotated[Path, typer.Option(help="Folder of the run; an unfinished run in it is resumed.")],
    adapter: Annotated[Path | None, typer.Option(help="Folder of a trained adapter.")] = None,
    recipe: Annotated[str, typer.Option(help="A YAML file, or the name of a shipped recipe.")] = "emorealm",
    overrides: Annotated[
        list[str] | None, typer.Option("--set", help="key.sub=value; may be given more than once.")
    ] = None,
    conditions: Conditions = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first so many clips.")] = None,
    shard: Annotated[
        str | None,
        typer.Option(help="Part of this process, such as 0/3; `avere score` puts the parts together."),
    ] = None,
    budget: Budget = None,
    dry_run: DryRun = False,
) -> None:
    """Ask a model every question of a benchmark and score its answers.

    For example: avere evaluate --model tiny --data world/test --out runs/base --controls av,v,a,text,rotate
    """
    from avere import models, settings
    from avere.analyse import summarise_run
    from avere.asking.tiny_note import find_foreign_clips
    from avere.benchmark import read_data
    from avere.cli import _prices as prices
    from avere.cli._early import check_paths, given_options, tell_of_tiny
    from avere.cli.score import show_scores
    from avere.errors import AvereError
    from avere.evaluate import estimate_cost, evaluate_model
    from avere.evaluate.plan import Shard, parse_shard
    from avere.evaluate.recipe import EvaluationRecipe
    from avere.interfaces import PricedResponder
    from avere.recipes import locate_recipe

    told = [*(overrides or []), *([] if conditions is None else [f"conditions=[{conditions}]"])]
    checked = settings.read(locate_recipe(recipe, "evaluate"), EvaluationRecipe, told)
    part = Shard() if shard is None else parse_shard(shard)
    check_paths(out, adapter)
    foreign = find_foreign_clips(read_data(checked.benchmark, checked.config(), data, limit).clips.values())
    asked = models.load(model, **given_options(adapter=adapter, budget=budget))
    tell_of_tiny(asked, foreign)
    if dry_run:
        if not isinstance(asked, PricedResponder):
            raise AvereError(f"'{model}' is no model behind an API: asking it costs nothing but time")
        prices.show(estimate_cost(asked, data, out, limit=limit, recipe=checked))
        return
    written = evaluate_model(asked, data, out, limit=limit, recipe=checked, shard=part)
    if part.of > 1:
        print(f"part {shard} is done: {written}; when all are: avere score {out}")
        return
    summarise_run(out)
    show_scores(out)
