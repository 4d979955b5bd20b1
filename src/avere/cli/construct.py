"""The verb ``construct``: from clips to questions and preference pairs, by known cues or by annotators."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from avere.cli._early import check_paths, given_options
from avere.cli._tables import open_console
from avere.errors import AvereError

if TYPE_CHECKING:
    from avere.annotate.costs import StageEstimate
    from avere.annotate.run import Team
    from avere.construct.construction import Construction
    from avere.construct.recipe import ConstructionRecipe
    from avere.interfaces import Responder

ROAD = "Make data"
Overrides = Annotated[list[str] | None, typer.Option("--set", help="key.sub=value, in the recipe.")]


def construct(
    folder: Annotated[
        Path, typer.Argument(help="Folder with clips.jsonl, and cues.jsonl if they are known.")
    ],
    *,
    out: Annotated[Path, typer.Option(help="Folder for questions.jsonl, pairs.jsonl and clips.jsonl.")],
    recipe: Annotated[
        str | None, typer.Option(help="File or shipped recipe: emoworld, or annotated with --annotator.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Replaces the recipe's seed.")] = None,
    annotator: Annotated[
        str | None, typer.Option(help="Model that describes each modality by itself.")
    ] = None,
    validator: Annotated[
        list[str] | None, typer.Option(help="Another model, which checks every cue; may be repeated.")
    ] = None,
    blind: Annotated[
        list[str] | None, typer.Option(help="Model asked the questions without media; may be repeated.")
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Ask once more what failed in an earlier run.")
    ] = False,
    verdicts: Annotated[
        Path | None, typer.Option(help="What people decided of queue.jsonl: lines of id and keep or drop.")
    ] = None,
    device: Annotated[str | None, typer.Option(help="For models that run here: auto, cpu, cuda, ...")] = None,
    budget: Annotated[
        float | None,
        typer.Option(min=0, help="Most to spend on each model behind an API, in the prices' currency."),
    ] = None,
    engine: Annotated[
        Literal["asyncio", "ray"], typer.Option(help="Who asks: this process, or the workers of Ray.")
    ] = "asyncio",
    workers: Annotated[int, typer.Option(min=1, help="Of each model, with --engine ray.")] = 2,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print calls and price at most; ask nothing.")
    ] = False,
    overrides: Overrides = None,
) -> None:
    """Make EmoReAlM questions and preference pairs from clips.

    From known cues: avere construct worlds/balanced --out data/balanced --set pairs.yes_no=0.5

    By annotators, resumed by the same command: avere construct clips --annotator A --validator B --out data
    """
    chosen = _recipe(recipe or ("annotated" if annotator else "emoworld"), seed, overrides)
    check_paths(None if dry_run else out, None)
    if annotator is not None:
        sources = {"annotator": [annotator], "validator": validator or [], "blind": blind or []}
        spread = workers if engine == "ray" and not dry_run else 0
        load = partial(_load, given_options(device=device, budget=budget), spread)
        _refuse_unusable(folder, chosen)
        _annotated(folder, None if dry_run else out, chosen, _team(sources, load, verdicts), again)
        return
    if any((validator, blind, again, verdicts, dry_run)):
        raise AvereError(
            "--validator, --blind, --again, --verdicts and --dry-run go with --annotator; name that model"
        )
    _direct(folder, out, chosen)


def _refuse_unusable(folder: Path, recipe: "ConstructionRecipe") -> None:
    """Tell of a wrong folder before models are loaded."""
    from avere.annotate.run import usable_clips

    usable_clips(folder, recipe.annotation)


def _direct(folder: Path, out: Path, recipe: "ConstructionRecipe") -> None:
    """Build from known cues and say what came of it."""
    from avere.construct.build import build_from_cues

    asked, made = build_from_cues(folder, out, recipe)
    _count("questions", (f"{q.task} {q.kind or ''}".strip() for q in asked))
    _count("pairs", (pair.target for pair in made.pairs))
    _count("corrupted inputs", (pair.corruption.reason or "valid" for pair in made.pairs))
    _count("pairs that could not be made", made.skipped.elements())
    print(out)


def _recipe(name: str, seed: int | None, overrides: list[str] | None) -> "ConstructionRecipe":
    from avere import settings
    from avere.construct.recipe import ConstructionRecipe
    from avere.recipes import locate_recipe

    path = locate_recipe(name, "construct")
    chosen = settings.read(path, ConstructionRecipe, overrides or [])
    return chosen if seed is None else chosen.model_copy(update={"seed": seed})


def _load(options: Mapping[str, object], workers: int, source: str) -> "Responder":
    """Load a model here, or in so many workers of Ray."""
    import avere
    from avere.annotate.ray import Spread

    if workers:
        return Spread(avere.load, source, options, workers)
    return avere.load(source, **options)


def _team(
    sources: Mapping[str, list[str]], load: Callable[[str], "Responder"], verdicts: Path | None
) -> "Team":
    """Load the models that take part; one with several parts is loaded once."""
    from avere.annotate import decisions
    from avere.annotate.run import Team

    loaded = {source: load(source) for source in dict.fromkeys(chain(*sources.values()))}
    roles = {role: tuple(loaded[source] for source in found) for role, found in sources.items()}
    people = {} if verdicts is None else decisions.read(verdicts)
    return Team(roles["annotator"][0], roles["validator"], roles["blind"], people)


def _annotated(
    folder: Path,
    out: Path | None,
    recipe: "ConstructionRecipe",
    team: "Team",
    again: bool,
) -> None:
    """Run the stages and say what came of it."""
    from avere.annotate.run import construct_from_clips

    if out is None:
        from avere.annotate.costs import estimate_stages

        _foretell(estimate_stages(folder, recipe, team))
        return
    with _progress() as watch:
        made = construct_from_clips(folder, out, recipe, team, again=again, watch=watch)
    _tell(made)
    print(out)


@contextmanager
def _progress() -> Iterator[Callable[[str], Callable[[], None]]]:
    """Show the answers of each stage as they come."""
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TextColumn("{task.completed} answers"))
    with Progress(*columns, TimeElapsedColumn(), console=open_console(stderr=True), transient=True) as bar:

        def watch(stage: str) -> Callable[[], None]:
            task = bar.add_task(stage, total=None)
            return lambda: bar.advance(task)

        yield watch


def _foretell(stages: Sequence["StageEstimate"]) -> None:
    """Print what would be asked and what it would cost."""
    for one in stages:
        print(f"{one.stage:<9} at most {one.calls:>8,} calls  {one.model}")
        if (told := one.estimate) is not None:
            price = _price(told.cost, told.currency)
            print(f"{'':<9} {told.input_tokens:,} tokens sent, {told.output_tokens:,} at most back, {price}")
    told_all = [one.estimate for one in stages if one.estimate is not None]
    for currency in sorted({one.currency for one in told_all}):
        costs = [one.cost for one in told_all if one.currency == currency]
        known = [cost for cost in costs if cost is not None]
        print(f"together  {_price(sum(known) if len(known) == len(costs) else None, currency)}")
    print("Later stages are taken to hear of eight cues a side. Repairs of unreadable answers come on top.")
    print("Nothing was asked or written.")


def _price(cost: float | None, currency: str) -> str:
    return "price not known" if cost is None else f"about {cost:,.4g} {currency}"


def _tell(made: "Construction") -> None:
    """Print what was made, what was lost, and what to beware of."""
    print(f"clips: {made.clips['read']} read, {made.clips['useful']} of use")
    for title, counts in (("questions", made.questions), ("left out", made.dropped)):
        _count(title, (f"{a} {b}" for a, found in counts.items() for b, n in found.items() for _ in range(n)))
    for title, found in (
        ("pairs", made.pairs),
        ("corrupted inputs", made.corrupted_inputs),
        ("replacements", made.replacements),
        ("could not be made", made.not_made),
    ):
        _count(title, Counter(found).elements())
    print(f"calls: {sum(cost.calls for cost in made.costs)}; cues for people to decide: {made.waiting}")
    for warning in made.warnings:
        print(f"warning: {warning}")


def _count(title: str, names: Iterable[str]) -> None:
    """Print how often each name occurs."""
    found = Counter(names)
    print(f"{title}: {found.total()}")
    for name, count in sorted(found.items()):
        print(f"  {count:>6}  {name}")
