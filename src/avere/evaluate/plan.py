"""Listing all that a model will be asked, each item under a key that says exactly what it is."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from avere import __version__, prompts
from avere.benchmark import BenchmarkData, find_benchmark
from avere.errors import AvereError
from avere.evaluate import conditions
from avere.evaluate.conditions import Condition
from avere.evaluate.recipe import EvaluationRecipe
from avere.interfaces import BenchmarkModule, Prompt
from avere.records import Clip, Provenance, Question


class Item(NamedTuple):
    """One question under one condition."""

    key: str
    question: Question
    condition: str
    """As predictions bear it: ``rotate-1`` and so on under rotate."""
    prompt: Prompt
    options: tuple[str, ...]
    made_by: Provenance
    former_key: str
    """The key of version 0.1, which called its condition ``permute-1``; else the same as the key."""


class Shard(NamedTuple):
    """Which part of the work one of several processes does."""

    number: int = 0
    of: int = 1

    def holds(self, items: Sequence[Item]) -> bool:
        """True where a clip's items are this part's: by their key, whole clips, which share their media."""
        return int(items[0].key, 16) % self.of == self.number


def parse_shard(text: str) -> Shard:
    """Parse ``index/count``, which names a part.

    Raises:
        AvereError: it names none.

    >>> parse_shard("0/3")
    Shard(number=0, of=3)
    """
    index, _, count = text.partition("/")
    if index.isdecimal() and count.isdecimal() and int(index) < int(count):
        return Shard(int(index), int(count))
    raise AvereError(f"'{text}' is no part; give index/count, the first of three processes being 0/3")


def benchmark_of(recipe: EvaluationRecipe) -> BenchmarkModule:
    """Find the module of the recipe's benchmark."""
    return find_benchmark(recipe.benchmark)


def list_items(
    given: BenchmarkData, recipe: EvaluationRecipe, fingerprint: str
) -> Iterator[tuple[Item, ...]]:
    """Yield, condition by condition and clip by clip, all items of one clip together."""
    order = {name: place for place, name in enumerate(given.clips)}
    by_clip = sorted(given.questions, key=lambda question: order[question.clip])
    for condition in recipe.conditions:
        for name, questions in groupby(by_clip, key=lambda question: question.clip):
            clip = given.clips[name]
            other = conditions.donor(clip, given.donors, recipe.seed)
            found = tuple(
                _item(question, (clip, other), (condition, rotation), recipe, fingerprint)
                for question in questions
                for rotation in conditions.rotations_under(condition, question)
            )
            if found:
                yield found


def skipped_conditions(given: BenchmarkData, recipe: EvaluationRecipe) -> dict[Condition, str]:
    """Find the conditions of a recipe that would change nothing here, and why."""
    reasons = {
        condition: conditions.inapplicable(condition, tuple(given.clips.values()), given.questions)
        for condition in recipe.conditions
    }
    return {condition: reason for condition, reason in reasons.items() if reason is not None}


def without_idle(given: BenchmarkData, recipe: EvaluationRecipe) -> EvaluationRecipe:
    """Leave out the conditions of a recipe that would change nothing here.

    Raises:
        AvereError: none is left.
    """
    reasons = skipped_conditions(given, recipe)
    left = tuple(condition for condition in recipe.conditions if condition not in reasons)
    if not left:
        told = "; ".join(f"{condition}: {reason}" for condition, reason in reasons.items())
        raise AvereError(f"nothing to ask: {told}; name a condition that changes something")
    return recipe.model_copy(update={"conditions": left})


def _item(
    question: Question,
    clips: tuple[Clip, Clip | None],
    under: tuple[Condition, int],
    recipe: EvaluationRecipe,
    fingerprint: str,
) -> Item:
    """Put one question under a condition and a rotation of its options, ready to be asked."""
    clip, other = clips
    condition = conditions.name(*under)
    benchmark = benchmark_of(recipe)
    shown = conditions.rotate_options(question, under[1])
    prompt = conditions.apply(benchmark.prompt(shown, clip), under[0], other, recipe.seed)
    made_by = Provenance(
        recipe=f"evaluate/{recipe.benchmark}",
        prompt=prompts.digest(benchmark.template(question)),
        inputs=_sha(question.model_dump_json()),
        model=fingerprint,
        seed=recipe.seed,
        version=__version__,
    )
    given = (prompt.video, prompt.audio)
    media = [None if one is None else str(one.identity(missing_ok=True)) for one in given]
    tokens = recipe.closed_tokens if question.choices else recipe.open_tokens
    how_asked = [fingerprint, recipe.closed, tokens, recipe.seed]

    def key(condition: str) -> str:
        what = [made_by.inputs, made_by.prompt, condition, prompt.text, media]
        return _sha(json.dumps([what, how_asked]))

    former = key(condition.replace("rotate-", "permute-"))
    return Item(key(condition), question, condition, prompt, benchmark.options(shown), made_by, former)


def _sha(text: str) -> str:
    """Compute a digest long enough never to collide."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]
