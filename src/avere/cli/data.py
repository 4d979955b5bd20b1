"""The verb ``data``: look at questions and preference pairs, check them, share them, import them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from avere.cli._tables import open_console
from avere.errors import AvereError, unknown_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from avere.construct.checking import Track
    from avere.exchange.preference_rows import ImportedPairs

ROAD = "Make data"

app = typer.Typer(
    help="Look at, check, share and import questions and preference pairs.", no_args_is_help=True
)

Form = Annotated[str, typer.Option("--form", help="Whose columns FILE has: trl, ms-swift or published.")]


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
    media_root: Annotated[
        list[Path] | None,
        typer.Option(help="A folder whose media may go into the page, beside those of the data; repeatable."),
    ] = None,
) -> None:
    """Write a page with prompts, answers side by side, and playable real and corrupted media.

    For example: avere data show data/pairs.jsonl --html pairs.html --frames 4 --size 84 84
    """
    from avere import files
    from avere.report.pairs import Lens, write_pairs_page

    files.check_writable(html.absolute().parent)
    lens = Lens(frames=frames, size=size if all(size) else None, seconds=seconds)
    text = write_pairs_page(file, clips, first=first, lens=lens, media_roots=media_root or ())
    print(files.write_text(html, text))


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="A pairs.jsonl, or with --form a file of another trainer.")],
    clips: Annotated[
        Path | None, typer.Option(help="The clips file; by default clips.jsonl beside FILE.")
    ] = None,
    form: Form = "avere",
) -> None:
    """Name every row that cannot be trained on, with its line and cause; exit code 2 if there is any.

    For example: avere data check data/pairs.jsonl
    """
    from avere.construct import checking

    if form == "avere":
        beside = file.with_name("clips.jsonl") if clips is None else clips
        found = checking.check(file, beside, _shown)
    else:
        rows = _foreign(file, form)
        faults = [(file, fault) for fault in rows.faults]
        identical = checking.count_identical(rows.pairs)
        found = checking.CheckReport(faults, len(rows.pairs) + len(faults), identical)
    for place, fault in found.faults:
        print(f"{place}:{fault.line}: {fault.cause}")
    if found.identical:
        print(f"{file}: {found.identical:,} of {found.rows:,} rows say what an earlier row says")
    if found.long:
        print(
            f"{file}: {len(found.long):,} sounds are longer than {checking.HEARD:.0f} s, the longest "
            f"{found.long[-1]:.1f} s; a model hears no more of one than its option audio_seconds says"
        )
    if found.faults:
        raise AvereError(f"{len(found.faults)} bad rows, named above; mend them or take them out")
    if not found.rows:
        raise AvereError(f"'{file}' holds no rows; make some with avere construct")
    print(f"{file}: every row can be used")


@app.command()
def card(
    folder: Annotated[Path, typer.Argument(help="Folder with clips.jsonl, questions.jsonl, pairs.jsonl.")],
) -> None:
    """Write README.md into a data folder: counts, drops, costs, prompts, licences, limits and warnings.

    For example: avere data card data/train
    """
    from avere.construct import card as cards

    if not folder.is_dir():
        raise AvereError(f"'{folder}' is no folder; give one with questions.jsonl or pairs.jsonl")
    if not any((folder / name).exists() for name in ("questions.jsonl", "pairs.jsonl")):
        raise AvereError(
            f"'{folder}' holds neither questions.jsonl nor pairs.jsonl; make them with construct"
        )
    print(cards.write(folder))


@app.command()
def export(
    form: Annotated[str, typer.Argument(help="emorealm, published, ms-swift or datasets.")],
    source: Annotated[
        Path, typer.Argument(help="Folder with clips.jsonl, and questions.jsonl or pairs.jsonl.")
    ],
    *,
    out: Annotated[Path, typer.Option(help="Folder for the files and their media.")],
    media: Annotated[
        str | None, typer.Option(help="copy, link, none or embed; each form has its own first choice.")
    ] = None,
    frames: Annotated[
        int, typer.Option(min=1, help="Frames of a corrupted video that is no other clip's.")
    ] = 8,
    push_to_hub: Annotated[
        str | None, typer.Option(help="Then send OUT to this data set repository of the Hugging Face Hub.")
    ] = None,
    public: Annotated[
        bool, typer.Option("--public", help="A repository that is made is not private.")
    ] = False,
) -> None:
    """Write questions or pairs in the form of other programs; nothing leaves this machine by itself.

    For example: avere data export published data/train --out shared/train
    """
    from avere.cli import _sharing

    written = _sharing.write(form, source, out, media, frames)
    print(f"{written.rows} rows: {written.file}")
    for line in _sharing.left_out(written.left_out):
        print(line)
    if push_to_hub is not None:
        _sharing.push(out, push_to_hub, public=public)
        print(f"sent to the Hub: {push_to_hub}")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="JSON lines, or one JSON list, with a row for each pair.")],
    *,
    form: Form,
    out: Annotated[
        Path, typer.Option(help="Folder for pairs.jsonl and clips.jsonl; media stay where they are.")
    ],
    rejected: Annotated[
        str, typer.Option(help="What the rejected answers are: hallucinated or spurious.")
    ] = "hallucinated",
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave bad rows out, and name them, instead of stopping.")
    ] = False,
) -> None:
    """Turn the preference rows of another trainer into pairs and clips.

    For example: avere data import dpo.jsonl --form trl --out data
    """
    from avere.records import jsonl

    found = _foreign(file, form, rejected)
    for fault in found.faults:
        print(f"{file}:{fault.line}: {fault.cause}")
    if found.faults and not skip_bad:
        raise AvereError(
            f"{len(found.faults)} bad rows, named above; mend them, or add --skip-bad to leave them out"
        )
    if not found.pairs:
        raise AvereError(f"'{file}' holds no row that can be used; give a file with preference rows")
    jsonl.write(out / "clips.jsonl", found.clips)
    jsonl.write(out / "pairs.jsonl", found.pairs)
    print(
        f"{len(found.pairs)} pairs about {len(found.clips)} clips: {out}; {len(found.faults)} rows left out"
    )
    for column, count in sorted(found.unused.items()):
        print(f"not used: column '{column}' of {count} rows")


def _shown(tracks: "Sequence[Track]") -> "Iterable[Track]":
    """Show on the error stream how many media are decoded."""
    from rich.progress import track

    return track(tracks, description="media", console=open_console(stderr=True), transient=True)


def _foreign(file: Path, form: str, rejected: str = "hallucinated") -> "ImportedPairs":
    from avere.exchange import preference_rows

    if form not in preference_rows.FORMS:
        raise unknown_name("form of rows", form, preference_rows.FORMS)
    if rejected not in get_args(preference_rows.Rejected):
        raise unknown_name("rejected answer", rejected, get_args(preference_rows.Rejected))
    return preference_rows.read(
        file, cast(preference_rows.Form, form), cast(preference_rows.Rejected, rejected)
    )
