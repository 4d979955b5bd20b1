"""The verb ``convert``: make a model folder of a checkpoint that others published."""

from pathlib import Path
from typing import Annotated

import typer

ROAD = "Train"

app = typer.Typer(help="Make a model folder of a published checkpoint.", no_args_is_help=True)


@app.callback()
def _verbs() -> None:
    """Make a model folder of a published checkpoint."""


@app.command("avere-7b")
def convert_avere(
    source: Annotated[Path, typer.Argument(help="Folder of the official checkpoint, or of a LoRA of it.")],
    out: Annotated[Path, typer.Option(help="New folder for the model.")],
    backbones: Annotated[
        Path | None,
        typer.Option(
            help="Folder with LanguageBind_Video_merge and whisper-large-v3; not needed where the checkpoint "
            "holds their weights."
        ),
    ] = None,
    base: Annotated[Path | None, typer.Option(help="Base of a LoRA; by default the folder it names.")] = None,
    as_published: Annotated[
        bool,
        typer.Option(
            help="Keep the prompts, sampling and preprocessing of the released scripts, flaws included."
        ),
    ] = False,
) -> None:
    """Convert AVERE-7B: every tensor is used once or named, and a part that is missing is an error.

    For example: avere convert avere-7b AVERE-7B --backbones backbones --out avere-7b
    """
    from avere.models.avere_7b.conversion.road import convert_checkpoint

    done = convert_checkpoint(source, backbones, out, base=base, as_published=as_published)
    print(f"{done.weights} weights, {done.bytes / 1e9:.1f} GB, in {done.folder}")
    for reason, count in done.unused.items():
        print(f"{count} tensors left out: {reason}")
    if done.unused:
        print(f"their names: {done.folder / 'conversion.json'}")
