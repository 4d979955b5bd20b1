"""The verb ``corpora``: which corpora can be read, and what is in a copy of one."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from avere import files
from avere.cli._tables import open_console, wrap_cells
from avere.errors import AvereError

if TYPE_CHECKING:
    from rich.console import Console

    from avere.corpora import Entry, Overlap, Report
    from avere.records import Clip

ROAD = "Make data"

app = typer.Typer(help="Read corpora as they are on disk, and check copies of them.", no_args_is_help=True)
SHOWN = 5


@app.command()
def ls() -> None:
    """List the corpora that can be read, their labels and options.

    For example: avere corpora ls
    """
    from rich.table import Table

    from avere import catalogue, corpora
    from avere.interfaces import CorpusModule

    table = Table("corpus", "what it is", "labels", "options")
    for name in catalogue.names("avere.corpora"):
        module = catalogue.find("avere.corpora", name, CorpusModule)
        about = (module.__doc__ or "").partition("\n")[0].replace("``", "'")
        options = ", ".join(corpora.choices(module))
        table.add_row(name, about, ", ".join(module.LABELS) or "any word", options or "-")
    open_console().print(wrap_cells(table))


@app.command()
def check(
    name: Annotated[str, typer.Argument(help="A corpus, as 'avere corpora ls' calls it.")],
    root: Annotated[Path, typer.Argument(help="The folder of your copy.")],
    against: Annotated[
        list[str] | None, typer.Option(help="Another corpus to compare with, NAME=ROOT; may be repeated.")
    ] = None,
    option: Annotated[
        list[str] | None, typer.Option(help="An option of the corpus, key=value; may be repeated.")
    ] = None,
    json: Annotated[Path | None, typer.Option(help="Also write all that was found to this file.")] = None,
    fingerprints: Annotated[
        bool, typer.Option(help="Compare pictures and sound; without, only names and whether media open.")
    ] = True,
) -> None:
    """Count clips, labels, missing and unreadable media, and find clips shared with other corpora or splits.

    For example: avere corpora check dfew data/dfew --option fold=1 --against mafw=data/mafw --json dfew.json
    """
    from avere import corpora

    wanted = dict(_pair(one, "--option", "key=value") for one in option or ())
    given = [_pair(one, "--against", "NAME=ROOT") for one in against or ()]
    options = {key: _value(key, value) for key, value in wanted.items()}
    # All lists are read before any medium is opened, so that a wrong path is told at once.
    clips = list(corpora.read(name, root, options))
    if not clips:
        raise AvereError(f"'{root}' holds no clips; fill its list, or widen --option")
    others = {f"{other} at {place}": list(corpora.read(other, Path(place))) for other, place in given}
    entries = list(_examined(clips, name, fingerprints=fingerprints))
    compared = {
        other: list(_examined(those, other, fingerprints=fingerprints)) for other, those in others.items()
    }
    found = corpora.write_report(name, entries, compared)
    if json is not None:
        files.write_text(json, found.model_dump_json(indent=1) + "\n")
    _print(found)


@app.command("import")
def import_(
    name: Annotated[str, typer.Argument(help="A corpus, as 'avere corpora ls' calls it; yours is 'folder'.")],
    root: Annotated[Path, typer.Argument(help="Its folder, or the table of your own clips.")],
    *,
    out: Annotated[
        Path, typer.Option(help="The file clips.jsonl, or the folder for it; media stay where they are.")
    ],
    option: Annotated[
        list[str] | None, typer.Option(help="An option of the corpus, key=value; may be repeated.")
    ] = None,
) -> None:
    """Write clips.jsonl, and cues.jsonl where cues.csv lies beside the table, for avere construct.

    For example: avere corpora import folder mine --out mine/clips.jsonl
    """
    from avere import corpora
    from avere.records import jsonl
    from avere.records.clips import by_id

    wanted = dict(_pair(one, "--option", "key=value") for one in option or ())
    options = {key: _value(key, value) for key, value in wanted.items()}
    file = out if out.suffix == ".jsonl" else out / "clips.jsonl"
    clips = [corpora.fit_tracks(one) for one in by_id(corpora.read(name, root, options), str(root)).values()]
    if not clips:
        raise AvereError(f"'{root}' holds no clips; fill its table, or widen --option")
    table = corpora.find_cue_table(root) if name == "folder" else None
    # Both are read before either is written, so that a wrong row leaves everything as it was.
    encoding = wanted.get("encoding")
    cues = [] if table is None else list(corpora.read_cues(table, clips, encoding))
    print(f"{jsonl.write(file, clips)} clips: {file}")
    if table is not None:
        print(f"{jsonl.write(file.with_name('cues.jsonl'), cues)} cues: {file.with_name('cues.jsonl')}")
    _tell_tracks(clips)


def _tell_tracks(clips: "Iterable[Clip]") -> None:
    """Print what clips lack, and where their sound is another file's."""
    held = list(clips)
    gone = [one.id for one in held if not all(path.exists() for path in (one.video, one.audio) if path)]
    beside = [
        f"{one.id}: {one.audio.name}" for one in held if one.video and one.audio not in (None, one.video)
    ]
    for what, items in (
        ("media files that are not there", gone),
        ("without a label", [one.id for one in held if one.emotion is None]),
        ("without sound", [one.id for one in held if one.audio is None]),
        ("without pictures", [one.id for one in held if one.video is None]),
        ("with the sound of another file", beside),
    ):
        if items:
            _examples(what, items)


def _pair(text: str, flag: str, form: str) -> tuple[str, str]:
    """Split the two sides of NAME=VALUE."""
    key, sign, value = text.partition("=")
    if not (key and sign and value):
        raise AvereError(f"cannot read {flag} '{text}'; write {form}")
    return key, value


def _value(key: str, text: str) -> object:
    """Parse the value of an option: a number, true, false, a list or a word, as in recipes."""
    from avere import settings

    return settings.parse(text, f"the value of '{key}'")


def _examined(clips: "Iterable[Clip]", name: str, *, fingerprints: bool) -> "Iterator[Entry]":
    """Examine the media of clips, with a bar on the error stream."""
    from rich.progress import track

    from avere import corpora

    for clip in track(list(clips), description=name, console=open_console(stderr=True)):
        yield corpora.examine_clips(clip, fingerprints=fingerprints)


def _print(found: "Report") -> None:
    """Print the numbers, and a few examples of whatever is wrong."""
    from rich.table import Table

    console = open_console()
    table = Table("label", "clips", title=f"{found.corpus}: {found.clips} clips")
    for label, count in sorted(found.labels.items(), key=lambda item: -item[1]):
        table.add_row(label, str(count))
    for reason, count in found.unlabelled.items():
        table.add_row(f"none: {reason}", str(count))
    console.print(wrap_cells(table))
    print("splits:", ", ".join(f"{split} {count}" for split, count in sorted(found.splits.items())))
    _examples("ids borne by several clips", found.repeated)
    _examples("missing media files", [f"{one.clip}: {one.path}" for one in found.missing])
    _examples("unreadable media files", [f"{one.clip}: {one.cause}" for one in found.unreadable])
    _examples("videos without the sound that belongs there", found.without_sound)
    _examples("tracks of sound in which nothing is to be heard", found.silent)
    _print_overlaps(console, found)


def _examples(what: str, items: Iterable[str]) -> None:
    """Print how many there are, and the first few."""
    held = list(items)
    print(f"{what}: {len(held)}")
    for item in held[:SHOWN]:
        print(f"  {item}")
    if len(held) > SHOWN:
        print(f"  ... and {len(held) - SHOWN} more")


def _print_overlaps(console: "Console", found: "Report") -> None:
    """Print the overlaps by kind and split, and a few of each."""
    from rich.table import Table

    from avere import corpora

    if not found.overlaps:
        print(f"overlap: none; {found.compared} clips had fingerprints")
        return
    table = Table("same", "split", "with", "its split", "pairs", "for example", title="overlap")
    groups = Counter(_group(one) for one in found.overlaps)
    for group, count in sorted(groups.items()):
        first = next(one for one in found.overlaps if _group(one) == group)
        apart = "" if first.distance is None else f" ({first.distance:.2f})"
        table.add_row(*group, str(count), f"{first.clip} = {first.other}{apart}")
    console.print(wrap_cells(table))
    count = corpora.find_copies(found.overlaps)
    print(f"same in picture and sound, so almost surely the same clip: {count} pairs")


def _group(overlap: "Overlap") -> tuple[str, str, str, str]:
    """Name the group in which an overlap is counted."""
    return overlap.kind, overlap.split or "-", overlap.corpus, overlap.other_split or "-"
