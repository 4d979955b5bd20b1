"""The experiment: arms train one base on the same pairs and answer the same test, seed by seed."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from avere import analyse, files, models, settings
from avere.analyse.summary import SUMMARY
from avere.annotate.run import Team, construct_from_clips
from avere.construct.build import build_from_cues
from avere.construct.pairs import first_pairs
from avere.evaluate import evaluate_model
from avere.models import tiny
from avere.preference import recipe as training
from avere.preference.inputs import digest_model
from avere.preference.train import train_policy
from avere.records import PreferencePair, jsonl
from avere.study._stages import Stages
from avere.study.recipe import DEVELOPMENT, PAIRS, RATE, TEST, Annotators, Arm, StudyRecipe, StudyWorld
from avere.world.make import make_world

BASE = "base"
TUNED = (*analyse.HEADLINE, "description/supporting")
"""What learning rates are chosen by and what is printed at the end."""
Works = dict[str, Callable[[], object]]
"""Stages by name."""


class Experiment:
    """One recipe in one folder; every step can be stopped and goes on where it was."""

    def __init__(self, recipe: StudyRecipe, out: Path) -> None:
        self.recipe = recipe
        self.out = out

    def stages(self) -> list[Works]:
        """List the stages by name: groups in order, stages of a group in any order."""
        recipe = self.recipe
        worlds: Works = {
            "clips for pairs": partial(self._make, PAIRS, recipe.pairs),
            "clips for the test": partial(self._make, TEST, recipe.test),
        }
        searches: Works = {}
        if recipe.search is not None:
            worlds["clips for development"] = partial(self._make, DEVELOPMENT, recipe.search.world)
            searches = {
                f"search {name}, {rate:g}": partial(self.search, name, rate)
                for name in recipe.searched
                for rate in recipe.search.learning_rates
            }
        others: Works = {
            f"other pairs, {name}": partial(self._make, name, other.world)
            for name, other in recipe.other_pairs.items()
        }
        return [worlds, others, searches, self.cells()]

    def cells(self) -> Works:
        """List the stages that fill the table: base and wrappers asked, then every arm trained and asked."""
        recipe = self.recipe
        cells: Works = {self.stage(BASE): partial(self.ask, recipe.base, TEST, self.run(BASE))}
        for name, arm in recipe.wrapped.items():
            source = f"{arm.wrapper}:{recipe.base}"
            cells[self.stage(name)] = partial(self.ask, source, TEST, self.run(name), arm.set)
        for seed in recipe.seeds:
            for name in recipe.trained:
                cells[self.stage(name, seed)] = partial(self.fill, name, seed)
        return cells

    def inputs(self, stage: str) -> dict[str, str]:
        """Compute the digests of what a stage that asks models starts from; worlds start from nothing.

        The base counts by its files, pairs and questions by their content.
        """
        recipe = self.recipe
        rates = recipe.search.learning_rates if recipe.search else ()
        data, cells = {}, {*self.cells()}
        for name, arm in recipe.trained.items():
            searches = {f"search {name}, {rate:g}" for rate in rates}
            if stage in searches | {self.stage(name, seed) for seed in recipe.seeds}:
                data["pairs"] = self.out / "data" / (arm.pairs or PAIRS) / "pairs.jsonl"
            if stage in searches:
                data["questions"] = self.out / "data" / DEVELOPMENT / "questions.jsonl"
        if stage in cells:
            data["questions"] = self.out / "data" / TEST / "questions.jsonl"
        if not data:
            return {}
        found = {name: files.digest(path) for name, path in data.items() if path.is_file()}
        folder = tiny.SHIPPED if recipe.base == "tiny" else Path(recipe.base)
        return {"base": digest_model(folder), **found} if folder.is_dir() else found

    def go(self, stages: Stages, workers: int = 1) -> None:
        """Do every step that is not done yet, so many at a time.

        Raises:
            AvereError: a training recipe cannot be, or steps failed.
        """
        for arm in self.recipe.trained.values():
            self.training(arm, self.recipe.seeds[0], None)
        for group in self.stages():
            stages.together(group, workers)

    def weights(self, name: str, seed: int) -> Path:
        """Name the folder of an arm's trained weights."""
        return self.out / "models" / f"{name}-{seed}"

    def run(self, name: str, seed: int | None = None) -> Path:
        """Return the folder of an arm's answers to the test; what is not trained has one for all seeds."""
        seeded = seed is not None and name in self.recipe.trained
        return self.out / "runs" / (f"{name}-{seed}" if seeded else name)

    def stage(self, name: str, seed: int | None = None) -> str:
        """Return the name of the stage that fills a cell."""
        return f"evaluate {name}" if seed is None else f"train and evaluate {name}, seed {seed}"

    def is_filled(self, name: str, seed: int | None = None) -> bool:
        """True where an arm's answers to the test are there, with their numbers."""
        return (self.run(name, seed) / SUMMARY).is_file()

    def fill(self, name: str, seed: int) -> None:
        """Train one arm with one seed, at the learning rate that the search found, and ask it the test."""
        rates = self.rates(name)
        rate = max(rates, key=lambda each: rates[each]) if rates else None
        self._train(name, seed, rate, self.weights(name, seed))
        self.ask(str(self.weights(name, seed)), TEST, self.run(name, seed))

    def search(self, name: str, rate: float) -> None:
        """Train an arm at one learning rate and ask it the development questions."""
        place = self._tried(name, rate)
        self._train(name, self.recipe.seeds[0], rate, place / "model")
        self.ask(str(place / "model"), DEVELOPMENT, place / "run")

    def rates(self, name: str) -> dict[float, float]:
        """Return the mean of the measures to tune on the development clips for each learning rate."""
        found: dict[float, float] = {}
        searched = self.recipe.arms[name].rate_of or name
        if self.recipe.search is None or searched not in self.recipe.searched:
            return found
        for rate in self.recipe.search.learning_rates:
            measures = analyse.read_summary(self._tried(searched, rate) / "run").conditions["av"].measures
            values = [measures[tuned].value for tuned in TUNED]
            found[rate] = sum(value or 0.0 for value in values) / len(values)
        return found

    def ask(self, source: str, data: str, run: Path, options: Mapping[str, Any] | None = None) -> None:
        """Evaluate a model on one of the data folders."""
        evaluate_model(
            models.load(source, **(options or {})),
            self.out / "data" / data,
            run,
            recipe=self.recipe.evaluation,
        )
        analyse.summarise_run(run)

    def training(self, arm: Arm, seed: int, rate: float | None) -> training.TrainingRecipe:
        """Return the training recipe of an arm with one seed."""
        folder = self.out / "data" / (arm.pairs or PAIRS)
        changes: dict[str, Any] = {
            "model.source": self.recipe.base,
            "data.pairs": folder / "pairs.jsonl",
            "data.clips": folder / "clips.jsonl",
            "seed": seed,
            **self.recipe.set,
            **({} if rate is None else {RATE: rate}),
            **arm.set,
        }
        data: dict[str, Any] = {"base": arm.recipe}
        for dotted, value in changes.items():
            settings.override(data, dotted, value)
        return settings.check(data, training.TrainingRecipe, f"arm on {arm.recipe}")

    def _train(self, name: str, seed: int, rate: float | None, out: Path) -> None:
        train_policy(self.training(self.recipe.arms[name], seed, rate), out, resume=True)

    def _tried(self, name: str, rate: float) -> Path:
        return self.out / "search" / f"{name}-{rate:g}"

    def _make(self, name: str, world: StudyWorld | None) -> None:
        """Make the clips of one world, unless it is that of the pairs, and build its questions and pairs."""
        recipe = self.recipe
        folder = self.out / "worlds" / (PAIRS if world is None else name)
        if world is not None:
            make_world(world.clips, world.split, world.seed, folder, world.identities)
        other = recipe.other_pairs.get(name)
        making = recipe.making(name if other else None)
        data = self.out / "data" / name
        if other and other.annotated_by:
            construct_from_clips(folder, data, making, _team(other.annotated_by, folder))
        else:
            build_from_cues(folder, data, making)
        if name not in (TEST, DEVELOPMENT) and recipe.records is not None:
            made = list(jsonl.read(data / "pairs.jsonl", PreferencePair))
            jsonl.write(data / "pairs.jsonl", first_pairs(made, recipe.records, making.pairs))


def _team(annotators: Annotators, world: Path) -> Team:
    """Load who makes pairs from the clips of a folder; who has both parts is loaded once."""
    sources = (annotators.annotator, *annotators.validators)
    loaded = {source: models.load(source.replace("{world}", str(world))) for source in dict.fromkeys(sources)}
    return Team(loaded[annotators.annotator], tuple(loaded[source] for source in annotators.validators))
