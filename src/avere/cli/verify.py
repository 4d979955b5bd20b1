"""The verb ``verify``: people check questions, cues and pairs, and what they say comes back."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from avere.errors import AvereError

if TYPE_CHECKING:
    from avere.verify.rule import AcceptanceRule
    from avere.verify.status import Status

ROAD = "Make data"

app = typer.Typer(
    help="Let people check questions, cues and pairs, and use what they say.", no_args_is_help=True
)
export = typer.Typer(
    help="Write a project for an annotation program; nothing is served.", no_args_is_help=True
)
app.add_typer(export, name="export")
SHOWN = 10

Sources = Annotated[
    list[Path],
    typer.Argument(help="Folders with questions.jsonl, or files of questions, pairs or a queue.jsonl."),
]
Out = Annotated[Path, typer.Option(help="Folder for the project; must hold none.")]
LOCAL = "http://127.0.0.1:8000"
People = Annotated[int, typer.Option(min=1, help="How many links to make.")]
Consent = Annotated[
    Path | None, typer.Option(help="A text file with what people agree to before they begin.")
]
Address = Annotated[str, typer.Option(help="Where people reach the pages; the links begin with it.")]
Seed = Annotated[int, typer.Option(help="Of all orders.")]
Folder = Annotated[Path, typer.Argument(help="A folder that avere verify export wrote.")]


@export.command()
def potato(
    sources: Sources,
    *,
    people: People,
    out: Out,
    per_question: Annotated[int, typer.Option(min=1, help="Answers wanted of each question.")] = 3,
    training: Annotated[
        Path | None,
        typer.Option(help="Questions with certain answers to practise on; by default EmoWorld's."),
    ] = None,
    train_items: Annotated[int, typer.Option(min=0, help="How many to practise on.")] = 5,
    gold: Annotated[
        Path | None,
        typer.Option(help="Questions with certain answers to hide among the others; as --training."),
    ] = None,
    gold_each: Annotated[int, typer.Option(min=0, help="Hidden items that a person meets, on average.")] = 4,
    consent: Consent = None,
    address: Address = LOCAL,
    seed: Seed = 0,
) -> None:
    """Write a project for Potato: media, items, links, a script that serves it, and START.md.

    For example: avere verify export potato data --people 12 --per-question 3 --out people
    """
    from avere.verify.items import gather_items
    from avere.verify.potato_project import export_potato
    from avere.verify.potato_settings import ProjectPlan

    if per_question > people:
        raise AvereError(f"{people} people cannot give {per_question} answers to a question; invite more")
    words = None if consent is None else _read_text(consent)
    plan = ProjectPlan(
        people=people,
        per_question=per_question,
        training=training,
        gold=gold,
        train_items=train_items,
        gold_each=gold_each,
        seed=seed,
        address=address,
        consent=words,
    )
    made = export_potato(gather_items(sources), out, plan)
    print(f"{made.items} items, {made.gold} hidden ones, {made.training} to practise on, {people} links")
    for reason, count in made.left_out.items():
        print(f"left out: {count} {reason}")
    print(out / "START.md")


@export.command()
def study(
    runs: Annotated[list[Path], typer.Argument(help="Two to four runs that describe the same clips.")],
    *,
    people: People,
    out: Out,
    per_clip: Annotated[int, typer.Option(min=1, help="People who compare the descriptions of a clip.")] = 3,
    condition: Annotated[str, typer.Option(help="Of the replies that are compared.")] = "av",
    consent: Consent = None,
    address: Address = LOCAL,
    seed: Seed = 0,
) -> None:
    """Write a project in which people compare descriptions of runs, blind and balanced over places.

    For example: avere verify export study runs/base runs/dpo --people 20 --out study
    """
    from avere.verify.potato_settings import ProjectPlan
    from avere.verify.study_project import export_study

    if per_clip > people:
        raise AvereError(f"{people} people cannot compare each clip {per_clip} times; invite more")
    words = None if consent is None else _read_text(consent)
    plan = ProjectPlan(people, per_clip, seed=seed, address=address, consent=words)
    made = export_study(runs, out, plan, condition)
    print(f"{len(made)} clips with {len(made[0].runs)} descriptions each, {people} links")
    print(out / "START.md")


@export.command("label-studio")
def label_studio(
    sources: Sources,
    *,
    out: Out,
    media: Annotated[
        str, typer.Option(help="Address under which browsers find project/media.")
    ] = "/data/local-files/?d=media",
    seed: Seed = 0,
) -> None:
    """Write the same questions as tasks for Label Studio, with its labelling configuration.

    For example: avere verify export label-studio data --out labels
    """
    from avere.verify.items import gather_items
    from avere.verify.label_studio import export_label_studio

    made = export_label_studio(gather_items(sources), out, media, seed)
    print(f"{made.items} tasks")
    for reason, count in made.left_out.items():
        print(f"left out: {count} {reason}")
    print(out / "START.md")


@app.command("import")
def import_(
    folder: Folder,
    *,
    block: Annotated[
        list[str] | None, typer.Option(help="A person whose answers shall not count, as p0003; repeatable.")
    ] = None,
) -> None:
    """Read what people answered so far into results/; safe to repeat while they work.

    For example: avere verify import people
    """
    from avere.verify.import_verdicts import import_verdicts
    from avere.verify.project import read_export

    if read_export(folder).asks == "study":
        _import_study(folder)
        return
    found = import_verdicts(folder, block or ())
    print(f"{found.verdicts} verdicts, {found.gold} answers to hidden items")
    for reason, count in found.people.items():
        print(f"people: {count} {reason}")
    for reason, count in found.not_taken.items():
        print(f"not taken: {count} {reason}")
    if found.kept_from_before:
        print(f"kept from the last import: {found.kept_from_before} verdicts")


@app.command()
def status(folder: Folder) -> None:
    """Show progress, agreement by task and kind, each person against the hidden items, and disputes.

    For example: avere verify status people
    """
    from avere.verify.status import read_status

    _show(read_status(folder))


@app.command()
def accept(
    folder: Folder,
    *,
    out: Annotated[Path, typer.Option(help="Folder for the verified questions, pairs, clips and the card.")],
    recipe: Annotated[str, typer.Option(help="File or shipped recipe with the rule.")] = "acceptance",
    adjudicated: Annotated[
        list[Path] | None, typer.Option(help="A project in which ties were settled; repeatable.")
    ] = None,
    overrides: Annotated[list[str] | None, typer.Option("--set", help="key=value, in the recipe.")] = None,
) -> None:
    """Write what people accepted as a benchmark and pairs, with a card; ties go to a folder for others.

    For example: avere verify accept people --out verified --set min_people=2
    """
    from avere.verify.accept import SETTLE, WAITING, accept_items

    made = accept_items(folder, out, _rule(recipe, overrides), adjudicated or ())
    for name, count in made.people.items():
        print(f"people: {count} {name}")
    told: dict[str, int] = {}
    for one in made.decisions:
        words = one.outcome if one.reason is None else f"{one.outcome}: {one.reason}"
        told[words] = told.get(words, 0) + 1
    for words, count in sorted(told.items(), key=lambda item: -item[1]):
        print(f"{count:>6}  {words}")
    for name in (SETTLE, WAITING):
        if (out / name).exists():
            print(f"to ask again: avere verify export potato {out / name} --people N --out DIR")
    print(out)


def _import_study(folder: Path) -> None:
    """Read the choices of a user study and print the shares."""
    from rich.table import Table

    from avere.analyse.intervals import format_interval
    from avere.cli._tables import open_console, wrap_cells
    from avere.verify.study_votes import import_study

    figures, not_taken = import_study(folder)
    print(f"{figures.items} clips, {figures.people} people")
    table = Table("run", *figures.aspects)
    for run in next(iter(figures.aspects.values())).shares:
        table.add_row(run, *(format_interval(one.shares[run]) for one in figures.aspects.values()))
    table.add_row("none", *(format_interval(one.none) for one in figures.aspects.values()))
    open_console().print(wrap_cells(table))
    for name, one in figures.aspects.items():
        told = ", ".join(f"{run} {value:.2f}" for run, value in one.strengths.items())
        print(f"{name}: strengths {told}; the longest in {one.longest:.0f} % of the choices; length alone")
        print(f"  gains {one.length_gain:.3f} bits a choice, the run {one.run_gain:.3f}")
    for reason, count in not_taken.items():
        print(f"not taken: {count} {reason}")


def _rule(recipe: str, overrides: list[str] | None) -> "AcceptanceRule":
    from avere import settings
    from avere.recipes import locate_recipe
    from avere.verify.rule import AcceptanceRule

    path = locate_recipe(recipe, "verify")
    return settings.read(path, AcceptanceRule, overrides or [])


def _read_text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise AvereError(f"cannot read '{file}': {error}; give a text file in UTF-8") from error


def _show(found: "Status") -> None:
    """Print tables of progress, people and disputes."""
    from rich.table import Table

    from avere.cli._tables import open_console, wrap_cells

    console = open_console()
    told = ", ".join(f"{count} with {answers}" for answers, count in found.answers.items())
    print(f"questions by their answers: {told}; {found.per_question} are wanted")
    table = Table("questions", "all", "done", "alpha", "95 % interval over clips")
    for row in found.groups:
        one = row.agreement
        value = "-" if one.value is None else f"{one.value:.3f}"
        bounds = f"{one.low:.3f} to {one.high:.3f}" if one.low is not None else (one.reason or "-")
        table.add_row(row.name, str(row.questions), str(row.answered), value, bounds)
    console.print(wrap_cells(table))
    table = Table("person", "answers", "begun", "hidden items right", "seconds", "")
    for person in found.people:
        gold = f"{person.gold_right} of {person.gold_answered}"
        seconds = "-" if person.seconds is None else f"{person.seconds:.1f}"
        remark = f"left out: {person.left_out}" if person.left_out else (person.doubt or "")
        table.add_row(person.person, str(person.answered), str(person.unfinished), gold, seconds, remark)
    console.print(wrap_cells(table))
    print(f"disputed: {len(found.disputed)}")
    for item in found.disputed[:SHOWN]:
        answers = ", ".join(f"{words[:60]} {count}" for words, count in item.answers.items())
        print(f"  {item.id} ({item.task}): {answers}")
