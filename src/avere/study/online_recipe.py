"""What a recipe of online training may say: prompts, rounds, rewards, and how each round trains."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import Field, model_validator

from avere import settings
from avere.construct.recipe import ConstructionRecipe as Construction
from avere.errors import SettingsError
from avere.evaluate.recipe import EvaluationRecipe as Evaluation
from avere.preference.online.records import LearningRecipe
from avere.preference.online.sample import SamplingRecipe
from avere.preference.recipe import TrainingRecipe
from avere.settings import Settings
from avere.study.recipe import StudyWorld


class RoundTraining(Settings):
    """How each round trains."""

    recipe: str
    """A training recipe that comes with the package."""
    set: Mapping[str, Any] = Field(default_factory=dict)
    """What differs from it, by dotted key."""


class OnlineRecipe(Settings):
    """Rounds of sampling, training and evaluation; each begins with the policy of the last one."""

    base: str = "tiny"
    """What ``avere.load`` takes."""
    world: StudyWorld | None = None
    """Clips that prompts are made of; None where ``data`` has prompts."""
    data: Path | None = None
    """Folder with pairs.jsonl, clips.jsonl and cues.jsonl."""
    test: StudyWorld | None = None
    """Clips whose questions are asked before the first round and after each."""
    test_data: Path | None = None
    """Folder with questions.jsonl and clips.jsonl instead; with neither nothing is asked."""
    construction: Construction = Construction()
    evaluation: Evaluation = Evaluation()
    rounds: int = Field(ge=1)
    sampling: SamplingRecipe = SamplingRecipe()
    """Its seed is that of the first round; each further round has the next one, and so other prompts."""
    learning: LearningRecipe
    training: RoundTraining
    seed: int = Field(default=0, ge=0)
    """Of the training of the first round; each further round has the next one."""

    def train(self, number: int, changes: Mapping[str, Any]) -> TrainingRecipe:
        """Build the training recipe of a round.

        Raises:
            SettingsError: it cannot be.
        """
        given: dict[str, Any] = {"base": self.training.recipe}
        for dotted, value in {"seed": self.seed + number - 1, **self.training.set, **changes}.items():
            settings.override(given, dotted, value)
        return settings.check(given, TrainingRecipe, f"training of round {number}")

    @model_validator(mode="after")
    def _prompts_come_from_one_place(self) -> Self:
        if (self.world is None) == (self.data is None):
            raise ValueError("prompts are either made of a world or read from data; give one of the two")
        if self.test is not None and self.test_data is not None:
            raise ValueError("questions are either made of a test world or read from test_data; give one")
        if self.world is not None and self.test is not None and self.world.seed == self.test.seed:
            raise ValueError("the worlds of prompts and test share a seed; give each its own")
        return self

    @model_validator(mode="after")
    def _answers_can_be_compared(self) -> Self:
        if self.sampling.count < 2 and self.learning.form != "best":
            raise ValueError(
                f"sampling.count={self.sampling.count} leaves no answers to compare for "
                f"learning.form={self.learning.form}; draw two or more"
            )
        return self

    @model_validator(mode="after")
    def _training_fits(self) -> Self:
        try:
            chosen = self.train(1, {})
        except SettingsError as error:
            raise ValueError(str(error)) from error
        if (chosen.loss["name"] == "grpo") != (self.learning.form == "groups"):
            raise ValueError(
                f"loss '{chosen.loss['name']}' does not learn from learning.form={self.learning.form}: "
                "groups are for grpo, pairs for preference losses, best for sft"
            )
        return self
