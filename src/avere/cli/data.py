"""The verb ``data``: look at questions and preference pairs."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Look at questions and preference pairs.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Look at questions and preference pairs."""


@app.command()
def show(
    file: Annotated[Path, typer.Argument(help="A pairs.jsonl or questions.jsonl.")],
    *,
    html: Annotated[Path, typer.Option(help="The page; it opens from disk and needs nothing beside it.")],
    clips: Annotated[
        Path | None, typer.Option(help="The clips file; by default clips.jsonl beside FILE.")
    ] = None,
    first: Annotated[int, typer.Option(min=1, help="How many records to show.")] = 12,
    frames: Annotated[int, typer.Option(min=1, help="Frames that the model gets.")] = 8,
    size: Annotated[
        tuple[int, int], typer.Option(min=0, help="Height and width of a frame; 0 0 leaves them.")
    ] = (0, 0),
    seconds: Annotated[float, typer.Option(help="Seconds of sound that the model gets.")] = 30.0,
) -> None:
    """Write a page with prompts, answers side by side, and playable real and corrupted media.

    For example: avere data show data/pairs.jsonl --html pairs.html --frames 4 --size 84 84
    """
    from avere.report.pairs import Lens, page

    lens = Lens(frames=frames, size=size if all(size) else None, seconds=seconds)
    text = page(file, clips, first=first, lens=lens)
    html.parent.mkdir(parents=True, exist_ok=True)
    html.write_text(text, encoding="utf-8")
    print(html)
