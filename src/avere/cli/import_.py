"""The verb ``import``: make a run folder of what another harness recorded."""

from pathlib import Path
from typing import Annotated

import typer

ROAD = "Share"


def import_(
    harness: Annotated[str, typer.Argument(help="lmms-eval, inspect, or published (the code of AVERE).")],
    records: Annotated[
        list[Path],
        typer.Argument(help="Files or folders: *_samples_*.jsonl, JSON logs, or preds/*.txt."),
    ],
    *,
    data: Annotated[
        Path, typer.Option(help="The questions that were asked: a folder, or the published JSON file.")
    ],
    out: Annotated[Path, typer.Option(help="The run folder; must hold no run.")],
    model: Annotated[str, typer.Option(help="What the run is called in tables.")],
    only_answered: Annotated[
        bool,
        typer.Option(
            "--only-answered", help="Leave questions without a reply out; else they count as wrong."
        ),
    ] = False,
) -> None:
    """Make a run folder of another harness's records, to be scored, compared and reported like our own.

    For example: avere import published preds --data emorealm_v1.json --out runs/old --model AVERE-7B
    """
    from avere.analyse import summarise_run
    from avere.cli.score import show_scores
    from avere.evaluate import rescore_run
    from avere.evaluate.import_run import RunSource, import_run

    made = import_run(RunSource(harness, records, model), data, out, only_answered=only_answered)
    rescore_run(out)
    summarise_run(out)
    show_scores(out)
    print(f"{made.said} replies; {made.unsaid} questions without one; {made.left_out} questions left out")
