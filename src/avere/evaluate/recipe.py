"""What a recipe of an evaluation may say."""

from collections.abc import Mapping
from typing import Any, Literal, Self, get_args

from pydantic import field_validator, model_validator

from avere import catalogue, settings
from avere.errors import SettingsError, unknown_name
from avere.evaluate.conditions import ROTATE, Condition
from avere.interfaces import BenchmarkModule
from avere.settings import Settings

Closed = Literal["log-prob", "reply", "both"]
"""How closed questions are answered: by the likeliest letter, in words, or both (then the words count)."""


class EvaluationRecipe(Settings):
    """How a benchmark is put to a model."""

    benchmark: str = "emorealm"
    data: Mapping[str, Any] = {}
    """Which part of the benchmark's data is asked, and how: what its ``Config`` has."""
    conditions: tuple[Condition, ...] = ("av",)
    closed: Closed = "log-prob"
    """Where a model cannot score responses, or its options tie, its reply is read whatever this says."""
    closed_tokens: int = 8
    """Most tokens of a reply to a closed question."""
    open_tokens: int = 40
    """Most tokens of a description."""
    clips_at_once: int = 8
    """How many clips are handed to the model together; what a model makes of it does not change scores."""
    seed: int = 0
    """Decides which other clip stands in under the swap conditions."""

    @field_validator("benchmark")
    @classmethod
    def _known(cls, name: str) -> str:
        known = catalogue.names("avere.benchmark")
        if name not in known:
            raise ValueError(str(unknown_name("benchmark", name, known)))
        return name

    @field_validator("conditions", mode="before")
    @classmethod
    def _accept_permute(cls, given: Any) -> Any:
        """Take ``permute``, the former name of ``rotate``."""
        return [ROTATE if name == "permute" else name for name in given] if isinstance(given, list) else given

    @field_validator("conditions")
    @classmethod
    def _each_once(cls, given: tuple[Condition, ...]) -> tuple[Condition, ...]:
        if not given or len(set(given)) != len(given):
            raise ValueError(f"name one or more of {', '.join(get_args(Condition))}, each once")
        if ROTATE in given and "av" not in given:
            raise ValueError(f"{ROTATE} rotates the options of av; name av beside it")
        return given

    @model_validator(mode="after")
    def _data_is_the_benchmarks(self) -> Self:
        try:
            self.config()
        except SettingsError as error:
            raise ValueError(str(error)) from error
        return self

    def config(self) -> Any:
        """Return the data section as the benchmark reads it.

        Raises:
            SettingsError: it says what the benchmark does not know, or lacks what it needs.
        """
        kind = catalogue.find("avere.benchmark", self.benchmark, BenchmarkModule).Config
        return settings.check(dict(self.data), kind, f"data of {self.benchmark}")
