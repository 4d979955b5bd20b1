"""The verb ``report``: what runs measured, as a self-contained page, a table or a picture."""

from pathlib import Path
from typing import Annotated, Literal

import typer

ROAD = "Look"


def report(
    runs: Annotated[list[Path], typer.Argument(help="Folders that `avere evaluate` wrote, the base first.")],
    out: Annotated[Path | None, typer.Option(help="The file. Default: report.html, .csv, ...")] = None,
    to: Annotated[
        Literal["html", "csv", "latex", "markdown", "png"] | None,
        typer.Option(help="What to write; by default what the end of --out says."),
    ] = None,
    clips: Annotated[int, typer.Option(min=0, help="How many clips the page carries.")] = 24,
    media_root: Annotated[
        list[Path] | None,
        typer.Option(help="A folder whose media may go into the page, beside those of the data; repeatable."),
    ] = None,
    people: Annotated[
        Path | None,
        typer.Option(help="A folder that `avere verify accept` wrote: people stand beside the runs."),
    ] = None,
) -> None:
    """Compare runs in one HTML page that opens from disk, its clips inside, or in tables and a picture.

    For example: avere report runs/base runs/dpo runs/avem_dpo --out report.html
    """
    from avere.files import check_writable
    from avere.report.export import SUFFIXES, export_tables, form_of, list_findings

    form = to or form_of(out or Path("report.html"))
    suffix = next(end for end, name in SUFFIXES.items() if name == form)
    file = out or Path("report" + suffix)
    check_writable(file.absolute().parent)
    written = export_tables(runs, file, form, clips=clips, media_roots=media_root or (), people=people)
    print(f"report: {written}")
    if form == "html":
        for sentence in list_findings(runs):
            print(sentence)
