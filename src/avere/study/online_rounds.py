"""Rounds of online training as stages: sample, make records, train, evaluate, then again with the new policy.

The reference of a round is the policy that answered in it: training begins with those weights, so that GRPO's
ratio and divergence, and the implicit rewards of preference losses, are to the policy whose answers they
judge.
"""

import shutil
from functools import partial
from pathlib import Path

from pydantic import ValidationError

from avere import analyse, files, models
from avere.analyse.summary import SUMMARY
from avere.construct.build import build_from_cues
from avere.errors import AvereError
from avere.evaluate import evaluate_model
from avere.interfaces import KeepsFeatures, Model
from avere.preference.merged import ADAPTER, merge_adapter
from avere.preference.online.prompts import CLIPS, PAIRS
from avere.preference.online.records import make_records, read_summary
from avere.preference.online.sample import sample_policy
from avere.preference.recipe import RunOptions
from avere.preference.train import train_policy
from avere.records import PreferencePair, jsonl, runs
from avere.report.rounds import draw_rounds
from avere.study._stages import Stages
from avere.study.online_recipe import OnlineRecipe
from avere.study.recipe import StudyWorld
from avere.study.round_results import PICTURE, ROUNDS, SHOWN, RoundResult, as_curves, as_table
from avere.world.make import make_world

RECIPE, TABLE = "recipe.json", "table.md"


class OnlineRounds:
    """One recipe in one folder; every stage can be stopped and goes on where it was.

    Args:
        recipe: what to do.
        out: the folder.
        cache: where features of media are kept; None: in the folder.
        base_run: what the base answered to the test questions; None: it is asked here.
    """

    def __init__(
        self, recipe: OnlineRecipe, out: Path, cache: Path | None = None, base_run: Path | None = None
    ) -> None:
        self.recipe = recipe
        self.out = out
        self._cache = cache or out / "cache"
        self._base_run = base_run

    def go(self, stages: Stages) -> None:
        """Do every stage that is not done yet, in order."""
        recipe = self.recipe
        if recipe.world is not None:
            stages.run("clips for prompts", partial(self._make, "prompts", recipe.world))
        if recipe.test is not None:
            stages.run("clips for the test", partial(self._make, "test", recipe.test))
        if self._questions is not None and self._base_run is None:
            stages.run("evaluate the base", partial(self._ask, 0))
        for number in range(1, recipe.rounds + 1):
            stages.run(f"round {number}: sample", partial(self._sample, number))
            stages.run(f"round {number}: records", partial(self._make_records, number))
            stages.run(f"round {number}: train", partial(self._train, number))
            if self._questions is not None:
                stages.run(f"round {number}: evaluate", partial(self._ask, number))

    @property
    def total(self) -> int:
        """Number of stages."""
        asked = self._questions is not None
        worlds = [self.recipe.world, self.recipe.test]
        base = asked and self._base_run is None
        return sum(one is not None for one in worlds) + base + self.recipe.rounds * (3 + asked)

    def results(self) -> list[RoundResult]:
        """Collect what came of the base and of each round."""
        found = [RoundResult(number=0, measures=self._measures(0))]
        for number in range(1, self.recipe.rounds + 1):
            told, info = (
                read_summary(self._place(number, "records")),
                runs.read_info(self._place(number, "samples")),
            )
            found.append(
                RoundResult(
                    number=number,
                    reference=None if info is None else info.models[0].fingerprint,
                    records=told["records"],
                    trained=self._is_trained(number),
                    rewards=told["rewards"],
                    habits=told["habits"],
                    measures=self._measures(number),
                )
            )
        return found

    def policy(self, number: int) -> str:
        """Name the policy at the end of a round; where rounds trained nothing, that of an earlier one."""
        trained = [each for each in range(number, 0, -1) if self._is_trained(each)]
        return str(self._place(trained[0], "policy")) if trained else self.recipe.base

    def start(self, number: int) -> str:
        """Name the policy at the beginning of a round as a model without adapter, to put a new one on."""
        trained = [each for each in range(number - 1, 0, -1) if self._is_trained(each)]
        if not trained:
            return self.recipe.base
        folder = self._place(trained[0], "policy")
        return str(self._place(trained[0], "merged") if (folder / ADAPTER).is_file() else folder)

    def _place(self, number: int, what: str) -> Path:
        return self.out / "rounds" / str(number) / what

    def _run(self, number: int) -> Path:
        given = self._base_run if number == 0 else None
        return given or self.out / "runs" / f"round-{number}"

    @property
    def _prompts(self) -> Path:
        return self.recipe.data if self.recipe.data is not None else self.out / "data" / "prompts"

    @property
    def _questions(self) -> Path | None:
        return self.out / "data" / "test" if self.recipe.test is not None else self.recipe.test_data

    def _is_trained(self, number: int) -> bool:
        return (self._place(number, "policy") / "metrics.json").is_file()

    def _make(self, name: str, world: StudyWorld) -> None:
        folder = self.out / "worlds" / name
        make_world(world.clips, world.split, world.seed, folder, world.identities)
        build_from_cues(folder, self.out / "data" / name, self.recipe.construction)

    def _sample(self, number: int) -> None:
        chosen = self.recipe.sampling
        seeded = chosen.model_copy(update={"seed": chosen.seed + number - 1})
        sample_policy(self._load(self.start(number)), self._prompts, seeded, self._place(number, "samples"))

    def _make_records(self, number: int) -> None:
        make_records(self._place(number, "samples"), self.recipe.learning, self._place(number, "records"))

    def _train(self, number: int) -> None:
        """Train the policy of a round, if there are records, and make it ready for the next one."""
        records = self._place(number, "records")
        if not any(jsonl.read(records / PAIRS, PreferencePair)):
            return
        changes = {
            "model.source": self.start(number),
            "data.pairs": records / PAIRS,
            "data.clips": records / CLIPS,
            "run.cache": self._cache,
            "run.cache_features": True,
        }
        policy, merged = self._place(number, "policy"), self._place(number, "merged")
        chosen = self.recipe.train(number, changes)
        train_policy(chosen, policy, resume=True)
        if (policy / ADAPTER).is_file() and number < self.recipe.rounds:
            shutil.rmtree(merged, ignore_errors=True)  # half of it may lie there
            merge_adapter(policy, merged, dtype=chosen.model.dtype)

    def _ask(self, number: int) -> None:
        folder = self._questions
        if folder is None:
            return
        run = self._run(number)
        evaluate_model(self._load(self.policy(number)), folder, run, recipe=self.recipe.evaluation)
        analyse.summarise_run(run)

    def _load(self, source: str) -> Model:
        model = models.load(source)
        if isinstance(model, KeepsFeatures):
            model.keep_features(self._cache / "asked", int(RunOptions().feature_cache_gb * 1e9))
        return model

    def _measures(self, number: int) -> dict[str, float]:
        run = self._run(number)
        if not (run / SUMMARY).is_file():
            return {}
        found = analyse.read_summary(run).conditions["av"].measures
        values = {name: found[name].value for name in SHOWN if name in found}
        return {name: value for name, value in values.items() if value is not None}


def run_rounds(
    recipe: OnlineRecipe, out: Path, cache: Path | None = None, base_run: Path | None = None
) -> list[RoundResult]:
    """Do every stage that is not done yet; write a line a round, a table and a plot.

    Raises:
        AvereError: ``out`` holds rounds of another recipe, or a stage failed; what is done is kept.
    """
    file = out / RECIPE
    if file.exists() and not _is_of(recipe, file):
        raise AvereError(f"'{out}' holds rounds of another recipe; give another --out")
    out.mkdir(parents=True, exist_ok=True)
    files.write_text(file, recipe.model_dump_json(indent=2) + "\n")
    rounds = OnlineRounds(recipe, out, cache, base_run)
    rounds.go(Stages(out, rounds.total))
    results = rounds.results()
    jsonl.write(out / ROUNDS, results)
    files.write_text(out / TABLE, as_table(results))
    if curves := as_curves(results):
        files.write_bytes(out / PICTURE, draw_rounds({each: {"policy": [curves[each]]} for each in curves}))
    return results


def _is_of(recipe: OnlineRecipe, file: Path) -> bool:
    """True where a stored recipe is this one; what an older version did not write has its default."""
    try:
        return OnlineRecipe.model_validate_json(file.read_bytes()) == recipe
    except ValidationError:
        return False
