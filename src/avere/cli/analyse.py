"""The verb ``analyse``: shortcuts of a benchmark, and what the answers of a model rest on."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from avere.cli import _reasons
from avere.cli._tables import open_console, wrap_cells

ROAD = "Evaluate"

app = typer.Typer(
    help="Look for shortcuts in a benchmark, or for what a model's answers rest on.", no_args_is_help=True
)
for verb in (_reasons.attention, _reasons.swap, _reasons.occlude, _reasons.shapley):
    app.command()(verb)


@app.callback()
def _group() -> None:
    """Look for shortcuts in a benchmark, or for what a model's answers rest on."""


@app.command()
def audit(
    data: Annotated[Path, typer.Argument(help="Folder with questions.jsonl, or a question file.")],
    benchmark: Annotated[str, typer.Option(help="How the questions are read.")] = "emorealm",
    out: Annotated[Path | None, typer.Option(help="Also write the probes here, one JSON line each.")] = None,
) -> None:
    """Say whether letters, lengths or words of questions and options give their answers away.

    For example: avere analyse audit data/test
    """
    from rich.table import Table

    from avere import catalogue, settings
    from avere.analyse.audit import TITLES, audit_text_shortcuts
    from avere.interfaces import BenchmarkModule
    from avere.records import jsonl

    module = catalogue.find("avere.benchmark", benchmark, BenchmarkModule)
    config = settings.check({}, module.Config, f"data of {benchmark}")
    probes = audit_text_shortcuts(list(module.questions(data, config)))
    if out is not None:
        jsonl.write(out, probes)
    rows = Table(
        "task",
        "probe",
        "n",
        "right",
        "chance",
        "verdict",
        title="answers from words alone, %, 95 % intervals over clips",
    )
    for one in probes:
        value = "-" if one.right is None else f"{one.right:.1f}"
        right = value if one.low is None else f"{value} [{one.low:.1f}, {one.high:.1f}]"
        verdict = one.verdict if one.reason is None else f"{one.verdict}: {one.reason}"
        rows.add_row(one.task, TITLES[one.probe], str(one.questions), right, f"{one.chance:.1f}", verdict)
    open_console().print(wrap_cells(rows))


@app.command()
def blind(
    runs: Annotated[list[Path], typer.Argument(help="Runs asked with --controls text, of different models.")],
    out: Annotated[Path, typer.Option(help="One JSON line a question.")] = Path("blind.jsonl"),
    level: Annotated[float, typer.Option(min=0.0001, max=0.5, help="Of the binomial test.")] = 0.05,
) -> None:
    """Mark the questions that models answer without media more often than guessing would.

    For example: avere analyse blind runs/a runs/b runs/c runs/d runs/e --out blind.jsonl
    """
    from avere.analyse import read_run
    from avere.analyse.blind import by_chance, compare_blind
    from avere.records import jsonl

    found = [read_run(folder) for folder in runs]
    items = compare_blind(found, level)
    jsonl.write(out, items)
    options = {name: len(question.choices) for name, question in found[0].questions.items()}
    marked = Counter(one.task for one in items if one.blind)
    for task in sorted({one.task for one in items}):
        own = [one for one in items if one.task == task]
        chance = sum(by_chance(len(runs), options[one.question], level) for one in own)
        print(f"{task}: {marked[task]} of {len(own)} blind-solvable; guessing would mark {chance:.1f}")
    if len({run.fingerprint for run in found}) < len(found):
        print("note: some runs are of the same model; what it says twice is counted twice")
    print(f"questions: {out}")
