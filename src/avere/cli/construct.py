"""The verb ``construct``: from clips and their cues to questions and preference pairs."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer


def construct(
    world: Annotated[Path, typer.Argument(help="Folder with clips.jsonl and cues.jsonl.")],
    out: Annotated[Path, typer.Option(help="Folder for questions.jsonl, pairs.jsonl and clips.jsonl.")],
    recipe: Annotated[str, typer.Option(help="A file, or the name of a shipped recipe.")] = "emoworld",
    seed: Annotated[int | None, typer.Option(help="Replaces the recipe's seed.")] = None,
    overrides: Annotated[
        list[str] | None, typer.Option("--set", help="key.sub=value, to change the recipe.")
    ] = None,
) -> None:
    """Make EmoReAlM questions and preference pairs from what is known of clips; no model takes part.

    For example: avere construct worlds/balanced --out data/balanced --set pairs.yes_no=0.5
    """
    from avere.cli import recipes
    from avere.construct.build import build
    from avere.construct.recipe import Recipe
    from avere.settings import read

    path = Path(recipe) if Path(recipe).is_file() else recipes.locate(recipe)
    chosen = read(path, Recipe, overrides or [])
    if seed is not None:
        chosen = chosen.model_copy(update={"seed": seed})
    asked, made = build(world, out, chosen)
    _count("questions", (f"{q.task} {q.kind or ''}".strip() for q in asked))
    _count("pairs", (pair.target for pair in made.pairs))
    _count("corrupted inputs", (pair.corruption.reason or "valid" for pair in made.pairs))
    _count("pairs that could not be made", made.skipped.elements())
    print(out)


def _count(title: str, names: Iterable[str]) -> None:
    """Print how often each name occurs."""
    found = Counter(names)
    print(f"{title}: {found.total()}")
    for name, count in sorted(found.items()):
        print(f"  {count:>6}  {name}")
