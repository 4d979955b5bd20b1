"""The verb ``world``: make the clips of EmoWorld, and look at their faces."""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from avere.errors import AvereError
from avere.world.plan import ClipPlan, Split, draw_plan

ROAD = "Make data"

app = typer.Typer(
    help="Make clips in which the truth about every cue is known, and look at them.", no_args_is_help=True
)


@app.command()
def make(
    clips: Annotated[int, typer.Option(min=1, help="How many clips to write.")],
    out: Annotated[Path, typer.Option(help="Folder for media, clips.jsonl, cues.jsonl and plans.jsonl.")],
    split: Annotated[
        Split, typer.Option(help="biased: shirt and ambient sound go with the emotion.")
    ] = "balanced",
    seed: Annotated[int, typer.Option(help="Source of all chance; worlds of other seeds share nobody.")] = 0,
    identities: Annotated[int, typer.Option(help="How many persons the clips show.")] = 60,
    workers: Annotated[int | None, typer.Option(help="Processes; by default one a core.")] = None,
) -> None:
    """Write clips and their cues; a run that was stopped goes on where it was.

    Example: avere world make --clips 200 --split balanced --seed 1 --out worlds/balanced
    """
    from avere.world.make import make_world as write

    print(write(clips, split, seed, out, identities, workers))


@app.command()
def show(
    folder: Annotated[
        Path | None, typer.Argument(help="A folder of clips; by default clips are drawn anew.")
    ] = None,
    out: Annotated[Path, typer.Option(help="The picture, a PNG file.")] = Path("sheet.png"),
    faces: Annotated[int, typer.Option(help="How many faces to show.")] = 28,
    seed: Annotated[int, typer.Option(help="Which faces to show.")] = 0,
    answers: Annotated[Path | None, typer.Option(help="A CSV file for what each face shows.")] = None,
    labels: Annotated[bool, typer.Option(help="Name the emotion under each face.")] = False,
) -> None:
    """Draw a contact sheet of faces, without labels: can you tell what each of them feels?

    Example: avere world show --faces 28 --out sheet.png --answers answers.csv
    """
    from avere.world import sheet

    plans = _chosen(folder, faces, seed)
    sheet.save(sheet.sheet(plans, labels=labels), out)
    if answers is not None:
        sheet.save_answers(plans, answers)
    print(out)


def _chosen(folder: Path | None, faces: int, seed: int) -> list[ClipPlan]:
    """Return plans of new clips, or some of those in a folder.

    Raises:
        AvereError: the folder holds fewer clips than faces are wanted.
    """
    if folder is None:
        return [draw_plan(index, split="balanced", seed=seed, identities=60) for index in range(faces)]
    from avere.records import jsonl

    plans = list(jsonl.read(folder / "plans.jsonl", ClipPlan))
    if faces > len(plans):
        raise AvereError(
            f"'{folder}' holds {len(plans)} clips, but {faces} faces are wanted; give a smaller --faces"
        )
    order = np.random.default_rng(seed).permutation(len(plans))[:faces]
    return [plans[index] for index in order]
