"""The experiment: arms train one base on the same pairs and answer the same test, seed by seed."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from avere import analyse, models
from avere.construct.build import build
from avere.evaluate import evaluate
from avere.preference import recipe as training
from avere.preference.train import train
from avere.records import PreferencePair, jsonl
from avere.settings import check
from avere.study._stages import Stages
from avere.study.recipe import Arm, Recipe, World
from avere.world.make import make

BASE = "base"


class Experiment:
    """One recipe in one folder; every step can be stopped and goes on where it was."""

    def __init__(self, recipe: Recipe, out: Path) -> None:
        self.recipe = recipe
        self.out = out

    def stages(self) -> list[dict[str, Callable[[], object]]]:
        """Return what is to be done, by name: groups in order, stages of a group in any order."""
        recipe = self.recipe
        worlds: dict[str, Callable[[], object]] = {
            "clips for pairs": partial(self._make, "pairs", recipe.pairs),
            "clips for the test": partial(self._make, "test", recipe.test),
        }
        searches: dict[str, Callable[[], object]] = {}
        if recipe.search is not None:
            worlds["clips for development"] = partial(self._make, "development", recipe.search.world)
            searches = {
                f"search {name}, {rate:g}": partial(self.search, name, rate)
                for name in recipe.trained
                for rate in recipe.search.learning_rates
            }
        trained: dict[str, Callable[[], object]] = {}
        asked: dict[str, Callable[[], object]] = {
            f"evaluate {BASE}": partial(self.ask, recipe.base, "test", self.run(BASE))
        }
        for name, arm in recipe.wrapped.items():
            source = f"{arm.wrapper}:{recipe.base}"
            asked[f"evaluate {name}"] = partial(self.ask, source, "test", self.run(name), arm.set)
        for seed in recipe.seeds:
            for name in recipe.trained:
                source = str(self.weights(name, seed))
                trained[f"train {name}, seed {seed}"] = partial(self.train, name, seed)
                asked[f"evaluate {name}, seed {seed}"] = partial(
                    self.ask, source, "test", self.run(name, seed)
                )
        return [worlds, searches, trained, asked]

    def go(self, workers: int = 1) -> Stages:
        """Do every step that is not done yet, so many at a time."""
        groups = self.stages()
        stages = Stages(self.out, total=sum(map(len, groups)) + 1)
        for group in groups:
            stages.together(group, workers)
        return stages

    def weights(self, name: str, seed: int) -> Path:
        """Return where an arm's trained weights stand."""
        return self.out / "models" / f"{name}-{seed}"

    def run(self, name: str, seed: int | None = None) -> Path:
        """Return the folder of an arm's answers to the test; what is not trained has one for all seeds."""
        seeded = seed is not None and name in self.recipe.trained
        return self.out / "runs" / (f"{name}-{seed}" if seeded else name)

    def train(self, name: str, seed: int) -> None:
        """Train one arm with one seed, at the learning rate that the search found."""
        rates = self.rates(name)
        rate = max(rates, key=lambda each: rates[each]) if rates else None
        self._train(name, seed, rate, self.weights(name, seed))

    def search(self, name: str, rate: float) -> None:
        """Train an arm at one learning rate and ask it the development questions."""
        place = self._tried(name, rate)
        self._train(name, self.recipe.seeds[0], rate, place / "model")
        self.ask(str(place / "model"), "development", place / "run")

    def rates(self, name: str) -> dict[float, float]:
        """Return the mean of the headline measures on the development clips for each learning rate."""
        found = {}
        for rate in self.recipe.search.learning_rates if self.recipe.search else ():
            measures = analyse.read_summary(self._tried(name, rate) / "run").conditions["av"].measures
            values = [measures[headline].value for headline in analyse.HEADLINE]
            found[rate] = sum(value or 0.0 for value in values) / len(values)
        return found

    def ask(self, source: str, data: str, run: Path, options: Mapping[str, Any] | None = None) -> None:
        """Evaluate a model on one of the data folders."""
        evaluate(
            models.load(source, **(options or {})),
            self.out / "data" / data,
            run,
            recipe=self.recipe.evaluation,
        )
        analyse.summarise(run)

    def training(self, arm: Arm, seed: int, rate: float | None) -> training.Recipe:
        """Return the training recipe of an arm with one seed."""
        folder = self.out / "data" / "pairs"
        changes: dict[str, Any] = {
            "model.source": self.recipe.base,
            "data.pairs": folder / "pairs.jsonl",
            "data.clips": folder / "clips.jsonl",
            "seed": seed,
            **({} if rate is None else {"optimiser.learning_rate": rate}),
            **arm.set,
        }
        data: dict[str, Any] = {"base": arm.recipe}
        for dotted, value in changes.items():
            section, _, key = dotted.partition(".")
            if key:
                data[section] = {**data.get(section, {}), key: value}
            else:
                data[section] = value
        return check(data, training.Recipe, f"arm on {arm.recipe}")

    def _train(self, name: str, seed: int, rate: float | None, out: Path) -> None:
        train(self.training(self.recipe.arms[name], seed, rate), out, resume=True)

    def _tried(self, name: str, rate: float) -> Path:
        return self.out / "search" / f"{name}-{rate:g}"

    def _make(self, name: str, world: World) -> None:
        """Make the clips of one world and build its questions and pairs."""
        folder = self.out / "worlds" / name
        make(world.clips, world.split, world.seed, folder, world.identities)
        data = self.out / "data" / name
        build(folder, data, self.recipe.construction)
        if name == "pairs" and self.recipe.records is not None:
            kept = list(jsonl.read(data / "pairs.jsonl", PreferencePair))[: self.recipe.records]
            jsonl.write(data / "pairs.jsonl", kept)
