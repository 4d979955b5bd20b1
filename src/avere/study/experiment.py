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
from avere.interfaces import KeepsFeatures
from avere.models import tiny
from avere.preference import recipe as training
from avere.preference.inputs import digest_model
from avere.preference.train import train_policy
from avere.recipes import locate_recipe
from avere.records import PreferencePair, jsonl
from avere.study._stages import Stages
from avere.study.online_recipe import OnlineRecipe
from avere.study.online_rounds import OnlineRounds, run_rounds
from avere.study.recipe import BASE, DEVELOPMENT, PAIRS, TEST, Annotators, Arm, StudyRecipe, StudyWorld
from avere.study.search import Measures, Setting, choose_setting
from avere.world.make import make_world

CACHE, ASKED = "cache", "asked"
"""What arms share in training, features of media and the base's values as a reference; and what is asked."""

ROUND_SEEDS = 100
"""How far apart the seeds of the rounds of two arms are, so that none is used twice."""

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
        if recipe.development is not None:
            worlds["clips for development"] = partial(self._make, DEVELOPMENT, recipe.development)
            searches = {"base on development": partial(self.ask, recipe.base, DEVELOPMENT, self._tried(BASE))}
        if recipe.search is not None:
            searches |= {
                f"search {name}, {setting.name}": partial(self.search, name, setting)
                for name, arm in recipe.searched.items()
                for setting in recipe.search.settings(arm)
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
        places = [(seed, name) for name in recipe.trained for seed in recipe.seeds_of(name)]
        for seed in sorted({seed for seed, _ in places}):
            for name in (name for own, name in places if own == seed):
                cells[self.stage(name, seed)] = partial(self.fill, name, seed)
        return cells

    def inputs(self, stage: str) -> dict[str, str]:
        """Compute the digests of what a stage that asks models starts from; worlds start from nothing.

        The base counts by its files, pairs and questions by their content.
        """
        recipe = self.recipe
        data, cells = {}, {*self.cells()}
        for name, arm in recipe.trained.items():
            tried = recipe.search.settings(arm) if recipe.search else ()
            searches = {f"search {name}, {setting.name}" for setting in tried}
            if stage in searches | {self.stage(name, seed) for seed in recipe.seeds_of(name)}:
                data["pairs"] = self.out / "data" / (arm.pairs or PAIRS) / "pairs.jsonl"
            if stage in searches or stage == "base on development":
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
        for name, arm in self.recipe.trained.items():
            check = self.training if arm.online is None else self.rounds
            check(arm, self.recipe.seeds_of(name)[0], None)
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
        """Train one arm with one seed, at the setting that the search chose, and ask it the test."""
        policy = self._train(name, seed, self.chosen(name), self.weights(name, seed))
        self.ask(policy, TEST, self.run(name, seed))

    def search(self, name: str, setting: Setting) -> None:
        """Train an arm at one setting and ask it the development questions."""
        place = self._tried(name, setting)
        policy = self._train(name, self.recipe.seeds_of(name)[0], setting, place / "model")
        self.ask(policy, DEVELOPMENT, place / "run")

    def tried(self, name: str) -> dict[Setting, Measures]:
        """Read what each setting of an arm reached on the development clips; nothing where none was tried."""
        searched = self.recipe.arms[name].rate_of or name
        if self.recipe.search is None or searched not in self.recipe.searched:
            return {}
        settings_ = self.recipe.search.settings(self.recipe.arms[searched])
        return {setting: _measures(self._tried(searched, setting) / "run") for setting in settings_}

    def chosen(self, name: str) -> Setting | None:
        """Choose the setting of an arm; None where the training recipe says it."""
        tried = self.tried(name)
        return choose_setting(tried, _measures(self._tried(BASE))) if tried else None

    def ask(self, source: str, data: str, run: Path, options: Mapping[str, Any] | None = None) -> None:
        """Evaluate a model on one of the data folders; all models look for features of media in one place."""
        model = models.load(source, **(options or {}))
        if isinstance(model, KeepsFeatures):
            limit = int(training.RunOptions().feature_cache_gb * 1e9)
            model.keep_features(self.out / CACHE / ASKED, limit)
        evaluate_model(model, self.out / "data" / data, run, recipe=self.recipe.evaluation)
        analyse.summarise_run(run)

    def training(self, arm: Arm, seed: int, setting: Setting | None) -> training.TrainingRecipe:
        """Return the training recipe of an arm with one seed."""
        folder = self.out / "data" / (arm.pairs or PAIRS)
        changes: dict[str, Any] = {
            "model.source": self.recipe.base,
            "data.pairs": folder / "pairs.jsonl",
            "data.clips": folder / "clips.jsonl",
            "seed": seed,
            "run.cache": self.out / CACHE,
            "run.cache_features": True,
            "cache_reference": True,
            **self._changes(arm, setting),
        }
        data: dict[str, Any] = {"base": arm.recipe}
        for dotted, value in changes.items():
            settings.override(data, dotted, value)
        return settings.check(data, training.TrainingRecipe, f"arm on {arm.recipe}")

    def rounds(self, arm: Arm, seed: int, setting: Setting | None) -> OnlineRecipe:
        """Return the recipe of the rounds of an arm with one seed; the rounds have seeds of their own."""
        assert arm.online is not None
        data = settings.read_plain(locate_recipe(arm.online, "online"))
        changes: dict[str, Any] = {
            "base": self.recipe.base,
            "data": self.out / "data" / (arm.pairs or PAIRS),
            "world": None,
            "test": None,
            "test_data": self.out / "data" / DEVELOPMENT if self.recipe.development else None,
            **self.recipe.online,
            **arm.rounds,
            "sampling.seed": ROUND_SEEDS * seed,
            "seed": ROUND_SEEDS * seed,
            "training": {"recipe": arm.recipe, "set": self._changes(arm, setting)},
        }
        for dotted, value in changes.items():
            settings.override(data, dotted, value)
        return settings.check(data, OnlineRecipe, f"arm on {arm.online}")

    def _changes(self, arm: Arm, setting: Setting | None) -> dict[str, Any]:
        """List what differs from the training recipe of an arm, by dotted key."""
        return {**self.recipe.set, **({} if setting is None else setting.changes()), **arm.set}

    def _train(self, name: str, seed: int, setting: Setting | None, out: Path) -> str:
        """Train an arm, and name what came of it as a model."""
        arm = self.recipe.arms[name]
        if arm.online is None:
            train_policy(self.training(arm, seed, setting), out, resume=True)
            return str(out)
        recipe = self.rounds(arm, seed, setting)
        run_rounds(recipe, out, self.out / CACHE, self._tried(BASE) if self.recipe.development else None)
        return OnlineRounds(recipe, out).policy(recipe.rounds)

    def _tried(self, name: str, setting: Setting | None = None) -> Path:
        return self.out / "search" / (name if setting is None else f"{name}-{setting.name}")

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


def _measures(run: Path) -> Measures:
    return analyse.read_summary(run).conditions["av"].measures


def _team(annotators: Annotators, world: Path) -> Team:
    """Load who makes pairs from the clips of a folder; who has both parts is loaded once."""
    sources = (annotators.annotator, *annotators.validators)
    loaded = {source: models.load(source.replace("{world}", str(world))) for source in dict.fromkeys(sources)}
    return Team(loaded[annotators.annotator], tuple(loaded[source] for source in annotators.validators))
