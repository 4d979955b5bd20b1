"""The verbs of ``analyse`` that ask a model why it answered so: attention, swap, occlude, shapley.

Each writes a file of records to the folder ``why`` of the run and prints its table; `avere report` draws it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from avere.cli._tables import open_console, wrap_cells

if TYPE_CHECKING:
    from avere.analyse.why.lines import ReasonLine
    from avere.evaluate.why import RunSample
    from avere.interfaces import Model, Scorer
    from avere.records import MediaGrid

RunFolder = Annotated[Path, typer.Argument(help="Folder that `avere evaluate` wrote.")]
ModelName = Annotated[str, typer.Option(help="The model of the run, named as it was for `avere evaluate`.")]
AnyModel = Annotated[
    str | None,
    typer.Option(
        "--model",
        help="The model of the run. Without one, the run's own answers are read, where it was asked so.",
    ),
]
Adapter = Annotated[Path | None, typer.Option(help="Folder of the run's adapter.")]
Base = Annotated[
    Path | None, typer.Option(help="Another run that was analysed so; the table tells the change from it.")
]
Clips = Annotated[int, typer.Option(min=1, help="How many clips, drawn at random.")]
Seed = Annotated[int, typer.Option(min=0, help="Seed of the draw: same seed, same clips.")]


def attention(
    run: RunFolder,
    *,
    model: ModelName,
    adapter: Adapter = None,
    base: Base = None,
    clips: Clips = 20,
    seed: Seed = 0,
) -> None:
    """Share out a model's attention over sound, picture, prompt and its own words, head by head.

    For example: avere analyse attention runs/base --model tiny
    """
    from avere.errors import AvereError
    from avere.evaluate.why import measure_attention
    from avere.interfaces import ShowsAttention

    asked, sample = _load(run, model, adapter, clips, seed)
    if not isinstance(asked, ShowsAttention):
        raise AvereError(f"'{model}' does not show its attention; give a local model")
    _write(run, "attention", _told(measure_attention(asked, sample), sample))
    _show(run, "attention", base)


def swap(
    run: RunFolder,
    *,
    model: AnyModel = None,
    adapter: Adapter = None,
    base: Base = None,
    clips: Clips = 20,
    seed: Seed = 0,
) -> None:
    """Measure how far answers move when sound or picture are another clip's, and the shortcut index.

    For example: avere analyse swap runs/base --model tiny
    """
    from avere.evaluate.why import SWAP

    _write(run, "swap", _grids(run, (model, adapter), SWAP, (clips, seed)))
    _show(run, "swap", base)


def shapley(
    run: RunFolder,
    *,
    model: AnyModel = None,
    adapter: Adapter = None,
    base: Base = None,
    clips: Clips = 20,
    seed: Seed = 0,
) -> None:
    """Measure what sound and picture are each worth for the right answer, as exact Shapley values.

    For example: avere analyse shapley runs/base --model tiny
    """
    from avere.evaluate.why import SHAPLEY

    _write(run, "shapley", _grids(run, (model, adapter), SHAPLEY, (clips, seed)))
    _show(run, "shapley", base)


def occlude(
    run: RunFolder,
    *,
    model: ModelName,
    adapter: Adapter = None,
    base: Base = None,
    clips: Clips = 20,
    seed: Seed = 0,
    questions: Annotated[int, typer.Option(min=1, help="Of each clip, those about a cue first.")] = 4,
    films: Annotated[int, typer.Option(min=0, help="How many maps become a film that plays.")] = 12,
) -> None:
    """Map which seconds and which part of the frame an answer rests on, by covering them one by one.

    For example: avere analyse occlude runs/base --model tiny --clips 6
    """
    from avere.analyse import read_run
    from avere.analyse.why.films import write_films
    from avere.analyse.why.shelf import POINTING, read_reasons
    from avere.analyse.why.truth import find_plans, point_all
    from avere.evaluate.why import map_occlusion

    asked, sample = _load_scorer(run, model, adapter, clips, seed)
    _write(run, "occlude", _told(map_occlusion(asked, sample, questions=questions), sample))
    maps, whole = read_reasons(run).occlude, read_run(run)
    if plans := find_plans(whole.clips):
        _write(run, POINTING, point_all(maps, whole.questions, plans))
    write_films(run, maps, whole.clips, films)
    _show(run, "occlude", base)


def _load(run: Path, model: str, adapter: Path | None, clips: int, seed: int) -> tuple[Model, RunSample]:
    """Draw the sample, then load the model, and refuse one that is not the run's."""
    from avere import models
    from avere.evaluate.why import check_model, draw_sample

    sample = draw_sample(run, clips, seed)
    asked = models.load(model, **({} if adapter is None else {"adapter": adapter}))
    check_model(asked, sample, run)
    return asked, sample


def _load_scorer(
    run: Path, model: str, adapter: Path | None, clips: int, seed: int
) -> tuple[Scorer, RunSample]:
    """Draw the sample and load the run's model, which must tell how likely answers are."""
    from avere.errors import AvereError
    from avere.interfaces import Scorer

    asked, sample = _load(run, model, adapter, clips, seed)
    if not isinstance(asked, Scorer):
        raise AvereError(f"'{model}' does not tell how likely answers are; give a model that scores")
    return asked, sample


def _grids(
    run: Path, named: tuple[str | None, Path | None], wanted: Sequence[Any], drawn: tuple[int, int]
) -> Iterable[MediaGrid]:
    """Ask the model under each condition; without one, read what the run was asked."""
    from avere.evaluate.why import draw_sample, grids_of_run, score_grids

    model, adapter = named
    if model is None:
        return grids_of_run(run, draw_sample(run, *drawn), wanted)
    asked, sample = _load_scorer(run, model, adapter, *drawn)
    return _told(score_grids(asked, sample, wanted), sample)


def _told(records: Iterable[Any], sample: RunSample) -> Iterable[Any]:
    """Show how far the work is; a clip may have several records."""
    from rich.progress import track

    return track(records, description=f"{len(sample.clips)} clips", transient=True, total=None)


def _write(run: Path, analysis: str, records: Iterable[Any]) -> None:
    """Write the records of an analysis, whole or not at all."""
    from avere.analyse.why.shelf import file_of
    from avere.records import jsonl

    file = file_of(run, analysis)
    file.parent.mkdir(exist_ok=True)
    count = jsonl.write(file, records)
    print(f"{count} records: {file}")


def _show(run: Path, analysis: str, base: Path | None) -> None:
    """Print the table of an analysis, beside that of another run where one is given."""
    from rich.table import Table

    from avere.analyse.why import read_reasons, reason_lines

    folders = {"this run": run} if base is None else {"base": base, "this run": run}
    runs = {label: read_reasons(folder) for label, folder in folders.items()}
    heads = [*runs, *(["change"] if base else [])]
    rows = Table(
        analysis, *heads, title="means over answers, 95 % intervals over clips", title_justify="left"
    )
    for line in reason_lines(runs, analysis):
        rows.add_row(f"{line.title}, {line.unit}", *_cells(line))
    open_console().print(wrap_cells(rows))


def _cells(line: ReasonLine) -> list[str]:
    """Write the cells of a line, and the change to the last run."""
    from avere.analyse.compare import format_difference
    from avere.analyse.intervals import format_interval

    cells = ["-" if one is None else format_interval(one) for one in line.cells]
    if len(line.cells) > 1:
        last = line.changes[-1]
        cells.append("-" if last is None else format_difference(last))
    return cells
