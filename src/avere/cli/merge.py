"""The verb ``merge``: fold a trained adapter into its base."""

from pathlib import Path
from typing import Annotated

import typer

ROAD = "Train"


def merge(
    adapter: Annotated[Path, typer.Argument(help="Folder of the adapter, as training wrote it.")],
    out: Annotated[Path, typer.Argument(help="New folder for the full weights.")],
    dtype: Annotated[
        str, typer.Option(help="Of the weights: auto (bfloat16 on a GPU), float32, bfloat16 or float16.")
    ] = "auto",
    device: Annotated[str, typer.Option(help="Where to compute: auto, cpu or cuda.")] = "auto",
) -> None:
    """Write full weights that transformers loads without peft or avere, with a model card.

    For example: avere merge runs/mine runs/mine-merged --dtype bfloat16
    """
    from avere.preference.merged import merge_adapter as run

    print(f"full weights and model card: {run(adapter, out, dtype=dtype, device=device)}")
