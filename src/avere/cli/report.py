"""The verb ``report``: one self-contained page that compares runs."""

from pathlib import Path
from typing import Annotated

import typer


def report(
    runs: Annotated[list[Path], typer.Argument(help="Folders that `avere evaluate` wrote, the base first.")],
    out: Annotated[Path, typer.Option(help="The page.")] = Path("report.html"),
    clips: Annotated[int, typer.Option(min=0, help="How many clips the page carries.")] = 24,
) -> None:
    """Compare runs in one HTML page that opens from disk, its clips inside.

    For example: avere report runs/base runs/dpo runs/avem_dpo --out report.html
    """
    from avere.report.page import report as write

    print(f"report: {write(runs, out, clips=clips)}")
