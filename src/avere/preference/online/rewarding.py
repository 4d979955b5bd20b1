"""Several rewards as one: a weighted mean of those that apply to a prompt, and what was wrong where none is.

A reward that raises, or gives no number between 0 and 1, is a fault of its own and never a low value.
"""

import math
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field, ValidationError, field_validator

from avere import catalogue
from avere.errors import AvereError
from avere.interfaces import RewardModule
from avere.preference.online.truth import PolicyAnswer, Truth, is_evasion
from avere.settings import Settings

REWARDS = "avere.preference.online.rewards"
WEIGHT = "weight"


class RewardPart(NamedTuple):
    """One reward of a sum."""

    name: str
    module: RewardModule
    config: Settings
    weight: float


class RewardRecipe(Settings):
    """Which rewards count, and how much."""

    sum: Annotated[Mapping[str, Mapping[str, Any]], Field(min_length=1)]
    """By name of the reward: its ``weight``, and what its ``Config`` may say."""
    on_fault: Literal["refuse", "skip"] = "refuse"
    """Where a reward raises or gives no number: stop, or leave the sample without a value and count it."""

    @cached_property
    def parts(self) -> tuple[RewardPart, ...]:
        """The rewards as what computes them, found once."""
        return tuple(
            RewardPart(name, module, config, float(given[WEIGHT]))
            for name, given in self.sum.items()
            for module, config in [_parsed(name, given)]
        )

    @field_validator("sum")
    @classmethod
    def _rewards_are_known(cls, parts: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Mapping[str, Any]]:
        if faults := [fault for name, given in parts.items() if (fault := _fault(name, given))]:
            raise ValueError("; ".join(faults))
        return parts


class RewardValue(NamedTuple):
    """What an answer earns."""

    value: float | None
    """Between 0 and 1; None where no reward applies, or one failed."""
    parts: Mapping[str, float]
    """Of the rewards that apply."""
    reason: str | None = None
    """Why there is no value."""


def reward_answer(answer: PolicyAnswer, truth: Truth, recipe: RewardRecipe) -> RewardValue:
    """Compute sum(weight * reward) / sum(weight) over the rewards that apply to the prompt.

    An answer that evades a yes/no question earns nothing: right cues would pay for it, and where the policy
    never finds the right verdict, the evasion would be its best answer.

    Raises:
        AvereError: a reward raised or gave no number between 0 and 1, and the recipe does not say to skip it.
    """
    share = 0.0 if is_evasion(answer.text, truth) else 1.0
    total = weights = 0.0
    values: dict[str, float] = {}
    for part in recipe.parts:
        found: float | None = None
        try:
            found = part.module.reward(answer, truth, part.config)
            fault = _not_a_value(found)
        except Exception as error:  # whatever it is: the recipe says what becomes of it
            fault = f"raised {type(error).__name__}: {' '.join(str(error).split())}"
        if fault is not None:
            return _fail(f"reward '{part.name}' {fault}", answer, recipe)
        if found is not None:
            values[part.name] = share * found
            total += part.weight * values[part.name]
            weights += part.weight
    if not weights:
        return RewardValue(None, {}, "no reward of the recipe applies to this prompt")
    return RewardValue(total / weights, values)


def _fail(fault: str, answer: PolicyAnswer, recipe: RewardRecipe) -> RewardValue:
    if recipe.on_fault == "refuse":
        raise AvereError(
            f"{fault}, for the answer '{answer.text[:80]}'; mend the reward, or set rewards.on_fault=skip to "
            "leave such samples out and count them"
        )
    return RewardValue(None, {}, fault)


def _not_a_value(found: object) -> str | None:
    """Say what is wrong with what a reward gave; None where nothing is."""
    if found is None:
        return None
    if not isinstance(found, int | float) or math.isnan(found) or not 0 <= found <= 1:
        return f"gave {found!r}, and a reward is a number between 0 and 1"
    return None


def _parsed(name: str, given: Mapping[str, Any]) -> tuple[RewardModule, Settings]:
    module = catalogue.find(REWARDS, name, RewardModule)
    return module, module.Config.model_validate({key: value for key, value in given.items() if key != WEIGHT})


def _fault(name: str, given: Mapping[str, Any]) -> str | None:
    """Say what is wrong with a part of a recipe; None where nothing is."""
    weight = given.get(WEIGHT)
    if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 < weight < math.inf:
        return f"{name}.weight: a number above 0 was expected, not {weight!r}"
    try:
        _parsed(name, given)
    except AvereError as error:
        return str(error)
    except ValidationError as error:
        return "; ".join(f"{name}.{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
    return None
