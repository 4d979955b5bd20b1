"""The verb ``show``: a page on this machine in which one or two models are asked about clips."""

from pathlib import Path
from typing import Annotated

import typer

ROAD = "Look"


def show(
    model: Annotated[
        str, typer.Argument(help="tiny, scripted:RULE, a folder, a hub repository or openai:MODEL@URL.")
    ] = "tiny",
    *,
    beside: Annotated[str | None, typer.Option(help="A second model, asked the same.")] = None,
    adapter: Annotated[
        Path | None, typer.Option(help="Folder of a peft adapter for the first model.")
    ] = None,
    examples: Annotated[int, typer.Option(min=0, max=24, help="How many clips of EmoWorld to offer.")] = 4,
    max_tokens: Annotated[int, typer.Option(min=1, help="Longest answer.")] = 128,
    max_seconds: Annotated[float, typer.Option(min=1, help="Longest clip.")] = 60,
    max_megabytes: Annotated[int, typer.Option(min=1, help="Largest file.")] = 200,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Of this machine alone.")] = 7860,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1, ...")] = "auto",
) -> None:
    """Ask models in a page: upload or record a clip, see two answers side by side, and where attention went.

    The page is for this machine alone (127.0.0.1). Uploads are deleted when it ends. Of the clips of EmoWorld
    that it offers, it tells which named cues are there.

    For example: avere show tiny --beside runs/avem_dpo
    """
    from importlib import import_module

    import avere
    from avere.cli._early import check_paths, given_options
    from avere.show.page import Limits, serve_page

    import_module("gradio")  # what is missing is told before a model is loaded
    check_paths(None, adapter)
    chosen = given_options(device=None if device == "auto" else device)
    models = [avere.load(model, **chosen, **given_options(adapter=adapter))]
    if beside is not None:
        models.append(avere.load(beside, **chosen))
    limits = Limits(max_seconds, max_megabytes, max_tokens)
    serve_page(
        models,
        limits,
        port=port,
        examples=examples,
        opened=lambda address: print(f"page: {address} (Ctrl-C ends it)", flush=True),
    )
