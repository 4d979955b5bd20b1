"""What a recipe of a study may say: worlds, arms and seeds."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

from pydantic import Field, model_validator

from avere import catalogue, files, models, settings
from avere.construct.recipe import ConstructionRecipe as Construction
from avere.construct.recipe import Pairs
from avere.errors import AvereError, SettingsError, unknown_name
from avere.evaluate.recipe import EvaluationRecipe as Evaluation
from avere.settings import Settings
from avere.study.hypotheses import Hypothesis
from avere.study.search import ANCHOR, RATE, WEIGHT, Setting
from avere.world.plan import Split

BASE = "base"
PAIRS, TEST, DEVELOPMENT = "pairs", "test", "development"
"""Names of a study's own worlds."""


class StudyWorld(Settings):
    """Clips that are made for a study."""

    split: Split
    clips: int = Field(ge=1)
    identities: int = Field(ge=1)
    seed: int = Field(ge=0)


class Annotators(Settings):
    """Models that make pairs, as for ``avere construct``; ``{world}`` stands for the folder of the clips."""

    annotator: str
    validators: tuple[str, ...] = Field(min_length=1)


class OtherPairs(Settings):
    """Pairs that are made otherwise than those of the study, for the arms that name them."""

    world: StudyWorld | None = None
    """None: from the same clips."""
    annotated_by: Annotators | None = None
    """Who tells what is in the clips; None: their known cues are taken."""
    set: Mapping[str, Any] = Field(default_factory=dict)
    """What differs from ``construction.pairs``, by dotted key."""


class Arm(Settings):
    """One way of training the base, or of asking it otherwise without training."""

    recipe: str | None = None
    """A training recipe that comes with the package; None: nothing is trained."""
    wrapper: str | None = None
    """A model of the package around the base, such as ``vcd``, for an arm without recipe."""
    set: Mapping[str, Any] = Field(default_factory=dict)
    """What differs from the recipe, by dotted key, or from the wrapper's defaults."""
    online: str | None = None
    """A recipe of rounds that comes with the package: ``recipe`` trains them on the policy's own answers to
    the prompts of the pairs. None: the pairs themselves are learnt from."""
    rounds: Mapping[str, Any] = Field(default_factory=dict)
    """What differs from that recipe, by dotted key; it wins over what the study says of all rounds."""
    pairs: str | None = None
    """One of the study's ``other_pairs``; None takes its own."""
    rate_of: str | None = None
    """The arm whose search gives learning rate and anchor weight; None: this one's."""
    seeds: tuple[int, ...] | None = Field(default=None, min_length=1)
    """Of training; None: those of the study."""

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Self:
        if (self.recipe is None) == (self.wrapper is None):
            raise ValueError("an arm has either a recipe, by which it is trained, or a wrapper; give one")
        known = catalogue.names(models.PACKAGE)
        if self.wrapper is not None and self.wrapper not in known:
            raise ValueError(f"no model is called '{self.wrapper}'; known: {', '.join(known)}")
        if self.wrapper is not None and (self.pairs or self.rate_of or self.online):
            raise ValueError("an arm with a wrapper is not trained; leave out pairs, rate_of and online")
        if self.rounds and self.online is None:
            raise ValueError("rounds differ from a recipe of rounds; name it under online")
        return self


class Search(Settings):
    """How each arm finds its learning rate, and the weight of its anchor, on the development clips."""

    world: StudyWorld
    learning_rates: tuple[float, ...] = Field(min_length=1)
    anchor_weights: tuple[float, ...] = ()
    """For arms with an anchor, each with each learning rate; empty keeps the weights of the recipes."""

    def settings(self, arm: Arm) -> list[Setting]:
        """List what is tried for an arm."""
        anchored = arm.set.get(ANCHOR, "none") != "none" and WEIGHT not in arm.set
        weights = self.anchor_weights if anchored and self.anchor_weights else (None,)
        return [Setting(rate, weight) for rate in self.learning_rates for weight in weights]


class StudyRecipe(Settings):
    """A table: a base, arms that train it on the same pairs or wrap it, and one test set."""

    base: str = "tiny"
    """What ``avere.load`` takes."""
    pairs: StudyWorld
    records: int | None = Field(default=None, ge=1)
    """Of preference pairs, whatever the arm; None takes all."""
    test: StudyWorld
    construction: Construction = Construction()
    other_pairs: Mapping[str, OtherPairs] = Field(default_factory=dict)
    evaluation: Evaluation = Evaluation()
    search: Search | None = None
    """None takes the learning rates that the training recipes say."""
    set: Mapping[str, Any] = Field(default_factory=dict)
    """What differs from the training recipes of all arms, by dotted key; an arm's own ``set`` wins."""
    online: Mapping[str, Any] = Field(default_factory=dict)
    """What differs from the recipes of rounds, by dotted key."""
    watched: StudyWorld | None = None
    """Development clips that each round is asked after its training, where no search has such."""
    arms: Mapping[str, Arm] = Field(min_length=1)
    """In order of importance: they are trained and asked in this order, seed by seed."""
    curves: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    """What is drawn as curves: a dotted key of training recipes, and the arms that differ in it."""
    page: tuple[str, ...] | None = None
    """The arms that the report compares; None: all."""
    hypotheses: Mapping[str, Hypothesis] = Field(default_factory=dict)
    """What is expected, by name, written down before the test is asked; judged together."""
    seeds: tuple[int, ...] = Field(default=(0,), min_length=1)
    """Of training."""

    @property
    def trained(self) -> dict[str, Arm]:
        """The arms that are trained."""
        return {name: arm for name, arm in self.arms.items() if arm.recipe is not None}

    @property
    def wrapped(self) -> dict[str, Arm]:
        """The arms that ask the base otherwise."""
        return {name: arm for name, arm in self.arms.items() if arm.recipe is None}

    def seeds_of(self, name: str) -> tuple[int, ...]:
        """List the seeds of an arm."""
        return self.arms[name].seeds or self.seeds

    @property
    def development(self) -> StudyWorld | None:
        """The clips that settings are chosen on and rounds are watched on."""
        return self.search.world if self.search is not None else self.watched

    @property
    def searched(self) -> dict[str, Arm]:
        """The arms that look for a learning rate of their own."""
        if self.search is None or RATE in self.set:
            return {}
        return {n: arm for n, arm in self.trained.items() if arm.rate_of is None and RATE not in arm.set}

    def making(self, other: str | None) -> Construction:
        """Build the construction recipe of one of the other pairs or of the study's own.

        Raises:
            SettingsError: the other pairs set what no pairs have.
        """
        if other is None:
            return self.construction
        given = self.construction.pairs.model_dump()
        for dotted, value in self.other_pairs[other].set.items():
            settings.override(given, dotted, value)
        pairs = settings.check(given, Pairs, f"other_pairs.{other}.set")
        return self.construction.model_copy(update={"pairs": pairs})

    @model_validator(mode="after")
    def _names_can_be_folders(self) -> Self:
        try:
            for what, names in (("arm", self.arms), ("name of pairs", self.other_pairs)):
                for name in names:
                    files.safe_name(name, what)
        except AvereError as error:
            raise ValueError(str(error)) from error
        return self

    @model_validator(mode="after")
    def _worlds_are_apart(self) -> Self:
        if self.search is not None and self.watched is not None:
            raise ValueError("rounds are watched on the clips of the search; leave out watched")
        worlds = [self.pairs, self.test, *([self.development] if self.development else [])]
        worlds += [other.world for other in self.other_pairs.values() if other.world is not None]
        if len({world.seed for world in worlds}) < len(worlds):
            raise ValueError("pairs, development and test worlds share a seed; give each its own")
        return self

    @model_validator(mode="after")
    def _other_pairs_can_be_made(self) -> Self:
        for name in self.other_pairs:
            if name in (PAIRS, TEST, DEVELOPMENT):
                raise ValueError(f"other_pairs: '{name}' is a world of every study; give another name")
            try:
                self.making(name)
            except SettingsError as error:
                raise ValueError(str(error)) from error
        return self

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        for arm in self.arms.values():
            _refuse("other pairs", [arm.pairs] if arm.pairs else [], self.other_pairs)
            _refuse("searched arm", [arm.rate_of] if arm.rate_of else [], self.searched or self.trained)
        for one in self.hypotheses.values():
            _refuse("trained arm", [one.better], self.trained)
            _refuse("arm", [] if one.than == BASE else [one.than], self.arms)
        for names in self.curves.values():
            _refuse("trained arm", names, self.trained)
        _refuse("arm", self.page or (), self.arms)
        return self


def _refuse(kind: str, given: Sequence[str], known: Mapping[str, object]) -> None:
    for name in given:
        if name not in known:
            raise ValueError(str(unknown_name(kind, name, known)))
