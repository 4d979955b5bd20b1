"""The verb ``judge``: have other models read the descriptions of a run."""

from pathlib import Path
from typing import Annotated

import typer

ROAD = "Evaluate"

Run = Annotated[Path, typer.Argument(help="Folder that `avere evaluate` wrote, with descriptions.")]
Judges = Annotated[
    list[str],
    typer.Option(
        "--judge", "--model", help="What `avere evaluate --model` takes; given twice: their agreement too."
    ),
]
Repeats = Annotated[int, typer.Option(min=1, help="How often each judge reads each description of its cues.")]
Condition = Annotated[str, typer.Option(help="Of the descriptions whose cues are read.")]


def judge(
    run: Run,
    judges: Judges,
    *,
    repeats: Repeats = 1,
    condition: Condition = "av",
    seed: Annotated[int, typer.Option(min=0, help="Of the replies of a judge that gives scores.")] = 0,
) -> None:
    """Have judges list what descriptions claim and compare it with the cues of the clips.

    Descriptions that have a reference instead (EMER) get four scores from one judge, and the run is scored.

    For example: avere judge runs/base --judge FIRST --judge SECOND --repeats 3

    For example: avere judge runs/emer --judge Qwen/Qwen2.5-Omni-7B
    """
    from avere.benchmark import find_benchmark, name_benchmark
    from avere.errors import AvereError

    name = name_benchmark(run)
    if find_benchmark(name).FAMILY != "judged":
        if seed:
            raise AvereError(f"--seed is for runs that get scores; a run of {name} takes --repeats")
        _claims(run, judges, repeats, condition)
    elif len(judges) > 1 or repeats > 1 or condition != "av":
        raise AvereError(f"a run of {name} is scored once, by one judge; give one --judge and no --repeats")
    else:
        _score(run, judges[0], seed)


def _claims(run: Path, judges: list[str], repeats: int, condition: str) -> None:
    """Print what judges say that descriptions claim, and how much of it the clips bear out."""
    from avere import models
    from avere.analyse import agreement, read_run
    from avere.analyse.judged import measure_judged, write_judged
    from avere.cli._judged import show_judged
    from avere.evaluate.judge_claims import judge_claims
    from avere.records import Judgement, jsonl

    if len(judges) * repeats > 1:
        agreement.require()
    found = read_run(run)
    file = judge_claims(run, [models.load(source) for source in judges], condition=condition, repeats=repeats)
    result = measure_judged(found, list(jsonl.read(file, Judgement)))
    numbers = file.with_name("summary.json")
    write_judged(result, numbers)
    show_judged(result)
    print(f"judgements: {file}")
    print(f"numbers: {numbers}")


def _score(run: Path, judge: str, seed: int) -> None:
    """Have every description scored that has no score yet, then score the run."""
    from avere import models
    from avere.analyse import summarise_run
    from avere.cli.score import show_scores
    from avere.evaluate import rate_descriptions, rescore_run

    rate_descriptions(run, models.load(judge), seed)
    rescore_run(run)
    summarise_run(run)
    show_scores(run)
