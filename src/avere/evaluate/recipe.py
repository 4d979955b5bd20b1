"""What a recipe of an evaluation may say."""

from typing import Literal, get_args

from pydantic import field_validator

from avere import catalogue
from avere.errors import unknown
from avere.evaluate.conditions import Condition
from avere.settings import Settings

Closed = Literal["log-prob", "reply", "both"]
"""How closed questions are answered: by the likeliest letter, in words, or both (then the words count)."""


class Recipe(Settings):
    """How a benchmark is put to a model."""

    benchmark: str = "emorealm"
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
            raise ValueError(str(unknown("benchmark", name, known)))
        return name

    @field_validator("conditions")
    @classmethod
    def _each_once(cls, given: tuple[Condition, ...]) -> tuple[Condition, ...]:
        if not given or len(set(given)) != len(given):
            raise ValueError(f"name one or more of {', '.join(get_args(Condition))}, each once")
        return given
