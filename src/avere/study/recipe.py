"""What a recipe of a study may say: worlds, arms and seeds."""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import Field, model_validator

from avere import catalogue, models
from avere.construct.recipe import Recipe as Construction
from avere.evaluate.recipe import Recipe as Evaluation
from avere.settings import Settings
from avere.world.plan import Split


class World(Settings):
    """Clips that are made for a study."""

    split: Split
    clips: int = Field(ge=1)
    identities: int = Field(ge=1)
    seed: int = Field(ge=0)


class Arm(Settings):
    """One way of training the base, or of asking it otherwise without training."""

    recipe: str | None = None
    """A training recipe that comes with the package; None: nothing is trained."""
    wrapper: str | None = None
    """A model of the package around the base, such as ``vcd``, for an arm without recipe."""
    set: Mapping[str, Any] = Field(default_factory=dict)
    """What differs from the recipe, by dotted key, or from the wrapper's defaults."""

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Self:
        if (self.recipe is None) == (self.wrapper is None):
            raise ValueError("an arm has either a recipe, by which it is trained, or a wrapper; give one")
        known = catalogue.names(models.PACKAGE)
        if self.wrapper is not None and self.wrapper not in known:
            raise ValueError(f"no model is called '{self.wrapper}'; known: {', '.join(known)}")
        return self


class Search(Settings):
    """How each arm finds its learning rate on the development clips."""

    world: World
    learning_rates: tuple[float, ...] = Field(min_length=1)


class Recipe(Settings):
    """A table: a base, arms that train it on the same pairs or wrap it, and one test set."""

    base: str = "tiny"
    """What ``avere.load`` takes."""
    pairs: World
    records: int | None = Field(default=None, ge=1)
    """Of preference pairs; None takes all."""
    test: World
    construction: Construction = Construction()
    evaluation: Evaluation = Evaluation()
    search: Search | None = None
    """None takes the learning rates that the training recipes say."""
    arms: Mapping[str, Arm] = Field(min_length=1)
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

    @model_validator(mode="after")
    def _worlds_are_apart(self) -> Self:
        worlds = [self.pairs, self.test, *([self.search.world] if self.search else [])]
        if len({world.seed for world in worlds}) < len(worlds):
            raise ValueError("pairs, development and test worlds share a seed; give each its own")
        return self
